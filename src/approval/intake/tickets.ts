import type { App } from '../app.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import type { FollowedDecision } from '../lifecycle/which-approval.ts';
import { type Approval, findAttempt, setOrigin } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { mayHaveArrived } from '../model/round.ts';
import { isOpened } from '../model/run/run-record.ts';
import { mayHaveStarted, type Start } from '../model/run/start.ts';
import { findTicket, readTicket } from '../model/run/ticket.ts';
import { updateApproval } from '../update.ts';
import { recordAlias } from './aliases.ts';

/** A webhook or a request with events, and the ticket in its URL. */
interface TicketCarrier {
  /** Ticket as it was in the URL, unchecked; undefined: none. */
  ticket: unknown;
  executionId: string;
  kind: 'pause' | 'events' | 'other';
  at: number;
}

/** Proof by a ticket. `requestId`: start that an unknown id belongs to; `follows`: decision or start that the webhook follows. */
interface TicketProof {
  requestId?: string;
  follows?: FollowedDecision;
}

/**
 * Applies the ticket of a webhook. It proves that its attempt arrived, and that an unknown id belongs to the run if the answer
 * that would have named the id was lost. Logs and ignores a ticket that proves nothing. Rejects with a StoreError.
 */
export async function applyTicket(app: App, crew: Crew, carrier: TicketCarrier): Promise<TicketProof> {
  if (carrier.ticket === undefined) return {};
  const ticket = readTicket(carrier.ticket);
  if (!ticket) return ignoreTicket(app, crew, carrier, 'malformed');
  // The id of a start is a UUID; an approval's id has no hyphens.
  const start = ticket.owner.includes('-') ? (await app.store.start(ticket.owner))?.record : undefined;
  if (start) return applyStartTicket(app, crew, carrier, { start, id: ticket.id });
  const approval = (await app.store.approval(ticket.owner))?.record;
  return approval
    ? applyAttemptTicket(app, crew, carrier, { approval, id: ticket.id })
    : ignoreTicket(app, crew, carrier, 'unknown');
}

async function applyAttemptTicket(
  app: App,
  crew: Crew,
  carrier: TicketCarrier,
  { approval, id }: { approval: Approval; id: string },
): Promise<TicketProof> {
  const { at, executionId, kind } = carrier;
  const round = approval.crew === crew.name ? findAttempt(approval, id)?.round : undefined;
  if (!round) return ignoreTicket(app, crew, carrier, 'unknown');
  const firstRunId = await findFirstRunId(app, crew, executionId);
  if (firstRunId !== undefined && firstRunId !== approval.executionId)
    return ignoreTicket(app, crew, carrier, 'of another run');
  const isTied = firstRunId !== undefined;
  if (!isTied && kind === 'pause') return ignoreTicket(app, crew, carrier, 'a pause of an unknown run');
  let refusal: string | undefined;
  const changedApproval = await updateApproval(app.store, approval.id, (current) => {
    refusal = refuseTicket(current, id, executionId, isTied);
    if (refusal !== undefined) return current;
    // A pause does not tell under which id the run continues.
    const runId = kind === 'pause' ? {} : { executionId };
    const event = { type: 'attempt_proved', at, ticket: id, ...runId } as const;
    return setOrigin(applyEvent(current, event), current.factCount, 'webhook');
  });
  if (refusal !== undefined && !isTied) return ignoreTicket(app, crew, carrier, refusal);
  if (changedApproval) app.wake(changedApproval);
  if (!isTied) await recordAlias(app, crew.name, executionId, approval.executionId);
  // Events come only to the URL of the start, so they never carry the ticket of a decision.
  const canTeachTickets = kind !== 'events' && !(await app.dialects.bringsTickets(crew.name));
  if (canTeachTickets && (await isLastSent(app, approval, id))) await app.dialects.learnTickets(crew.name);
  return { follows: { approval: approval.id, round: round.number, ticket: id } };
}

