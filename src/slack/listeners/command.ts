import { canSeeOutsideChannel } from '../../approval/access/deciders.ts';
import { nameDeciders } from '../../approval/access/name-deciders.ts';
import { currentRound } from '../../approval/model/approval.ts';
import { loadOutputInTurn } from '../../approval/notify/post-note.ts';
import { findNamedApprovals, listStartedRuns, reportRun } from '../../approval/queries/find-runs.ts';
import { canAskSlack, listApprovals } from '../../approval/queries/list-approvals.ts';
import { REPLY_TIMEOUT, withTimeout } from '../../lib/time.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { respond } from '../api/respond.ts';
import { type ListPage, readListPage } from '../app/button-values.ts';
import { textsOf } from '../app/languages.ts';
import type { SlackApp } from '../slack-app.ts';
import type { Sentence, Texts } from '../texts/texts.ts';
import { buildHelp } from '../views/lists/help.ts';
import { buildList, buildListBeginning } from '../views/lists/list.ts';
import { buildApprovalView } from '../views/lists/look-up.ts';
import { buildFoundApprovals, buildRunList, buildRunStatus } from '../views/lists/runs.ts';
import { buildSentence, type MessageView, putBefore } from '../views/message-view.ts';
import type { Beginning } from '../views/output/output-blocks.ts';
import { escapeLine } from '../views/text/escape.ts';
import { describeLookUpRefusal, describeNotFound, suggestCommand } from '../views/text/sentences.ts';
import { type Click, readClick } from './click.ts';
import { type Command, type CommandArgs, type FeatureCommand, readCommand } from './read-command.ts';

/** Timeout of look-ups that ask CrewAI or read a long history, in milliseconds. Other look-ups have REPLY_TIMEOUT. */
export const LOOK_UP_TIMEOUT = 60_000;

/** Runs what a person typed after `/approvals`: a command of a feature, or a look-up with an answer that only they see. */
export async function runCommand(
  app: SlackApp,
  features: readonly FeatureCommand[],
  args: CommandArgs,
): Promise<void> {
  const { command } = args;
  const { user_id: user } = command;
  const typedCommand = readCommand(command.text, app.clock.now(), app.links.command, features);
  if (typedCommand.kind === 'feature') return typedCommand.run(app, args);
  const within = typedCommand.kind === 'status' ? LOOK_UP_TIMEOUT : REPLY_TIMEOUT;
  return answerLookUp(app, args, { kind: typedCommand.kind, within }, (texts) =>
    lookUp(app, texts, features, typedCommand, user),
  );
}

