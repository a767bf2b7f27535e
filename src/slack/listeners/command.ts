import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { canSeeOutside } from '../../approval/access/deciders.ts';
import { decide } from '../../approval/decide.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import { loadOutput } from '../../approval/notify/post-note.ts';
import { gatherFigures } from '../../approval/queries/figures.ts';
import { findNamedApprovals, reportRun } from '../../approval/queries/find-runs.ts';
import { listApprovals } from '../../approval/queries/list-approvals.ts';
import { listStartedRuns } from '../../approval/queries/list-runs.ts';
import type { Target } from '../../approval/read-round.ts';
import { withTimeout } from '../../lib/time.ts';
import { respond } from '../api/respond.ts';
import { type ListPage, readListPage } from '../app/button-values.ts';
import { currentCardLink, isNoteSent, type SlackApp } from '../slack-app.ts';
import { en as texts } from '../texts/en.ts';
import { buildHelp } from '../views/lists/help.ts';
import { buildList } from '../views/lists/list.ts';
import { buildApprovalView, buildFoundApprovals } from '../views/lists/look-up.ts';
import { buildRunList, buildRunStatus } from '../views/lists/runs.ts';
import { buildStats } from '../views/lists/stats.ts';
import { buildSentence, type MessageView } from '../views/message-view.ts';
import { FEEDBACK_MAX } from '../views/modals/decision-modals.ts';
import {
  confirmTypedApproval,
  confirmTypedChoice,
  describeAmbiguousId,
  describeCurrentRound,
  describeLookUpRefusal,
  describeMissingRound,
  describeNotFound,
  describeRefusal,
  describeUnknownOption,
  describeUnknownPerson,
  suggestCommand,
} from '../views/text/sentences.ts';
import { type Click, explainStoreFailure, readClick } from './click.ts';
import { openForm } from './forms.ts';
import { type Command, readCommand } from './read-command.ts';
import { openStartForm } from './starts.ts';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** Slack waits 3 s for the ack, and a person waits as long for what only the store has to answer. */
const ACK_TIMEOUT = 2_400;
/** CrewAI and Slack may take longer, and so may a decision: these are answered by the response_url. */
const MAY_TAKE_LONGER: ReadonlySet<Command['kind']> = new Set(['status', 'stats', 'approve', 'choose']);

/** A person typed `/approvals`: answers only them. */
export async function runCommand(app: SlackApp, args: CommandArgs): Promise<void> {
  const { clock, links, log } = app;
  const {
    user_id: user,
    channel_id: channel,
    response_url: responseUrl,
    trigger_id: triggerId,
  } = args.command;
  const place = { user, channel, responseUrl, triggerId };
  const asked = readCommand(args.command.text, clock.now(), links.command);
  if (asked.kind === 'run') {
    await args.ack();
    return openStartForm(app, { client: args.client, place, crew: asked.crew });
  }
  if (asked.kind === 'revise') {
    await args.ack();
    const approval = await findTypedApproval(app, asked, user).catch((error) =>
      explainStoreFailure(app, error),
    );
    if (typeof approval === 'string') return app.reply(place, approval);
    const target: Target = { approvalId: approval.id, round: asked.round, via: 'command' };
    return openForm(app, 'revision', { client: args.client, target, by: user, place });
  }
  const answered = answerCommand(app, asked, user).catch((error: unknown) => {
    log.error({ error, command: asked.kind }, 'lookup failed');
    const decides = asked.kind === 'approve' || asked.kind === 'choose';
    return buildSentence(decides ? explainStoreFailure(app, error) : texts.refusals.notLookedUp);
  });
  const respondWith = (view: MessageView) =>
    respond(responseUrl, view).catch(async (error: unknown) => {
      log.error({ person: user, error }, 'response to command failed');
      await app.reply({ user, channel }, view.text);
    });
  // If Slack no longer accepts the ack, the answer goes to the response_url.
  const ackWith = (view: MessageView) =>
    args.ack({ response_type: 'ephemeral', ...view }).catch(() => respondWith(view));
  const early = await withTimeout(ACK_TIMEOUT, () => answered).catch(() => undefined);
  if (early) await ackWith(early);
  else if (!MAY_TAKE_LONGER.has(asked.kind)) {
    log.error({ command: asked.kind }, 'lookup too late');
    await ackWith(buildSentence(texts.refusals.notLookedUp));
  } else {
    await args.ack();
    await respondWith(await answered);
  }
}

async function answerCommand(
  app: SlackApp,
  asked: Exclude<Command, { kind: 'revise' | 'run' }>,
  person: string,
): Promise<MessageView> {
  const { links } = app;
  switch (asked.kind) {
    case 'list':
      if (asked.named !== undefined) return buildSentence(describeUnknownPerson(asked.named));
      return buildListPage(app, person, { query: asked.query, before: [] });
    case 'look':
      return lookUpById(app, asked, person);
    case 'status': {
      const report = await reportRun(app, person, asked.id);
      return 'code' in report ? buildSentence(describeLookUpRefusal(report)) : buildRunStatus(report, links);
    }
    case 'runs': {
      const found = await listStartedRuns(app, person, asked);
      return Array.isArray(found) ? buildRunList(found, links) : buildSentence(describeLookUpRefusal(found));
    }
    case 'stats': {
      const found = await gatherFigures(app, person, asked.days);
      return 'code' in found ? buildSentence(describeLookUpRefusal(found)) : buildStats(found);
    }
    case 'approve':
      return buildSentence(await approveByCommand(app, asked, person));
    case 'choose':
      return buildSentence(await chooseByCommand(app, asked, person));
    case 'help':
      return buildHelp(links.command);
    case 'wrong':
      return buildHelp(links.command, asked.sentence);
  }
}

