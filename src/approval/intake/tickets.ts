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

/** A webhook or an event whose URL carried a ticket. */
interface Sent {
  /** As it was in the URL, whatever it is; undefined: there was none. */
  ticket: unknown;
  executionId: string;
  kind: 'pause' | 'events' | 'other';
  at: number;
}

/** `requestId`: the start that an unknown id belongs to; `follows`: what the webhook follows. */
interface Proved {
  requestId?: string;
  follows?: Follows;
}

/**
 * What the ticket of a webhook proves: the attempt that it was sent with arrived; an id that is not known yet belongs to
 * its run, if the answer that would have named it was lost. A ticket that proves nothing is logged and ignored. Rejects with a
 * StoreError.
 */
export async function applyTicket(app: App, crew: Crew, sent: Sent): Promise<Proved> {
  if (sent.ticket === undefined) return {};
  const read = readTicket(sent.ticket);
  if (!read) return ignore(app, crew, sent, 'malformed');
  // A start has a UUID.
  const start = read.owner.includes('-') ? (await app.store.start(read.owner))?.record : undefined;
  if (start) return applyStartTicket(app, crew, sent, { start, id: read.id });
  const approval = (await app.store.approval(read.owner))?.record;
  return approval
    ? applyAttemptTicket(app, crew, sent, { approval, id: read.id })
    : ignore(app, crew, sent, 'unknown');
}

async function applyAttemptTicket(
  app: App,
  crew: Crew,
  sent: Sent,
  { approval, id }: { approval: Approval; id: string },
): Promise<Proved> {
  const { at, executionId, kind } = sent;
  const round = approval.crew === crew.name ? findAttempt(approval, id)?.round : undefined;
  if (!round) return ignore(app, crew, sent, 'unknown');
  const run = await findRun(app, crew, executionId);
  if (run !== undefined && run !== approval.executionId) return ignore(app, crew, sent, 'of another run');
  const isTied = run !== undefined;
  if (!isTied && kind === 'pause') return ignore(app, crew, sent, 'a pause of an unknown run');
  let refused: string | undefined;
  const proved = await updateApproval(app.store, approval.id, (current) => {
    refused = refuseTicket(current, id, executionId, isTied);
    if (refused !== undefined) return current;
    // A pause does not say under which id the run goes on.
    const named = kind === 'pause' ? {} : { executionId };
    const event = { type: 'attempt_proved', at, ticket: id, ...named } as const;
    return setOrigin(applyEvent(current, event), current.factCount, 'webhook');
  });
  if (refused !== undefined && !isTied) return ignore(app, crew, sent, refused);
  if (proved) app.wake(proved);
  if (!isTied) await recordAlias(app, crew.name, executionId, approval.executionId);
  // Events have the URL of the start only.
  const mayTell = kind !== 'events' && !(await app.dialects.bringsTickets(crew.name));
  if (mayTell && (await isLastSent(app, approval, id))) await app.dialects.learnTickets(crew.name);
  return { follows: { approval: approval.id, round: round.number, ticket: id } };
}

/** Whether no decision of the run was sent after the one of a ticket: a platform that calls stale URLs brings older ones. */
async function isLastSent({ store }: App, { crew, executionId }: Approval, id: string): Promise<boolean> {
  const run = await store.run(crew, executionId);
  const approvals = await store.approvals(run?.record.approvals ?? []);
  const sent = approvals
    .flatMap(({ record }) => record.rounds)
    .filter(({ delivery }) => delivery?.tickets)
    .toSorted((a, b) => (a.decision?.at ?? 0) - (b.decision?.at ?? 0));
  return findTicket(sent.at(-1)?.delivery?.tickets, id) !== undefined;
}

/** Why a ticket proves nothing of a webhook; undefined: it does. An id that is tied already is not tied by it. */
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

/** The ticket of a start: of its first id, and of one more id for each decision whose answer was lost, by events. */
async function applyStartTicket(
  app: App,
  crew: Crew,
  sent: Sent,
  { start, id }: { start: Start; id: string },
): Promise<Proved> {
  if (start.crew !== crew.name || !findTicket(start.tickets, id)) return ignore(app, crew, sent, 'unknown');
  const run = await findRun(app, crew, sent.executionId);
  if (run !== undefined)
    return start.executionId === undefined || run === start.executionId
      ? { follows: 'start' }
      : ignore(app, crew, sent, 'of another run');
  // The answer named an id: the start is not known only until its webhook has come.
  if (start.executionId === undefined)
    return mayHaveStarted(start) && sent.kind !== 'pause'
      ? { requestId: start.id, follows: 'start' }
      : ignore(app, crew, sent, 'a pause of an unknown run');
  const lost = sent.kind === 'events' ? await findLostAttempts(app, crew, start.executionId) : [];
  const [only] = lost;
  if (!only || lost.length > 1) return ignore(app, crew, sent, 'spent');
  return applyAttemptTicket(app, crew, sent, only);
}

/** Attempts of a run's decisions of which neither an answer nor a webhook has come. */
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
 * The first id of the run that an id belongs to; undefined while the id is not known, and while nothing has come under it
 * that opens a run: events without a ticket may have come before.
 */
async function findRun({ store }: App, crew: Crew, executionId: string): Promise<string | undefined> {
  const original = await store.originalId(crew.name, executionId);
  if (original !== executionId) return original;
  const run = (await store.run(crew.name, executionId))?.record;
  return run && isOpened(run) ? executionId : undefined;
}

function ignore({ log }: App, crew: Crew, { executionId }: Sent, why: string): Proved {
  log.warn({ crew: crew.name, execution: executionId, reason: why }, 'run ticket ignored');
  return {};
}
