import { reportUnseenPauses } from '../intake/unseen-pauses.ts';
import type { ApprovalEvent } from '../lifecycle/events.ts';
import { CALL_BEGINS_WITHIN, claimLane, forgetShown, LEASE, releaseLane } from '../lifecycle/lanes.ts';
import { nextSteps, type Step } from '../lifecycle/next-steps.ts';
import { transition } from '../lifecycle/transitions.ts';
import type { Approval } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect, Dialects } from '../model/crew/dialect.ts';
import type { LaneName } from '../model/lane.ts';
import { addApproval, type Execution } from '../model/run/execution.ts';
import type {
  AlertOperators,
  ApprovalStore,
  Cards,
  Clock,
  CrewAI,
  Log,
  Meter,
  PeopleDirectory,
  SlackCall,
  SlackQueue,
} from '../ports.ts';
import { CONFLICT, retryConflicts, updateApproval } from '../update.ts';
import { backoff } from './backoff.ts';
import { createDueSearch, SWEEP_EVERY } from './due-scan.ts';
import type { RateLimits } from './rate-limits.ts';
import { type CarryOut, createStepTurns } from './step-turns.ts';
import { createStepWork, type RunFailed, type StepOutcome } from './steps.ts';

const STOP_WITHIN = 10_000;
/** Before a step is taken up again that failed in a way of its own, as when the store takes no writes. */
const AFTER_FAILURE = 1_000;

/**
 * Carries out what is due, from the records alone: it claims a step, makes the call, records the outcome. Nothing is
 * queued anywhere else, so that after a crash it, or another replica, goes on from the records.
 */
