import { currentRound } from '../../../approval/model/approval.ts';
import { buildHelp } from '../../views/lists/help.ts';
import { buildApprovalView, buildFoundApprovals } from '../../views/lists/look-up.ts';
import { buildRunList } from '../../views/lists/run-list.ts';
import { buildRunStatus } from '../../views/lists/run-status.ts';
import { buildStats } from '../../views/lists/stats.ts';
import { buildSentence, type MessageView } from '../../views/message-view.ts';
import {
  describeLookUpRefusal,
  describeNotFound,
  describeUnknownPerson,
  suggestCommand,
} from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { buildListPage } from '../list-page.ts';
import type { Command } from './read-command.ts';

/** `/approvals`, `waiting`, `history` and `find`: the first page of a list. */
export async function listApprovals(
  context: ListenerContext,
  { query, named }: Extract<Command, { kind: 'list' }>,
  person: string,
): Promise<MessageView> {
  if (named !== undefined) return buildSentence(describeUnknownPerson(named));
  return buildListPage(context, person, { query, before: [] });
}

/** `/approvals <id>`: one approval, with its output if the person may see it, or those of a run. */
export async function lookUpById(
  { decisions, deciders, lookUps, links }: ListenerContext,
  { id, nearest }: Extract<Command, { kind: 'look' }>,
  person: string,
): Promise<MessageView> {
  const approvals = await lookUps.named(person, id);
  if (!Array.isArray(approvals)) return buildSentence(describeLookUpRefusal(approvals));
  const [only, ...others] = approvals;
  if (!only) {
    // A word without a digit is probably not an id.
    return nearest || !/\d/.test(id)
      ? buildHelp(links.command, `${describeNotFound(id)}${suggestCommand(nearest)}`)
      : buildSentence(describeNotFound(id));
  }
  if (others.length > 0) return buildFoundApprovals(approvals, links);
  const output = (await deciders.canSee(only, person))
    ? await decisions.output(only, currentRound(only))
    : undefined;
  return buildApprovalView(only, output, links);
}

/** `/approvals status`: CrewAI's status of a run. */
export async function lookUpStatus(
  { lookUps, links }: ListenerContext,
  { id }: Extract<Command, { kind: 'status' }>,
  person: string,
): Promise<MessageView> {
  const report = await lookUps.status(person, id);
  return 'code' in report ? buildSentence(describeLookUpRefusal(report)) : buildRunStatus(report, links);
}

/** `/approvals runs`: runs that were started from Slack. */
export async function lookUpRuns(
  { lookUps, links }: ListenerContext,
  { crew, mine }: Extract<Command, { kind: 'runs' }>,
  person: string,
): Promise<MessageView> {
  const found = await lookUps.runs(person, { crew, mine });
  return Array.isArray(found) ? buildRunList(found, links) : buildSentence(describeLookUpRefusal(found));
}

/** `/approvals stats`: figures of the last days. */
export async function lookUpStats(
  { lookUps }: ListenerContext,
  { days }: Extract<Command, { kind: 'stats' }>,
  person: string,
): Promise<MessageView> {
  const found = await lookUps.stats(person, days);
  return 'code' in found ? buildSentence(describeLookUpRefusal(found)) : buildStats(found);
}
