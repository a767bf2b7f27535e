import { canSeeOutside } from '../../approval/access/deciders.ts';
import { type Ask, decide } from '../../approval/decide.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import { LANGUAGES } from '../../approval/model/crew/language.ts';
import { listOptions, reduceToSeen } from '../../approval/model/round.ts';
import { loadOutput, loadOutputInTurn } from '../../approval/notify/post-note.ts';
import { findNamedApprovals, listStartedRuns, reportRun } from '../../approval/queries/find-runs.ts';
import { listApprovals } from '../../approval/queries/list-approvals.ts';
import type { Target } from '../../approval/read-round.ts';
import { ANSWERED_WITHIN, withTimeout } from '../../lib/time.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { respond } from '../api/respond.ts';
import { type ListPage, readListPage } from '../app/button-values.ts';
import { currentCardLink, isNoteSent, type SlackApp } from '../slack-app.ts';
import { languageKnown, speak, texts } from '../texts/texts.ts';
import { labelOptions } from '../views/card/options.ts';
import { buildHelp } from '../views/lists/help.ts';
import { buildList, buildListBeginning } from '../views/lists/list.ts';
import { buildApprovalView } from '../views/lists/look-up.ts';
import { buildFoundApprovals, buildRunList, buildRunStatus } from '../views/lists/runs.ts';
import { buildSentence, type MessageView } from '../views/message-view.ts';
import { FEEDBACK_MAX } from '../views/modals/decision-modals.ts';
import type { Beginning } from '../views/output/output-blocks.ts';
import { escapeLine } from '../views/text/escape.ts';
import { nameToolOption } from '../views/text/names.ts';
import {
  confirmTypedDecision,
  describeAlikeOptions,
  describeLookUpRefusal,
  describeNotFound,
  describeRefusal,
  describeUnknownOption,
  suggestCommand,
} from '../views/text/sentences.ts';
import { type Click, explainStoreFailure, readClick } from './click.ts';
import { openForm } from './forms.ts';
import {
  type Command,
  type CommandArgs,
  type FeatureCommand,
  isDecision,
  readCommand,
  type TypedDecision,
} from './read-command.ts';

type DecideAsk = Extract<Ask, { type: 'decide' }>;

/** CrewAI and the figures of many runs may take this long, in milliseconds; what only the store answers may not. */
export const LONGEST_LOOK_UP = 60_000;

/** A person typed `/approvals`: answers only them. */
export async function runCommand(
  app: SlackApp,
  features: readonly FeatureCommand[],
  args: CommandArgs,
): Promise<void> {
  const { ack, client, command } = args;
  const place = placeOfCommand(command);
  const { user } = place;
  const asked = readCommand(command.text, app.clock.now(), app.links.command, features);
  if (asked.kind === 'feature') return asked.run(app, args);
  if (isDecision(asked))
    return ackWithAnswer(
      app,
      args,
      decideByCommand(app, asked, user).catch(async (error: unknown) => {
        await languageKnown();
        return explainStoreFailure(app, error);
      }),
    );
  if (asked.kind !== 'revise') {
    const within = asked.kind === 'status' ? LONGEST_LOOK_UP : ANSWERED_WITHIN;
    return answerLookUp(app, args, { kind: asked.kind, within }, () => lookUp(app, features, asked, user));
  }
  await ack();
  const approval = await findTypedApproval(app, asked, user).catch((error) =>
    explainStoreFailure(app, error),
  );
  if (typeof approval === 'string') return app.reply(place, approval);
  const target: Target = { approvalId: approval.id, round: asked.round, via: 'command' };
  await openForm(app, 'revision', { client, target, by: user, place });
}

