import { hash } from 'node:crypto';
import { nameCloseReason } from './lifecycle/questions.ts';
import { type Approval, type Fact, findRound } from './model/approval.ts';
import type { FactName } from './model/facts.ts';
import { parseValues } from './model/fields.ts';
import type { HashedOutput, Output } from './model/output.ts';
import { isPause, listOptions, listSeen, type Round } from './model/round.ts';
import { findShownRunId } from './model/run/program-run.ts';
import type { RunRecord } from './model/run/run-record.ts';

/** Types of the events that a company's own systems receive. */
export const EVENT_TYPES = [
  'approval.opened',
  'approval.decided',
  'approval.accepted',
  'approval.continued',
  'approval.expired',
  'approval.closed',
  'approval.undelivered',
  'run.started',
  'run.finished',
  'run.failed',
] as const;
type EventType = (typeof EVENT_TYPES)[number];

/** An event, as stored until its receiver has accepted it. */
export interface SignedEvent {
  /** Id, the same for each attempt. */
  id: string;
  type: EventType;
  /** Milliseconds since 1970. */
  at: number;
  data: Record<string, unknown>;
}

/** Hash that links an entry of the history to the next one. */
interface HistoryLink {
  hash: string;
}

/** Event type of each kind of history entry. Other entries cause no event. */
const TYPE_BY_FACT: Readonly<Partial<Record<FactName, EventType>>> = {
  received: 'approval.opened',
  decided: 'approval.decided',
  approved: 'approval.accepted',
  revision_requested: 'approval.accepted',
  answered: 'approval.accepted',
  went_on: 'approval.continued',
  expired: 'approval.expired',
  superseded: 'approval.closed',
  resolved_elsewhere: 'approval.closed',
  run_ended: 'approval.closed',
  given_up: 'approval.closed',
  withdrawn: 'approval.closed',
  refused: 'approval.undelivered',
  undelivered: 'approval.undelivered',
};

/** Builds the events of new history entries. `outputs`: texts of new rounds, if the crew's events carry texts. Pure. */
export function buildApprovalEvents(
  approval: Approval,
  entries: readonly (Fact & HistoryLink)[],
  { withTexts, outputs = [] }: { withTexts: boolean; outputs?: readonly HashedOutput[] | undefined },
): SignedEvent[] {
  return entries.flatMap((fact) => {
    const type = TYPE_BY_FACT[fact.what];
    const round = fact.round === undefined ? undefined : findRound(approval, fact.round);
    // Another webhook may report a round again. Its fact has no output, and the round is not new.
    if (!type || !round || (type === 'approval.opened' && fact.output === undefined)) return [];
    const { id: approvalId, crew, executionId, task } = approval;
    const { seq, hash: link, at } = fact;
    const data = {
      crew,
      run: findShownRunId(executionId) ?? null,
      approval: approvalId,
      round: round.number,
      task,
      seq,
      hash: link,
      ...describeFact(type, fact, round),
      ...(withTexts ? describeTexts(type, round, outputs) : {}),
    };
    return [{ id: buildEventId(link), type, at, data }];
  });
}

function describeFact(type: EventType, { what, by, detail }: Fact, round: Round): Record<string, unknown> {
  const { decision, question, agent, votes, delivery } = round;
  switch (type) {
    case 'approval.opened':
      return {
        kind: question?.tool ? 'tool' : question ? 'question' : isPause(round) ? 'pause' : 'review',
        agent: agent ?? null,
        options: question?.options?.map(({ id }) => id) ?? listOptions(round) ?? ['approve', 'revise'],
        output: round.hashes[0],
        irreversible: round.irreversible === true,
      };
    case 'approval.decided':
    case 'approval.accepted':
      return {
        by: decision?.by || null,
        rule: decision?.rule ?? null,
        option: decision ? nameOption(round) : null,
        votes: votes.map((vote) => vote.by),
        irreversible: round.irreversible === true,
        edited: decision?.edited !== undefined,
        seen: listSeen(round),
      };
    case 'approval.expired':
      return { rule: detail ?? null };
    case 'approval.closed':
      return { reason: round.lapsed ? nameCloseReason(round.lapsed) : what, by: by ?? null };
    case 'approval.undelivered':
      return { status: delivery?.failure?.status ?? null, may_have_arrived: delivery?.unsure === true };
    default:
      return {};
  }
}

/** Names the chosen option by the program's id for it, otherwise by its text. For a pause of a crew: `approve` or `revise`. */
function nameOption(round: Round): string {
  const { decision, question } = round;
  if (decision?.action !== 'choose') return decision?.action === 'approve' ? 'approve' : 'revise';
  return question?.options?.[decision.option ?? -1]?.id ?? decision.feedback;
}

function describeTexts(
  type: EventType,
  { hashes, decision }: Round,
  outputs: readonly HashedOutput[],
): Record<string, unknown> {
  if (type === 'approval.opened') {
    const output: Output | undefined = outputs.find(({ hash }) => hashes.includes(hash))?.output;
    return output ? { output_text: output.text } : {};
  }
  if (type !== 'approval.decided' || !decision) return {};
  const { feedback, remark, edited, values } = decision;
  return {
    feedback: remark ?? feedback,
    ...(edited === undefined ? {} : { edited_text: edited }),
    ...(values === undefined ? {} : { fields: parseValues(values) }),
  };
}

/** Builds the events of a run's changes. Pure. */
export function buildRunEvents(previous: RunRecord | undefined, next: RunRecord): SignedEvent[] {
  const { crew, executionId, opened, lastWebhookAt, finishedAt, failure } = next;
  const hasStarted = lastWebhookAt !== undefined && previous?.lastWebhookAt === undefined;
  const build = (type: EventType, at: number): SignedEvent => ({
    id: buildEventId(hash('sha256', JSON.stringify([type, crew, executionId, at]))),
    type,
    at,
    data: { crew, run: findShownRunId(executionId) ?? null, hash: opened ?? null },
  });
  return [
    ...(hasStarted ? [build('run.started', lastWebhookAt)] : []),
    ...(finishedAt !== undefined && previous?.finishedAt === undefined
      ? [build('run.finished', finishedAt)]
      : []),
    // The time of the failure is from CrewAI's clock: it must not be before the webhook, whose time is from the store's clock.
    ...(failure && !previous?.failure ? [build('run.failed', Math.max(failure.at, lastWebhookAt ?? 0))] : []),
  ];
}

/** Builds the event id (Standard Webhooks): no dots, and the same for each attempt. */
function buildEventId(eventHash: string): string {
  return `msg_${eventHash.slice(0, 32)}`;
}