/** A page of a list. The buttons hold all that the other pages need, so they still work after a restart. */
async function buildListPage(app: SlackApp, person: string, page: ListPage): Promise<MessageView> {
  const listing = await listApprovals(app, person, page.query, page.after);
  if ('code' in listing) return buildSentence(describeLookUpRefusal(listing));
  return buildList(listing, page, app.links, app.clock.now());
}

/** A person clicked *Newer* or *Older*: replaces the message with that page. */
export async function turnListPage(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const page = readListPage(click.value);
  const { place, by } = readClick(click, undefined);
  try {
    if (!page || !place.responseUrl) return await app.reply(place, texts.refusals.notLookedUp);
    await respond(place.responseUrl, await buildListPage(app, by, page), { replace: true });
  } catch (error) {
    app.log.error({ person: by, error }, 'page not turned');
    await app.reply(place, texts.refusals.notLookedUp);
  }
}

/** `/approvals <id>`: one approval, with its output if the person may see it, or those of a run. */
async function lookUpById(
  app: SlackApp,
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
      ? buildHelp(links.command, `${describeNotFound(id)}${suggestCommand(nearest)}`)
      : buildSentence(describeNotFound(id));
  }
  if (others.length > 0) return buildFoundApprovals(approvals, links);
  const sees = await canSeeOutside(app, only, person);
  return buildApprovalView(only, sees ? await loadOutput(app, only, currentRound(only)) : undefined, links);
}

/** `/approvals approve`: approves like the button, also if a card could not be posted. Resolves to the answer, one sentence. */
async function approveByCommand(
  app: SlackApp,
  command: Extract<Command, { kind: 'approve' }>,
  person: string,
): Promise<string> {
  const { links } = app;
  const { round, note } = command;
  if (note.length > FEEDBACK_MAX) return texts.refusals.longNote(FEEDBACK_MAX);
  const found = await findTypedApproval(app, command, person);
  if (typeof found === 'string') return found;
  const target: Target = { approvalId: found.id, round, via: 'command' };
  const written = note === '' ? {} : isNoteSent(app, found) ? { feedback: note } : { note };
  const answer = await decide(app, target, person, { type: 'decide', action: 'approve', ...written });
  if (answer.done) return confirmTypedApproval(answer.approval, round, links.command);
  const { refusal, approval } = answer;
  const sentence = describeRefusal(refusal, currentCardLink(answer, links));
  if (refusal.code !== 'superseded' || !approval) return sentence;
  // People who type an id have to see the output first.
  return `${sentence} ${describeCurrentRound(approval.id, currentRound(approval).number, links.command)}`;
}

/** `/approvals choose`: answers a Flow with one of its options, by its text or its number. Resolves to one sentence. */
async function chooseByCommand(
  app: SlackApp,
  command: Extract<Command, { kind: 'choose' }>,
  person: string,
): Promise<string> {
  const { links } = app;
  const { round } = command;
  const approval = await findTypedApproval(app, command, person);
  if (typeof approval === 'string') return approval;
  const review = findRound(approval, round)?.review;
  const options = review?.options ?? [];
  const option = findOption(options, command.option);
  if (option === undefined && review) return describeUnknownOption(command.option, options);
  const target: Target = { approvalId: approval.id, round, via: 'command' };
  const answer = await decide(app, target, person, { type: 'decide', action: 'choose', option });
  if (!answer.done) return describeRefusal(answer.refusal, currentCardLink(answer, links));
  return confirmTypedChoice(answer.approval, round, options[option ?? -1] ?? '', links.command);
}

/** The index of an option by its text, whatever the case where that is clear, or by its number. */
function findOption(options: readonly string[], typed: string): number | undefined {
  const exact = options.indexOf(typed);
  if (exact !== -1) return exact;
  const lower = typed.toLowerCase();
  const alike = options.flatMap((option, index) => (option.trim().toLowerCase() === lower ? [index] : []));
  if (alike.length === 1) return alike[0];
  const number = /^\d{1,3}$/.test(typed) ? Number(typed) : 0;
  return number >= 1 && number <= options.length ? number - 1 : undefined;
}

/** Resolves to the approval that a person typed the id of, or to a sentence why there is none. Rejects with a StoreError. */
async function findTypedApproval(
  app: SlackApp,
  { id, round }: { id: string; round: number },
  person: string,
): Promise<Approval | string> {
  const approvals = await findNamedApprovals(app, person, id);
  if (!Array.isArray(approvals)) return describeLookUpRefusal(approvals);
  const [only, ...others] = approvals.filter((approval) => approval.id.startsWith(id.toUpperCase()));
  if (!only) return describeNotFound(id);
  if (others.length > 0) return describeAmbiguousId(id);
  const { number } = currentRound(only);
  return round <= number ? only : describeMissingRound(only.id, round, number, app.links.command);
}