/** Where a person typed it. */
export function placeOfCommand(command: CommandArgs['command']): ReplyPlace {
  const { user_id: user, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = command;
  return { user, channel, responseUrl, triggerId };
}

/** Acks, then answers with what is found; `within`: milliseconds that it may take. */
export async function answerLookUp(
  app: SlackApp,
  { ack, command }: CommandArgs,
  { kind, within }: { kind: string; within: number },
  find: () => Promise<MessageView>,
): Promise<void> {
  await ack();
  const view = await withTimeout(within, find).catch((error: unknown) => {
    app.log.error({ error, command: kind }, 'lookup failed');
    return buildSentence(texts.refusals.notLookedUp);
  });
  await respondTo(app, command, view);
}

async function respondTo(
  { reply, log }: SlackApp,
  { user_id: user, channel_id: channel, response_url: url }: CommandArgs['command'],
  view: MessageView,
): Promise<void> {
  await respond(url, view).catch(async (error: unknown) => {
    log.error({ person: user, error }, 'response to command failed');
    await reply({ user, channel }, view.text);
  });
}

/** Acks with the answer; if that takes longer, or Slack no longer accepts the ack, the response_url gets it. */
export async function ackWithAnswer(
  app: SlackApp,
  { ack, command }: CommandArgs,
  answer: Promise<string>,
): Promise<void> {
  const decided = answer.then(buildSentence);
  const early = await withTimeout(ANSWERED_WITHIN, () => decided).catch(() => undefined);
  const acked = ack(early && { response_type: 'ephemeral', ...early });
  const isAnswered = await acked.then(
    () => early !== undefined,
    () => false,
  );
  if (!isAnswered) await respondTo(app, command, await decided);
}

async function lookUp(
  app: SlackApp,
  features: readonly FeatureCommand[],
  asked: Exclude<Command, TypedDecision | { kind: 'revise' | 'feature' }>,
  person: string,
): Promise<MessageView> {
  const { links } = app;
  switch (asked.kind) {
    case 'list':
      if (asked.named !== undefined)
        return buildSentence(texts.refusals.unknownPerson(escapeLine(asked.named, 80)));
      return buildListPage(app, person, { query: asked.query, before: [] });
    case 'look':
      return lookUpById(app, features, asked, person);
    case 'status': {
      const report = await reportRun(app, person, asked.id);
      return 'code' in report ? buildSentence(describeLookUpRefusal(report)) : buildRunStatus(report, links);
    }
    case 'runs': {
      const found = await listStartedRuns(app, person, asked);
      return Array.isArray(found) ? buildRunList(found, links) : buildSentence(describeLookUpRefusal(found));
    }
    case 'help':
      return buildHelp(links.command, features);
    case 'wrong':
      return buildHelp(links.command, features, asked.sentence);
  }
}

/** A page of a list. The buttons hold all that the other pages need, so they still work after a restart. */
async function buildListPage(app: SlackApp, person: string, page: ListPage): Promise<MessageView> {
  const listing = await listApprovals(app, person, page.query, page.after);
  if ('code' in listing) return buildSentence(describeLookUpRefusal(listing));
  const beginnings = new Map<string, Beginning>();
  for (const approval of listing.approvals) {
    const output = listing.outputs.get(approval.id);
    if (output) beginnings.set(approval.id, await app.giveWay(() => buildListBeginning(approval, output)));
  }
  const drawn = { ...listing, beginnings };
  const { links, clock, home } = app;
  return app.giveWay(() => buildList(drawn, page, { links, now: clock.now(), features: home.features }));
}

/** A person clicked *Newer* or *Older*: replaces the message with that page. */
export async function turnListPage(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const page = readListPage(click.value);
  const { place, by } = readClick(click, undefined);
  try {
    if (!page || !place.responseUrl) {
      app.log.warn({ person: by }, 'page value not readable');
      return await app.reply(place, texts.refusals.notLookedUp);
    }
    await respond(place.responseUrl, await buildListPage(app, by, page), { replace: true });
  } catch (error) {
    app.log.error({ person: by, error }, 'page not turned');
    await app.reply(place, texts.refusals.notLookedUp);
  }
}

/** `/approvals <id>`: one approval, with its output if the person may see it, or those of a run. */
async function lookUpById(
  app: SlackApp,
  features: readonly FeatureCommand[],
  { id, nearest }: Extract<Command, { kind: 'look' }>,
  person: string,
): Promise<MessageView> {
  const { links } = app;
  const approvals = await findNamedApprovals(app, person, id);
  if (!Array.isArray(approvals)) return buildSentence(describeLookUpRefusal(approvals));
  const [only, ...others] = approvals;
  if (!only) {
    // A word without a digit is probably not an id.
    return nearest || !/\d/.test(id)
      ? buildHelp(links.command, features, `${describeNotFound(id)}${suggestCommand(nearest)}`)
      : buildSentence(describeNotFound(id));
  }
  if (others.length > 0) return buildFoundApprovals(approvals, links);
  const sees = await canSeeOutside(app, only, person);
  const output = sees ? await loadOutputInTurn(app, only, currentRound(only)) : undefined;
  return app.giveWay(() => buildApprovalView(only, output, links));
}

/** Decides like the button, also if a card could not be posted. Resolves to the answer, one or two sentences. */
async function decideByCommand(app: SlackApp, command: TypedDecision, person: string): Promise<string> {
  const { links } = app;
  const { round } = command;
  const found = await findTypedApproval(app, command, person);
  if (typeof found === 'string') return found;
  const read = () =>
    command.kind === 'approve' ? askToApprove(app, found, command) : askToChoose(found, command);
  const ask = read();
  if (typeof ask === 'string') return languageKnown().then(() => read() as string);
  // Before the decision: once it is recorded, nothing that fails may say that it is not.
  const output = await loadOutput(app, found, findRound(found, round) ?? currentRound(found));
  const answer = await decide(app, { approvalId: found.id, round, via: 'command' }, person, ask);
  await languageKnown();
  if (answer.done)
    return confirmTypedDecision(answer.approval, { round, option: ask.option, output }, links.command);
  const { refusal, approval } = answer;
  const sentence = describeRefusal(refusal, currentCardLink(answer, links));
  if (ask.action !== 'approve' || refusal.code !== 'superseded' || !approval) return sentence;
  // People who type an id have to see the output first.
  return `${sentence} ${texts.refusals.currentRound(approval.id, currentRound(approval).number, links.command)}`;
}
function askToApprove(
  app: SlackApp,
  approval: Approval,
  { note }: Extract<TypedDecision, { kind: 'approve' }>,
): DecideAsk | string {
  if (note.length > FEEDBACK_MAX) return texts.refusals.longNote(FEEDBACK_MAX);
  const written = note === '' ? {} : isNoteSent(app, approval) ? { feedback: note } : { note };
  return { type: 'decide', action: 'approve', ...written };
}

/** A Flow or a program is answered with one of its options, by its text or its number. */
function askToChoose(
  approval: Approval,
  { round, option: typed }: Extract<TypedDecision, { kind: 'choose' }>,
): DecideAsk | string {
  const asked = findRound(approval, round);
  const stored = asked && listOptions(asked);
  const write = (label: string) => (asked?.question?.tool ? nameToolOption(label) : undefined) ?? label;
  const options = stored?.map(write);
  // A card is in the language of its crew.
  const written = LANGUAGES.map((language) => speak(language, () => stored?.map(write) ?? []));
  const ids = asked?.question?.options?.map(({ id }) => id) ?? [];
  // Where the labels have numbers, a number means the one that is shown.
  const [option, ...others] =
    [labelOptions(options ?? []), options ?? [], ...written, ids]
      .map((names) => findOptions(names, typed))
      .find((found) => found.length > 0) ?? [];
  if (option === undefined && options) return describeUnknownOption(typed, options);
  if (option !== undefined && others.length > 0)
    return describeAlikeOptions(typed, options ?? [], [option, ...others]);
  return { type: 'decide', action: 'choose', option };
}

/** The indexes of the options that look like a text, whatever the case where no other does, or of the one that it numbers. */
function findOptions(options: readonly string[], typed: string): number[] {
  const looks = [reduceToSeen, (text: string) => reduceToSeen(text).toLowerCase()];
  for (const look of looks) {
    const sought = look(typed);
    const found = options.flatMap((option, index) => (look(option) === sought ? [index] : []));
    if (found.length > 0) return found;
  }
  const number = /^\d{1,3}$/.test(typed) ? Number(typed) : 0;
  return number >= 1 && number <= options.length ? [number - 1] : [];
}

/** Resolves to the approval that a person typed the id of, or to a sentence why there is none. Rejects with a StoreError. */
async function findTypedApproval(
  app: SlackApp,
  { id, round }: { id: string; round: number },
  person: string,
): Promise<Approval | string> {
  const approvals = await findNamedApprovals(app, person, id);
  const named = Array.isArray(approvals)
    ? approvals.filter((approval) => approval.id.startsWith(id.toUpperCase()))
    : [];
  const [only, ...others] = named;
  if (only && others.length === 0 && round <= currentRound(only).number) return only;
  await languageKnown();
  if (!Array.isArray(approvals)) return describeLookUpRefusal(approvals);
  if (!only) return describeNotFound(id);
  if (others.length > 0) return texts.refusals.ambiguousApproval(id);
  return texts.refusals.missingRound(only.id, currentRound(only).number, app.links.command);
}