/** The place where a person typed the command. */
export function findCommandPlace({ command, context }: Pick<CommandArgs, 'command' | 'context'>): ReplyPlace {
  const { user_id: user, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = command;
  return { user, texts: textsOf({ context }), channel, responseUrl, triggerId };
}

/** Acks, then answers with the result; `within`: milliseconds that the lookup may take. */
export async function answerLookUp(
  app: SlackApp,
  args: CommandArgs,
  { kind, within }: { kind: string; within: number },
  find: (texts: Texts) => Promise<MessageView>,
): Promise<void> {
  await args.ack();
  const texts = await textsOf(args)();
  const view = await withTimeout(within, () => find(texts)).catch((error: unknown) => {
    app.log.error({ error, command: kind }, 'lookup failed');
    return buildSentence(texts.refusals.notLookedUp);
  });
  await respondTo(app, args, view);
}

async function respondTo(
  { reply, log }: SlackApp,
  { command, context }: CommandArgs,
  view: MessageView,
): Promise<void> {
  const { user_id: user, channel_id: channel, response_url: url } = command;
  await respond(url, view).catch(async (error: unknown) => {
    log.error({ person: user, error }, 'response to command failed');
    await reply({ user, texts: textsOf({ context }), channel }, () => view.text);
  });
}

/** Acks with the answer. After REPLY_TIMEOUT, or if Slack rejects the ack, sends the answer to the response_url instead. */
export async function ackWithAnswer(
  app: SlackApp,
  args: CommandArgs,
  answer: Promise<Sentence>,
): Promise<void> {
  const message = answer.then(async (sentence) => buildSentence(sentence(await textsOf(args)())));
  const messageInTime = await withTimeout(REPLY_TIMEOUT, () => message).catch(() => undefined);
  const acking = args.ack(messageInTime && { response_type: 'ephemeral', ...messageInTime });
  const isAnswered = await acking.then(
    () => messageInTime !== undefined,
    () => false,
  );
  if (!isAnswered) await respondTo(app, args, await message);
}

async function lookUp(
  app: SlackApp,
  texts: Texts,
  features: readonly FeatureCommand[],
  command: Exclude<Command, { kind: 'feature' }>,
  person: string,
): Promise<MessageView> {
  const { links } = app;
  switch (command.kind) {
    case 'list':
      if (command.named !== undefined)
        return buildSentence(texts.refusals.unknownPerson(escapeLine(command.named, 80)));
      return buildListPage(app, texts, person, { query: command.query, before: [] });
    case 'look': {
      const view = await lookUpById(app, texts, features, command, person);
      return command.decides ? putBefore(texts.refusals.onlyButtonsDecide, view) : view;
    }
    case 'status': {
      const report = await reportRun(app, person, command.id);
      return 'code' in report
        ? buildSentence(describeLookUpRefusal(texts, report))
        : buildRunStatus(texts, report, links);
    }
    case 'runs': {
      const result = await listStartedRuns(app, person, command);
      return Array.isArray(result)
        ? buildRunList(texts, result, links)
        : buildSentence(describeLookUpRefusal(texts, result));
    }
    case 'help':
      return buildHelp(texts, links.command, features);
    case 'wrong':
      return buildHelp(texts, links.command, features, command.sentence(texts));
  }
}

/** A page of a list. The buttons hold all that the other pages need, so they still work after a restart. */
async function buildListPage(
  app: SlackApp,
  texts: Texts,
  person: string,
  page: ListPage,
): Promise<MessageView> {
  const listing = await listApprovals(app, person, page.query, page.after);
  if ('code' in listing) return buildSentence(describeLookUpRefusal(texts, listing));
  const beginnings = new Map<string, Beginning>();
  for (const approval of listing.approvals) {
    const output = listing.outputs.get(approval.id);
    if (output)
      beginnings.set(approval.id, await app.giveWay(() => buildListBeginning(texts, approval, output)));
  }
  const drawnListing = { ...listing, beginnings };
  const { links, clock, home } = app;
  return app.giveWay(() =>
    buildList(texts, drawnListing, page, { links, now: clock.now(), features: home.features }),
  );
}

/** A person clicked *Newer* or *Older*: replaces the message with that page. */
export async function turnListPage(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const page = readListPage(click.value);
  const { place, by } = readClick(click, undefined);
  try {
    if (!page || !place.responseUrl) {
      app.log.warn({ person: by }, 'page value not readable');
      return await app.reply(place, ({ refusals }) => refusals.notLookedUp);
    }
    const view = await buildListPage(app, await click.texts(), by, page);
    await respond(place.responseUrl, view, { replace: true });
  } catch (error) {
    app.log.error({ person: by, error }, 'page not turned');
    await app.reply(place, ({ refusals }) => refusals.notLookedUp);
  }
}

/** `/approvals <id>`: shows one approval, with its output if the person may see it, or lists the approvals of a run. */
async function lookUpById(
  app: SlackApp,
  texts: Texts,
  features: readonly FeatureCommand[],
  { id, nearest }: Extract<Command, { kind: 'look' }>,
  person: string,
): Promise<MessageView> {
  const { links } = app;
  const began = app.clock.now();
  const approvals = await findNamedApprovals(app, person, id);
  if (!Array.isArray(approvals)) return buildSentence(describeLookUpRefusal(texts, approvals));
  const [approval, ...otherApprovals] = approvals;
  if (!approval) {
    // A word without a digit is probably not an id.
    return nearest || !/\d/.test(id)
      ? buildHelp(
          texts,
          links.command,
          features,
          `${describeNotFound(texts, id)}${suggestCommand(texts, nearest)}`,
        )
      : buildSentence(describeNotFound(texts, id));
  }
  if (otherApprovals.length > 0) return buildFoundApprovals(texts, approvals, links);
  const canSee = await canSeeOutsideChannel(app, approval, person);
  const output = canSee ? await loadOutputInTurn(app, approval, currentRound(approval)) : undefined;
  const deciders = canSee
    ? await nameDeciders(app, approval, { mayAskSlack: canAskSlack(app, began) })
    : undefined;
  return app.giveWay(() => buildApprovalView(texts, approval, output, links, deciders));
}
