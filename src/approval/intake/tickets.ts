import { RecordError } from '../../lib/errors.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import type { Approval } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { setOrigin } from '../model/facts.ts';
import type { Execution } from '../model/run/execution.ts';
import { type Kickoff, mayHaveStarted } from '../model/run/kickoff.ts';
import { readTicket } from '../model/run/ticket.ts';
import { updateApproval } from '../update.ts';
import { recordAlias } from './aliases.ts';
import type { IntakeParts } from './commit-plan.ts';

/** A webhook or an event whose URL carried a ticket. */
interface Sent {
  /** As it was in the URL, whatever it is; undefined: there was none. */
  ticket: unknown;
  executionId: string;
  kind: 'pause' | 'events' | 'other';
  at: number;
}

/**
 * What the ticket of a webhook proves: the attempt that it was sent with arrived; an id that is not known yet belongs to
 * its run, if the answer that would have named it was lost. `requestId`: of the start that an unknown id belongs to.
 * A ticket that proves nothing is logged and ignored. Rejects with a StoreError.
 */
export async function applyTicket(
  parts: IntakeParts,
  crew: Crew,
  sent: Sent,
): Promise<{ requestId?: string }> {
  if (sent.ticket === undefined) return {};
  const read = readTicket(sent.ticket);
  if (!read) return ignore(parts, crew, sent, 'malformed');
  // A start has a UUID.
  const start = read.owner.includes('-') ? await parts.store.kickoff(read.owner) : undefined;
  if (start) return applyStartTicket(parts, crew, sent, { start: start.record, id: read.id });
  const approval = await findApproval(parts, read.owner);
  return approval
    ? applyAttemptTicket(parts, crew, sent, { approval, id: read.id })
    : ignore(parts, crew, sent, 'unknown');
}

async function applyAttemptTicket(
  parts: IntakeParts,
  crew: Crew,
  sent: Sent,
  { approval, id }: { approval: Approval; id: string },
): Promise<{ requestId?: string }> {
  const ticket = approval.rounds
    .flatMap(({ delivery }) => delivery?.tickets ?? [])
    .find((one) => one.id === id);
  if (approval.crew !== crew.name || !ticket) return ignore(parts, crew, sent, 'unknown');
  const { executionId } = sent;
  const run = await findRun(parts, crew, executionId);
  if (run !== undefined && run !== approval.executionId) return ignore(parts, crew, sent, 'of another run');
  const isSpent = ticket.usedBy !== undefined && ticket.usedBy !== executionId;
  if (run === undefined && (isSpent || ticket.answered || sent.kind === 'pause'))
    return ignore(
      parts,
      crew,
      sent,
      isSpent ? 'spent' : ticket.answered ? 'answered' : 'a pause of an unknown run',
    );
  if (isSpent || (ticket.usedBy !== undefined && run !== undefined)) return {};
  const proved = await updateApproval(parts.store, approval.id, (current) =>
    setOrigin(
      applyEvent(current, { type: 'attempt_proved', at: sent.at, ticket: id, executionId }),
      current.factCount,
      'webhook',
    ),
  );
  if (proved) parts.wake(proved);
  if (run === undefined) await recordAlias(parts, crew.name, executionId, approval.executionId);
  return {};
}

/** The ticket of a start: of its first id, and of one more id for each decision whose answer was lost, by events. */
async function applyStartTicket(
  parts: IntakeParts,
  crew: Crew,
  sent: Sent,
  { start, id }: { start: Kickoff; id: string },
): Promise<{ requestId?: string }> {
  if (start.crew !== crew.name || !start.tickets?.some((one) => one.id === id))
    return ignore(parts, crew, sent, 'unknown');
  if ((await findRun(parts, crew, sent.executionId)) !== undefined) return {};
  // The answer named an id: the start is not known only until its webhook has come.
  if (start.executionId === undefined)
    return mayHaveStarted(start) && sent.kind !== 'pause'
      ? { requestId: start.id }
      : ignore(parts, crew, sent, 'a pause of an unknown run');
  const lost = sent.kind === 'events' ? await findLostAttempts(parts, crew, start.executionId) : [];
  const [only] = lost;
  if (!only || lost.length > 1) return ignore(parts, crew, sent, 'spent');
  return applyAttemptTicket(parts, crew, sent, only);
}

/** Attempts of a run's decisions of which neither an answer nor a webhook has come. */
async function findLostAttempts(
  parts: IntakeParts,
  crew: Crew,
  executionId: string,
): Promise<{ approval: Approval; id: string }[]> {
  const original = await parts.store.originalId(crew.name, executionId);
  const run = await parts.store.execution(crew.name, original);
  const approvals = await Promise.all((run?.record.approvals ?? []).map((id) => findApproval(parts, id)));
  return approvals.flatMap((approval) => {
    const last = approval?.rounds.at(-1)?.delivery?.tickets?.at(-1);
    return approval && last && !last.answered && last.usedBy === undefined ? [{ approval, id: last.id }] : [];
  });
}

/**
 * The first id of the run that an id belongs to; undefined while the id is not known, and while nothing has come under it
 * that opens a run: events without a ticket may have come before.
 */
async function findRun({ store }: IntakeParts, crew: Crew, executionId: string): Promise<string | undefined> {
  const original = await store.originalId(crew.name, executionId);
  if (original !== executionId) return original;
  const run = (await store.execution(crew.name, executionId))?.record;
  return run && isOpened(run) ? executionId : undefined;
}

function isOpened({ approvals, registeredUrls, registeredHumanInput, thread }: Execution): boolean {
  const isRegistered = registeredHumanInput !== undefined || Object.keys(registeredUrls).length > 0;
  return approvals.length > 0 || isRegistered || thread !== undefined;
}

/** An approval that a newer version wrote is left alone. */
async function findApproval({ store }: IntakeParts, id: string): Promise<Approval | undefined> {
  try {
    return (await store.approval(id))?.record;
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

function ignore(
  { log }: IntakeParts,
  crew: Crew,
  { executionId }: Sent,
  why: string,
): { requestId?: string } {
  log.warn({ crew: crew.name, execution: executionId, reason: why }, 'run ticket ignored');
  return {};
}