export function createWorker({
  name,
  sole,
  store,
  cards,
  crews,
  settings,
  dialects,
  recordAlias,
  recordRunFailure,
  announce,
  people,
  turns,
  slackTurns,
  clock,
  random,
  log,
  changed = () => {},
  lag = () => {},
  alarm = () => {},
  clockReached,
}: {
  /** Unique among all workers that ever used this store. */
  name: string;
  /** The store serves one process: leases of other workers are those of dead ones. */
  sole: boolean;
  store: ApprovalStore;
  cards: Cards;
  crews: CrewAI;
  /** Of each crew, by its name. */
  settings: ReadonlyMap<string, Crew>;
  dialects: Dialects;
  /** Ties the id under which a run goes on to it. Rejects with a StoreError. */
  recordAlias: (crew: string, alias: string, executionId: string) => Promise<void>;
  recordRunFailure: RunFailed;
  /** Says something in a channel that belongs to no approval. Never rejects. */
  announce: (channel: string, sentence: string) => Promise<void>;
  people: PeopleDirectory;
  turns: RateLimits;
  slackTurns: SlackQueue;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Called when an outcome was recorded. */
  changed?: () => void;
  lag?: Meter['lag'];
  alarm?: AlertOperators;
  /** The latest time that the store's clock is known to have shown before this start. */
  clockReached?: number | undefined;
}) {
  const soleWorker = sole ? name : undefined;
  const queue = createStepTurns({ turns, slackTurns, people, clock, carryOut: carryOutSafely });
  const work = createStepWork({
    store,
    cards,
    crews,
    settings,
    recordAlias,
    recordRunFailure,
    people,
    clock,
    random,
  });
  const timers = new Map<string, { at: number; cancel: () => void }>();
  /** Of approvals whose card waits for its turn: when something else of them is due; 0 if it is not known. */
  const othersDue = new Map<string, number>();
  const blocked = new Map<string, string>();
  let claims = 0;
  let started = false;
  let stopped = false;
  const due = createDueSearch({
    sole,
    store,
    clock,
    log,
    alarm,
    checkRuns: () => reportUnseenPauses({ store, settings, dialects, announce, clock, log }),
    clockReached,
    look: async (id) => {
      if (!isWaitingItsTurn(id)) await lookSafely(id);
    },
  });

  /** What is due of an approval that was just stored takes its turn, what is due soon gets a timer. */
  function wake(approval: Approval, { clicked = false } = {}): void {
    if (clicked) queue.clicked(approval.id);
    // What comes before the start is found by it.
    if (started) void lookSafely(approval.id, approval);
  }

  /** One that cannot be read stands in no other's way. */
  async function lookSafely(id: string, saved?: Approval): Promise<void> {
    try {
      const approval = saved ?? (stopped ? undefined : (await store.approval(id))?.record);
      if (approval && !stopped) lookAt(approval);
    } catch (error) {
      log.error({ approval: id, error }, 'an approval could not be looked at; tried again later');
      if (queue.isBusy(id, 'card')) othersDue.set(id, 0);
    }
  }

  /** Whatever a later record says is found when that one is looked at: a step is claimed on the record as it is then. */
  function lookAt(approval: Approval): void {
    const { id } = approval;
    const now = clock.now();
    const steps = nextSteps(approval, now, soleWorker).filter((step) => queue.isFree(id, step));
    for (const step of steps) if (step.at <= now) queue.take(approval, step);
    const soon = Math.min(...steps.filter((step) => step.at > now).map((step) => step.at));
    if (soon < Number.POSITIVE_INFINITY && queue.isBusy(id, 'card')) othersDue.set(id, soon);
    else othersDue.delete(id);
    if (soon - now <= SWEEP_EVERY) lookAgain(id, soon, now);
  }

  /** One that is set for an earlier time stays: it may know of a later record. */
  function lookAgain(id: string, at: number, now: number): void {
    const timer = timers.get(id);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    const cancel = clock.after(at - now, () => {
      timers.delete(id);
      void lookSafely(id);
    });
    timers.set(id, { at, cancel });
  }

  /** False: nothing was due any more. Never rejects. */
  async function carryOutSafely(...[id, lane, how]: Parameters<CarryOut>): Promise<boolean> {
    try {
      const done = await carryOut(id, lane, how);
      freeLane(id, lane);
      return done;
    } catch (error) {
      log.error({ approval: id, lane, error }, 'a step could not be carried out; it is taken up again');
      clock.after(AFTER_FAILURE, () => freeLane(id, lane));
      return true;
    }
  }

  function freeLane(id: string, lane: LaneName): void {
    queue.free(id, lane);
    void lookSafely(id);
  }

  /** A decision is sent without it too: what its card shows of the webhook URLs is known. */
  async function executionOf(approval: Approval): Promise<Execution> {
    return addApproval((await store.execution(approval.crew, approval.executionId))?.record, approval);
  }

  async function carryOut(
    ...[id, lane, { decided, call, limited = () => {} }]: Parameters<CarryOut>
  ): Promise<boolean> {
    // Before the claim: an attempt that has begun counts as one that may have arrived.
    const execution = decided && (await executionOf(decided));
    const claimed = await claim(id, lane, call);
    if (!claimed) return false;
    const { approval, step, owner, at } = claimed;
    lag(lane, Math.max(0, at - step.at));
    const late = clock.now() - at > CALL_BEGINS_WITHIN;
    const done = late ? work.heldUp(step, owner) : await work.perform(approval, step, execution);
    const about = { crew: approval.crew, execution: approval.executionId, approval: id, ...done.about };
    log[done.failed ? 'warn' : 'info'](about, done.fact);
    if (done.pauseMs !== undefined) limited(done.pauseMs);
    if (step.lane === 'card' && !done.failed) queue.shown(id);
    if (done.alarm) alarm(done.alarm.cause, done.alarm.sentence);
    if (lane !== 'delivery' && !late && !done.elsewhere) noteChannel(approval.channel, done);
    await record(id, (current) => releaseLane(done.apply(current), lane, owner), done.before);
    return !done.silent;
  }

  /** Takes a lane for this worker if its step is still due; nothing is done before this is on disk. */
  function claim(id: string, lane: LaneName, call: SlackCall['do'] | undefined) {
    return retryConflicts(id, async () => {
      const stored = await store.approval(id);
      const now = clock.now();
      const step = stored && nextSteps(stored.record, now, soleWorker).find((next) => next.lane === lane);
      if (!stored || !step || step.at > now || stopped) return undefined;
      if (call !== undefined && (step.do === 'update') !== (call === 'update')) return undefined;
      const owner = `${name}/${++claims}`;
      const dialect = dialects.of(stored.record.crew);
      const approval = begin(claimLane(stored.record, lane, owner, now), step, now, dialect);
      if (step.do === 'expire_delivery' || step.do === 'fire_timers') {
        return (await store.saveApproval(stored, releaseLane(approval, lane, owner))) ? undefined : CONFLICT;
      }
      return (await store.saveApproval(stored, approval)) ? { approval, step, owner, at: now } : CONFLICT;
    });
  }

  /** Applies an outcome to the record as it is then, again until it is stored: an outcome is never dropped. */
  async function record(
    id: string,
    change: (approval: Approval) => Approval,
    before?: () => Promise<void>,
  ): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await before?.();
        await updateApproval(store, id, change);
        return changed();
      } catch (error) {
        failures += 1;
        log.error({ approval: id, error }, 'an outcome could not be stored yet');
        const pause = Math.min(LEASE, backoff(Math.min(failures, 3), random));
        await new Promise<void>((resolve) => clock.after(pause, resolve));
      }
    }
  }

  function noteChannel(channel: string, { blocked: reason, failed }: StepOutcome): void {
    if (reason !== undefined) blocked.set(channel, reason);
    else if (!failed) blocked.delete(channel);
  }

  /** Its card waits for its turn, and nothing else of it is due before the next sweep. */
  function isWaitingItsTurn(id: string): boolean {
    const other = othersDue.get(id) ?? Number.POSITIVE_INFINITY;
    return sole && queue.isBusy(id, 'card') && other > clock.now() + SWEEP_EVERY;
  }

  /** Begins with everything that is due, leases of a dead process on this store included. */
  function start(): void {
    started = true;
    due.start();
  }

  /** Begins nothing more and gives what is under way 10 s to end. */
  async function stop(): Promise<void> {
    stopped = true;
    due.stop();
    for (const { cancel } of timers.values()) cancel();
    let cancelDeadline = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancelDeadline = clock.after(STOP_WITHIN, resolve);
    });
    await Promise.race([turns.stop(), deadline]);
    cancelDeadline();
  }

  /** Channels that Slack takes nothing for, and why. */
  const blockedChannels = () => [...blocked].map(([channel, reason]) => `${channel}: ${reason}`);

  return { start, stop, wake, blockedChannels, fault: due.fault };
}

function begin(claimed: Approval, step: Step, at: number, dialect: Dialect): Approval {
  if (step.lane === 'card' && step.do === 'update') return forgetShown(claimed, step.round, step.card);
  if (step.lane !== 'delivery' || step.do === 'ask_status') return claimed;
  const { round } = step;
  const event: ApprovalEvent =
    step.do === 'fire_timers'
      ? { type: 'timers_due', at }
      : step.do === 'attempt'
        ? { type: 'attempt_started', at, round, dialect }
        : { type: 'delivery_expired', at, round };
  const result = transition(claimed, event);
  return 'approval' in result ? result.approval : claimed;
}

export type Worker = ReturnType<typeof createWorker>;
