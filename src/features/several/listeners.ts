import type { KnownBlock, ModalView } from '@slack/types';
import { nameDeciders } from '../../approval/access/name-deciders.ts';
import { buildCardFacts } from '../../approval/card-facts.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import { canAskSlack } from '../../approval/queries/list-approvals.ts';
import type { Target } from '../../approval/read-round.ts';
import { readSlackError } from '../../slack/api/client.ts';
import { writeTarget } from '../../slack/app/button-values.ts';
import { textsOf } from '../../slack/app/languages.ts';
import { type Click, decideInTime, readClick } from '../../slack/listeners/click.ts';
import { ackOrReply, rejectUnknownForm, type Submission } from '../../slack/listeners/submit-form.ts';
import { currentCardLink, type SlackApp } from '../../slack/slack-app.ts';
import type { Sentence, Texts } from '../../slack/texts/texts.ts';
import { describeVotes, summarizeState } from '../../slack/views/card/state.ts';
import { buildSentenceModal } from '../../slack/views/modals/decision-modals.ts';
import { escapeLine } from '../../slack/views/text/escape.ts';
import { linkTask } from '../../slack/views/text/links.ts';
import { describeRefusal } from '../../slack/views/text/sentences.ts';
import { SELECTED, selectBlock } from './ids.ts';
import { visitApprovable } from './list-approvable.ts';
import { severalTexts } from './texts.ts';
import { readPlace, readSeveral } from './values.ts';
import {
  buildSeveralDone,
  buildSeveralItem,
  buildSeveralModal,
  MAX_TOGETHER,
  SEVERAL_BLOCKS,
  SEVERAL_BYTES,
} from './views/several-modal.ts';

/** Shows a page of the form after a click on *Decide several…* or *Next*. Decides nothing. */
export async function openSeveral(app: SlackApp, click: Click): Promise<void> {
  const { body, client, value } = click;
  const { by, place } = readClick(click, undefined);
  await click.ack();
  const texts = await click.texts();
  const buildNotice = (text: string) => buildSentenceModal(texts, severalTexts(texts).title, text);
  try {
    // Reading and converting whole texts takes longer than a trigger is valid.
    const loading = {
      trigger_id: place.triggerId ?? '',
      view: buildNotice(severalTexts(texts).loading),
    };
    const modal = body.view?.type === 'modal' ? body.view : (await client.views.open(loading)).view;
    const show = (view: ModalView) =>
      client.views.update({ view_id: modal?.id ?? '', hash: modal?.hash ?? '', view });
    const view = await buildSeveralPage(app, texts, by, readPlace(value)).catch((error: unknown) => {
      app.log.error({ person: by, error }, 'approvals to decide together not read');
      return buildNotice(texts.refusals.notLookedUp);
    });
    await show(view).catch((error: unknown) => {
      if (isViewGone(error)) return;
      app.log.warn({ person: by, error }, 'approvals to decide together not shown');
      return show(buildNotice(texts.refusals.windowNotOpened));
    });
  } catch (error) {
    if (isViewGone(error)) return;
    app.log.warn({ person: by, error }, 'approvals to decide together not shown');
    await app.reply({ ...place, triggerId: undefined }, () => texts.refusals.windowNotOpened);
  }
}

/** True if a click turned the page, the person closed the form, or the form was updated and Slack's answer was lost. */
function isViewGone(error: unknown): boolean {
  return ['hash_conflict', 'not_found'].includes(readSlackError(error) ?? '');
}

/** Builds a page with as many approvals and their whole texts as fit. Rejects with a StoreError. */
async function buildSeveralPage(
  app: SlackApp,
  texts: Texts,
  person: string,
  after: string | undefined,
): Promise<ModalView> {
  const began = app.clock.now();
  const items: { approval: Approval; blocks: KnownBlock[] }[] = [];
  let [blocksShown, bytes, tooLong] = [0, 0, 0];
  const { next } = await visitApprovable(app, person, after, async (approval, output) => {
    if (items.length === MAX_TOGETHER) return 'enough';
    const deciders = await nameDeciders(app, approval, { mayAskSlack: canAskSlack(app, began) });
    const blocks = await app.giveWay(() => buildSeveralItem(texts, approval, output, app.links, deciders));
    if (!blocks) {
      tooLong += 1;
      return 'go_on';
    }
    const size = Buffer.byteLength(JSON.stringify(blocks));
    if (blocksShown + blocks.length > SEVERAL_BLOCKS || bytes + size > SEVERAL_BYTES) return 'enough';
    blocksShown += blocks.length;
    bytes += size;
    items.push({ approval, blocks });
    return 'go_on';
  });
  return buildSeveralModal(texts, items, { next, tooLong });
}

/** Approves all selected approvals at once. Each is a separate decision with its own checks. */
export async function submitSeveral(app: SlackApp, submission: Submission): Promise<void> {
  const { body, view } = submission;
  const page = readSeveral(view.private_metadata);
  if (!page) return rejectUnknownForm(app, submission);
  const by = body.user.id;
  const selected = page.targets.filter((target) => {
    const field = view.state.values[findBlock(target)]?.[SELECTED];
    return (field?.selected_options ?? []).length > 0;
  });
  if (selected.length === 0) {
    const [firstTarget] = page.targets;
    const { noneSelected } = severalTexts(await textsOf(submission)());
    const errors = { [firstTarget ? findBlock(firstTarget) : selectBlock('')]: noneSelected };
    return ackOrReply(app, submission, { response_action: 'errors', errors }, noneSelected);
  }
  const labels = new Map(
    (view.blocks as { block_id?: string; label?: { text?: string } }[]).map(({ block_id, label }) => [
      block_id,
      label?.text,
    ]),
  );
  const outcomes = await Promise.all(
    selected.map((target) => approveOne(app, target, by, labels.get(findBlock(target)))),
  );
  const texts = await textsOf(submission)();
  const lines = outcomes.map((describe) => describe(texts));
  const doneModal = buildSeveralDone(texts, lines, page.next);
  await ackOrReply(app, submission, { response_action: 'update', view: doneModal }, lines.join('\n'));
}

/** Finds the block of an approval's checkbox, whose id does not say what was shown. */
function findBlock({ approvalId, round, output }: Target): string {
  return selectBlock(writeTarget({ approvalId, round, ...(output === undefined ? {} : { output }) }));
}

/** Approves one approval and returns the line that tells the result. */
async function approveOne(app: SlackApp, target: Target, by: string, label = ''): Promise<Sentence> {
  const ask = { type: 'decide', action: 'approve' } as const;
  const result = await decideInTime(app, { ...target, via: 'several' }, by, ask);
  return (texts) => {
    const approval = 'answer' in result ? result.answer.approval : undefined;
    const task = approval
      ? texts.card.inRound(linkTask(texts, approval, app.links), target.round)
      : `*${escapeLine(label, 150)}*`;
    if ('failed' in result) return texts.lists.taskInState(task, result.failed(texts));
    const { answer } = result;
    if (!answer.done)
      return texts.lists.taskInState(
        task,
        describeRefusal(texts, answer.refusal, currentCardLink(answer, app.links)),
      );
    const round = findRound(answer.approval, target.round) ?? currentRound(answer.approval);
    // If others have to approve too, "waiting for a decision" would read as if this vote did not count.
    const { waiting, question } = buildCardFacts(answer.approval, round);
    const votes = waiting && describeVotes(texts, waiting, question);
    return texts.lists.taskInState(task, votes ?? summarizeState(texts, answer.approval, round));
  };
}