/** True if the ticket is of the run's last sent decision. A platform that calls stale URLs brings older tickets. */
async function isLastSent({ store }: App, { crew, executionId }: Approval, id: string): Promise<boolean> {
  const run = await store.run(crew, executionId);
  const approvals = await store.approvals(run?.record.approvals ?? []);
  const sentRounds = approvals
    .flatMap(({ record }) => record.rounds)
    .filter(({ delivery }) => delivery?.tickets)
    .toSorted((a, b) => (a.decision?.at ?? 0) - (b.decision?.at ?? 0));
  return findTicket(sentRounds.at(-1)?.delivery?.tickets, id) !== undefined;
}

/** Returns why a ticket proves nothing; undefined: it proves its attempt. `isTied`: the id is already known as one of the run. */
function refuseTicket(
  approval: Approval,
  id: string,
  executionId: string,
  isTied: boolean,
): string | undefined {
  const { round, ticket } = findAttempt(approval, id) ?? {};
  if (ticket?.usedBy !== undefined) return ticket.usedBy === executionId ? undefined : 'spent';
  if (isTied) return undefined;
  if (ticket?.answered) return 'answered';
  const hasContinued = approval.runEndedAt !== undefined || round?.continuedAt !== undefined;
  return hasContinued ? 'of a run that has gone on' : undefined;
}

/** Applies a start's ticket: proves the run's first id and, with events, one more for each decision whose answer was lost. */
async function applyStartTicket(
  app: App,
  crew: Crew,
  carrier: TicketCarrier,
  { start, id }: { start: Start; id: string },
): Promise<TicketProof> {
  if (start.crew !== crew.name || !findTicket(start.tickets, id))
    return ignoreTicket(app, crew, carrier, 'unknown');
  const firstRunId = await findFirstRunId(app, crew, carrier.executionId);
  if (firstRunId !== undefined)
    return start.executionId === undefined || firstRunId === start.executionId
      ? { follows: 'start' }
      : ignoreTicket(app, crew, carrier, 'of another run');
  // The run has no id yet: any webhook except a pause can bring it, if CrewAI may have started the run.
  if (start.executionId === undefined)
    return mayHaveStarted(start) && carrier.kind !== 'pause'
      ? { requestId: start.id, follows: 'start' }
      : ignoreTicket(app, crew, carrier, 'a pause of an unknown run');
  const lostAttempts = carrier.kind === 'events' ? await findLostAttempts(app, crew, start.executionId) : [];
  const [lostAttempt] = lostAttempts;
  if (!lostAttempt || lostAttempts.length > 1) return ignoreTicket(app, crew, carrier, 'spent');
  return applyAttemptTicket(app, crew, carrier, lostAttempt);
}

/** Finds the attempts of a run's decisions for which neither an answer nor a webhook came. */
async function findLostAttempts(
  app: App,
  crew: Crew,
  executionId: string,
): Promise<{ approval: Approval; id: string }[]> {
  const firstRunId = await app.store.originalId(crew.name, executionId);
  const run = await app.store.run(crew.name, firstRunId);
  const approvals = await app.store.approvals(run?.record.approvals ?? []);
  return approvals.flatMap(({ record: approval }) => {
    const round = approval.rounds.at(-1);
    const lastTicket = round?.delivery?.tickets?.at(-1);
    return round &&
      lastTicket &&
      mayHaveArrived(round) &&
      lastTicket.usedBy === undefined &&
      refuseTicket(approval, lastTicket.id, '', false) === undefined
      ? [{ approval, id: lastTicket.id }]
      : [];
  });
}

/**
 * Finds the first id of the run that an id belongs to; undefined: the id is unknown, or nothing under it has opened a run yet,
 * since events without a ticket can come first.
 */
async function findFirstRunId({ store }: App, crew: Crew, executionId: string): Promise<string | undefined> {
  const originalId = await store.originalId(crew.name, executionId);
  if (originalId !== executionId) return originalId;
  const run = (await store.run(crew.name, executionId))?.record;
  return run && isOpened(run) ? executionId : undefined;
}

function ignoreTicket({ log }: App, crew: Crew, { executionId }: TicketCarrier, why: string): TicketProof {
  log.warn({ crew: crew.name, execution: executionId, reason: why }, 'run ticket ignored');
  return {};
}
