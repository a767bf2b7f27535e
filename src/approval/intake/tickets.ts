import type { App } from '../app.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import type { Follows } from '../lifecycle/which-approval.ts';
import { type Approval, findAttempt, setOrigin } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { mayHaveArrived } from '../model/round.ts';
import { isOpened } from '../model/run/run-record.ts';
import { mayHaveStarted, type Start } from '../model/run/start.ts';
import { findTicket, readTicket } from '../model/run/ticket.ts';
import { updateApproval } from '../update.ts';
import { recordAlias } from './aliases.ts';

/** A webhook or a request with events, and the ticket in its URL. */
interface WebhookSource {
  /** Ticket as it was in the URL, unchecked; undefined: none. */
  ticket: unknown;
  executionId: string;
  kind: 'pause' | 'events' | 'other';
  at: number;
}

/** Proof by a ticket. `requestId`: start that an unknown id belongs to; `follows`: decision or start that the webhook follows. */
interface TicketProof {
  requestId?: string;
  follows?: Follows;
}

/**
 * Applies the ticket of a webhook. It proves that its attempt arrived, and that an unknown id belongs to the run if the answer
 * that would have named the id was lost. Logs and ignores a ticket that proves nothing. Rejects with a StoreError.
 */
export async function applyTicket(app: App, crew: Crew, sent: WebhookSource): Promise<TicketProof> {
  if (sent.ticket === undefined) return {};
  const read = readTicket(sent.ticket);
  if (!read) return ignoreTicket(app, crew, sent, 'malformed');
  // The id of a start is a UUID; an approval's id has no hyphens.
  const start = read.owner.includes('-') ? (await app.store.start(read.owner))?.record : undefined;
  if (start) return applyStartTicket(app, crew, sent, { start, id: read.id });
  const approval = (await app.store.approval(read.owner))?.record;
  return approval
    ? applyAttemptTicket(app, crew, sent, { approval, id: read.id })
    : ignoreTicket(app, crew, sent, 'unknown');
}

async function applyAttemptTicket(
  app: App,
  crew: Crew,
  sent: WebhookSource,
  { approval, id }: { approval: Approval; id: string },
): Promise<TicketProof> {
  const { at, executionId, kind } = sent;
  const round = approval.crew === crew.name ? findAttempt(approval, id)?.round : undefined;
  if (!round) return ignoreTicket(app, crew, sent, 'unknown');
  const run = await findRun(app, crew, executionId);
  if (run !== undefined && run !== approval.executionId)
    return ignoreTicket(app, crew, sent, 'of another run');
  const isTied = run !== undefined;
  if (!isTied && kind === 'pause') return ignoreTicket(app, crew, sent, 'a pause of an unknown run');
  let refused: string | undefined;
  const proved = await updateApproval(app.store, approval.id, (current) => {
    refused = refuseTicket(current, id, executionId, isTied);
    if (refused !== undefined) return current;
    // A pause does not tell under which id the run continues.
    const named = kind === 'pause' ? {} : { executionId };
    const event = { type: 'attempt_proved', at, ticket: id, ...named } as const;
    return setOrigin(applyEvent(current, event), current.factCount, 'webhook');
  });
  if (refused !== undefined && !isTied) return ignoreTicket(app, crew, sent, refused);
  if (proved) app.wake(proved);
  if (!isTied) await recordAlias(app, crew.name, executionId, approval.executionId);
  // Events come only to the URL of the start, so they never carry the ticket of a decision.
  const mayTell = kind !== 'events' && !(await app.dialects.bringsTickets(crew.name));
  if (mayTell && (await isLastSent(app, approval, id))) await app.dialects.learnTickets(crew.name);
  return { follows: { approval: approval.id, round: round.number, ticket: id } };
}

/** True if the ticket is of the run's last sent decision. A platform that calls stale URLs brings older tickets. */
async function isLastSent({ store }: App, { crew, executionId }: Approval, id: string): Promise<boolean> {
  const run = await store.run(crew, executionId);
  const approvals = await store.approvals(run?.record.approvals ?? []);
  const sent = approvals
    .flatMap(({ record }) => record.rounds)
    .filter(({ delivery }) => delivery?.tickets)
    .toSorted((a, b) => (a.decision?.at ?? 0) - (b.decision?.at ?? 0));
  return findTicket(sent.at(-1)?.delivery?.tickets, id) !== undefined;
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
  const hasGoneOn = approval.runEndedAt !== undefined || round?.continuedAt !== undefined;
  return hasGoneOn ? 'of a run that has gone on' : undefined;
}

/** Applies a start's ticket: proves the run's first id and, with events, one more for each decision whose answer was lost. */
async function applyStartTicket(
  app: App,
  crew: Crew,
  sent: WebhookSource,
  { start, id }: { start: Start; id: string },
): Promise<TicketProof> {
  if (start.crew !== crew.name || !findTicket(start.tickets, id))
    return ignoreTicket(app, crew, sent, 'unknown');
  const run = await findRun(app, crew, sent.executionId);
  if (run !== undefined)
    return start.executionId === undefined || run === start.executionId
      ? { follows: 'start' }
      : ignoreTicket(app, crew, sent, 'of another run');
  // The run has no id yet: any webhook except a pause can bring it, if CrewAI may have started the run.
  if (start.executionId === undefined)
    return mayHaveStarted(start) && sent.kind !== 'pause'
      ? { requestId: start.id, follows: 'start' }
      : ignoreTicket(app, crew, sent, 'a pause of an unknown run');
  const lost = sent.kind === 'events' ? await findLostAttempts(app, crew, start.executionId) : [];
  const [only] = lost;
  if (!only || lost.length > 1) return ignoreTicket(app, crew, sent, 'spent');
  return applyAttemptTicket(app, crew, sent, only);
}

/** Finds the attempts of a run's decisions for which neither an answer nor a webhook came. */
async function findLostAttempts(
  app: App,
  crew: Crew,
  executionId: string,
): Promise<{ approval: Approval; id: string }[]> {
  const original = await app.store.originalId(crew.name, executionId);
  const run = await app.store.run(crew.name, original);
  const approvals = await app.store.approvals(run?.record.approvals ?? []);
  return approvals.flatMap(({ record: approval }) => {
    const round = approval.rounds.at(-1);
    const last = round?.delivery?.tickets?.at(-1);
    return round &&
      last &&
      mayHaveArrived(round) &&
      last.usedBy === undefined &&
      refuseTicket(approval, last.id, '', false) === undefined
      ? [{ approval, id: last.id }]
      : [];
  });
}

/**
 * Finds the first id of the run that an id belongs to; undefined: the id is unknown, or nothing under it has opened a run yet,
 * since events without a ticket can come first.
 */
async function findRun({ store }: App, crew: Crew, executionId: string): Promise<string | undefined> {
  const original = await store.originalId(crew.name, executionId);
  if (original !== executionId) return original;
  const run = (await store.run(crew.name, executionId))?.record;
  return run && isOpened(run) ? executionId : undefined;
}

function ignoreTicket({ log }: App, crew: Crew, { executionId }: WebhookSource, why: string): TicketProof {
  log.warn({ crew: crew.name, execution: executionId, reason: why }, 'run ticket ignored');
  return {};
}
