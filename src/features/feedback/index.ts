import type { WebClient } from '@slack/web-api';
import { type Approval, currentRound } from '../../approval/model/approval.ts';
import { isBlankText } from '../../approval/model/output.ts';
import { withTimeout } from '../../lib/time.ts';
import { buildTarget } from '../../slack/app/button-values.ts';
import { textsOf } from '../../slack/app/languages.ts';
import type { Feature } from '../../slack/feature.ts';
import { placeOf } from '../../slack/listeners/click.ts';
import { openForm } from '../../slack/listeners/forms.ts';
import type { MessageShortcutArgs } from '../../slack/listeners/reading.ts';
import type { SlackApp } from '../../slack/slack-app.ts';
import { FEEDBACK_MAX } from '../../slack/views/modals/decision-modals.ts';
import { cleanTyped, readMrkdwn } from '../../slack/views/text/escape.ts';
import { feedbackTexts } from './texts.ts';

/** *Use as feedback*: a message shortcut, also named in manifest.yml. */
export const feedback: Feature = { messageShortcuts: { use_as_feedback: useReplyAsFeedback } };

/** Longest time for reading the author's name, in milliseconds: a trigger expires 3 s after the click. */
const NAME_TIMEOUT = 600;

/** Opens the form of a revision with the text and the author of the reply on which a person chose *Use as feedback*. */
async function useReplyAsFeedback(
  app: SlackApp,
  { ack, shortcut, client, context }: MessageShortcutArgs,
): Promise<void> {
  await ack();
  const { user, channel, message } = shortcut;
  const place = placeOf(shortcut, textsOf({ context }));
  const texts = await place.texts();
  const refuse = (sentence: string) => app.reply({ ...place, triggerId: undefined }, () => sentence);
  const author = message.bot_id === undefined ? message.user : undefined;
  if (author === undefined) return refuse(feedbackTexts(texts).notByPerson);
  const replyText = cleanTyped(readMrkdwn(message.text ?? '')).trim();
  if (isBlankText(replyText)) return refuse(feedbackTexts(texts).noText);
  const approval =
    place.threadTs === undefined
      ? undefined
      : await findApprovalOfThread(app, channel.id, place.threadTs).catch((error: unknown) => {
          app.log.error({ error }, 'approval of a thread not read');
          return 'failed' as const;
        });
  if (approval === 'failed') return refuse(texts.refusals.notLookedUp);
  if (!approval) return refuse(feedbackTexts(texts).notInThread);
  const name = await readName(client, author);
  const text = feedbackTexts(texts).saidBy(name, replyText);
  if (text.length > FEEDBACK_MAX) return refuse(feedbackTexts(texts).tooLong(FEEDBACK_MAX));
  const target = {
    ...buildTarget(approval, currentRound(approval).number),
    via: 'list' as const,
    drawn: { place: 'thread' as const, language: texts.language },
  };
  await openForm(app, 'revision', { client, target, by: user.id, place, initial: { text } });
}

/**
 * Finds the approval of a thread. If a run was started there from Slack, returns its newest waiting approval, or else the newest.
 */
async function findApprovalOfThread(
  { store }: SlackApp,
  channel: string,
  ts: string,
): Promise<Approval | undefined> {
  const owner = await store.ownerOfThread(channel, ts);
  if (!owner) return undefined;
  if ('approval' in owner) return (await store.approval(owner.approval))?.record;
  const { crew, executionId } = (await store.start(owner.kickoff))?.record ?? {};
  if (crew === undefined || executionId === undefined) return undefined;
  const run = await store.run(crew, await store.originalId(crew, executionId));
  const approvals = (await store.approvals(run?.record.approvals ?? [])).map(({ record }) => record);
  return approvals.findLast((approval) => currentRound(approval).status === 'waiting') ?? approvals.at(-1);
}

/** Returns the author's name in Slack, or the author's id if Slack does not answer in time. */
async function readName(client: WebClient, user: string): Promise<string> {
  const lookingUp = withTimeout(NAME_TIMEOUT, () => client.users.info({ user }));
  const name = await lookingUp
    .then(({ user: person }) => person?.profile?.display_name || person?.real_name || person?.name)
    .catch(() => undefined);
  // A line break would start a line that seems to be somebody else's.
  const line = (name ?? '').replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return isBlankText(line) ? user : line;
}
