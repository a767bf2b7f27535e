import { sleep } from '../../lib/sleep.ts';
import { CALL_BEGINS_WITHIN, LEASE, releaseLane } from '../lifecycle/lanes.ts';
import { nextSteps } from '../lifecycle/next-steps.ts';
import type { Approval } from '../model/approval.ts';
import type { Dialects } from '../model/crew/dialect.ts';
import type { LaneName } from '../model/lane.ts';
import { addApproval, type Execution } from '../model/run/execution.ts';
import type { AlertOperators, Log, Meter, SlackCall, SlackQueue } from '../ports.ts';
import { CONFLICT, retryConflicts, updateApproval } from '../update.ts';
import { backoff } from './backoff.ts';
import { type ClaimedStep, claimStep } from './claim-step.ts';
import { DueScan, SWEEP_EVERY } from './due-scan.ts';
import { describeHeldUp, performStep } from './perform-step.ts';
import type { RateLimits } from './rate-limits.ts';
import type { StepOutcome, StepParts } from './step-outcome.ts';
import { type CarryOut, StepQueue } from './step-queue.ts';

const STOP_WITHIN = 10_000;
/** Wait before a step that failed unexpectedly is retried, as when the store is down. */
const AFTER_FAILURE = 1_000;

/** What the worker needs. */
export interface WorkerParts extends StepParts {
  /** Unique among all workers that ever used this store. */
  name: string;
  /** The store serves one process: the owners of other leases no longer run. */
  sole: boolean;
  dialects: Dialects;
  turns: RateLimits;
  slackTurns: SlackQueue;
  log: Log;
  /** Called when an outcome was recorded. */
  changed: () => void;
  lag: Meter['lag'];
  alarm: AlertOperators;
  /** Reports runs whose pauses cannot be seen. Rejects with a StoreError. */
  checkRuns: () => Promise<void>;
  /** The latest time that the store's clock is known to have shown before this start. */
  clockReached?: number | undefined;
}

/**
 * Carries out what is due, from the records alone: it claims a step, makes the call, records the outcome. Nothing is
 * queued anywhere else, so that after a crash it, or another replica, goes on from the records.
 */
export class Worker {
  private readonly parts: WorkerParts;
  /** On a store for one process, the owner of any other lease no longer runs. */
  private readonly soleWorker: string | undefined;
  private readonly queue: StepQueue;
  private readonly dueScan: DueScan;
  private readonly timers = new Map<string, { at: number; cancel: () => void }>();
  /** Approvals whose card waits for its turn: when something else of them is due; 0 while that is not known. */
  private readonly othersDue = new Map<string, number>();
  /** Channels that Slack rejects, and why. */
  private readonly blocked = new Map<string, string>();
  private claims = 0;
  private started = false;
  private stopped = false;

  constructor(parts: WorkerParts) {
    this.parts = parts;
    const { name, sole } = parts;
    this.soleWorker = sole ? name : undefined;
    this.queue = new StepQueue({ ...parts, carryOut: (id, lane, how) => this.carryOutSafely(id, lane, how) });
    this.dueScan = new DueScan({
      ...parts,
      look: async (id) => {
        if (!this.waitsForCardTurn(id)) await this.lookSafely(id);
      },
    });
  }

  /** Queues what is due for an approval that was just stored, and sets a timer for what is due soon. */
  wake(approval: Approval, { clicked = false } = {}): void {
    if (clicked) this.queue.clicked(approval.id);
    // The first scan finds what was stored before the start.
    if (this.started) void this.lookSafely(approval.id, approval);
  }

  /** An unreadable approval does not block the others. */
  private async lookSafely(id: string, saved?: Approval): Promise<void> {
    try {
      const approval = saved ?? (this.stopped ? undefined : (await this.parts.store.approval(id))?.record);
      if (approval && !this.stopped) this.lookAt(approval);
    } catch (error) {
      this.parts.log.error({ approval: id, error }, 'approval check failed, retrying later');
      if (this.queue.isBusy(id, 'card')) this.othersDue.set(id, 0);
    }
  }

  /** Queues the due steps of a record; each is claimed on the record as it is by then. */
  private lookAt(approval: Approval): void {
    const { id } = approval;
    const now = this.parts.clock.now();
    const steps = nextSteps(approval, now, this.soleWorker).filter((step) => this.queue.isFree(id, step));
    for (const step of steps) if (step.at <= now) this.queue.take(approval, step);
    const soon = Math.min(...steps.filter((step) => step.at > now).map((step) => step.at));
    if (soon < Number.POSITIVE_INFINITY && this.queue.isBusy(id, 'card')) this.othersDue.set(id, soon);
    else this.othersDue.delete(id);
    if (soon - now <= SWEEP_EVERY) this.lookAgain(id, soon, now);
  }

  /** An earlier timer stays: it may have been set for a later record. */
  private lookAgain(id: string, at: number, now: number): void {
    const timer = this.timers.get(id);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    const cancel = this.parts.clock.after(at - now, () => {
      this.timers.delete(id);
      void this.lookSafely(id);
    });
    this.timers.set(id, { at, cancel });
  }

  /** False: nothing was due any more. Never rejects. */
  private carryOutSafely(...[id, lane, how]: Parameters<CarryOut>): Promise<boolean> {
    return this.safely(id, lane, () => this.carryOut(id, lane, how));
  }

  private async safely(id: string, lane: LaneName, work: () => Promise<boolean>): Promise<boolean> {
    try {
      const done = await work();
      this.freeLane(id, lane);
      return done;
    } catch (error) {
      this.parts.log.error({ approval: id, lane, error }, 'step failed, retrying');
      this.parts.clock.after(AFTER_FAILURE, () => this.freeLane(id, lane));
      return true;
    }
  }

  private freeLane(id: string, lane: LaneName): void {
    this.queue.free(id, lane);
    void this.lookSafely(id);
  }

  /** A damaged run does not stop a decision: the approval knows the webhook URLs. */
  private async executionOf(approval: Approval): Promise<Execution> {
    return addApproval(
      (await this.parts.store.execution(approval.crew, approval.executionId))?.record,
      approval,
    );
  }

  private async carryOut(...[id, lane, { decided, call, limited }]: Parameters<CarryOut>): Promise<boolean> {
    // Before the claim: an attempt that has begun counts as one that may have arrived.
    const execution = decided && (await this.executionOf(decided));
    const claimed = await this.claim(id, lane, call);
    return claimed ? this.perform(claimed, execution, limited) : false;
  }

  /** Makes the call of a step that was taken, and records its outcome. False: it does not count. */
  private async perform(
    { approval, step, owner, at }: ClaimedStep,
    execution: Execution | undefined,
    limited: (milliseconds: number) => void = () => {},
  ): Promise<boolean> {
    const { id } = approval;
    const { lane } = step;
    this.parts.lag(lane, step.at === 0 ? 0 : Math.max(0, at - step.at));
    const late = this.parts.clock.now() - at > CALL_BEGINS_WITHIN;
    const done = late
      ? describeHeldUp(this.parts, step, owner)
      : await performStep(this.parts, approval, step, execution);
    const about = { crew: approval.crew, execution: approval.executionId, approval: id, ...done.about };
    this.parts.log[done.failed ? 'warn' : 'info'](about, done.fact);
    if (done.pauseMs !== undefined) limited(done.pauseMs);
    if (lane === 'card' && !done.failed) this.queue.shown(id);
    if (done.alarm) this.parts.alarm(done.alarm.cause, done.alarm.sentence);
    if (lane !== 'delivery' && !late && !done.elsewhere) this.noteChannel(approval.channel, done);
    await this.record(id, (current) => releaseLane(done.apply(current), lane, owner), done.before);
    return !done.silent;
  }

  /** Takes a lane for this worker if its step is still due; nothing is done before this is on disk. */
  private claim(id: string, lane: LaneName, call: SlackCall['do'] | undefined) {
    return retryConflicts(id, async () => {
      const stored = await this.parts.store.approval(id);
      const claimed = stored && !this.stopped ? this.claimRecord(stored.record, lane) : undefined;
      if (!stored || !claimed) return undefined;
      const { approval, step, owner } = claimed;
      if (call !== undefined && (step.do === 'update') !== (call === 'update')) return undefined;
      if (step.do === 'expire_delivery' || step.do === 'fire_timers') {
        return (await this.parts.store.saveApproval(stored, releaseLane(approval, lane, owner)))
          ? undefined
          : CONFLICT;
      }
      return (await this.parts.store.saveApproval(stored, approval)) ? claimed : CONFLICT;
    });
  }

  private claimRecord(record: Approval, lane: LaneName): ClaimedStep | undefined {
    return claimStep(record, lane, {
      owner: `${this.parts.name}/${++this.claims}`,
      at: this.parts.clock.now(),
      soleWorker: this.soleWorker,
      dialect: this.parts.dialects.of(record.crew),
    });
  }

  /**
   * A decision that is about to be stored, with its first attempt, so that both are one commit. `start`, once it is stored,
   * makes the attempt. Undefined when the attempt cannot begin at once: it is claimed when it can. Never rejects.
   */
  async beginDelivery(decided: Approval): Promise<{ approval: Approval; start: () => void } | undefined> {
    if (!this.started || this.stopped || !this.queue.canDeliver(decided)) return undefined;
    const execution = await this.executionOf(decided).catch(() => undefined);
    const claimed = execution && this.claimRecord(decided, 'delivery');
    if (claimed?.step.do !== 'attempt') return undefined;
    return { approval: claimed.approval, start: () => this.deliver(claimed, execution) };
  }

  private deliver(claimed: ClaimedStep, execution: Execution | undefined): void {
    const { id } = claimed.approval;
    if (!this.stopped) {
      this.queue.deliver(claimed, () => this.safely(id, 'delivery', () => this.perform(claimed, execution)));
      return;
    }
    // The next process makes it.
    const { apply } = describeHeldUp(this.parts, claimed.step, claimed.owner);
    void this.record(id, (current) => releaseLane(apply(current), 'delivery', claimed.owner));
  }

  /** Applies an outcome to the record as it is then, again until it is stored: an outcome is never dropped. */
  private async record(
    id: string,
    change: (approval: Approval) => Approval,
    before?: () => Promise<void>,
  ): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await before?.();
        await updateApproval(this.parts.store, id, change);
        return this.parts.changed();
      } catch (error) {
        failures += 1;
        this.parts.log.error({ approval: id, error }, 'outcome not stored yet, retrying');
        const pause = Math.min(LEASE, backoff(Math.min(failures, 3), this.parts.random));
        await sleep(this.parts.clock, pause);
      }
    }
  }

  private noteChannel(channel: string, { blocked: reason, failed }: StepOutcome): void {
    if (reason !== undefined) this.blocked.set(channel, reason);
    else if (!failed) this.blocked.delete(channel);
  }

  /** Whether the card waits for its turn, and nothing else is due before the next scan. */
  private waitsForCardTurn(id: string): boolean {
    const other = this.othersDue.get(id) ?? Number.POSITIVE_INFINITY;
    return this.parts.sole && this.queue.isBusy(id, 'card') && other > this.parts.clock.now() + SWEEP_EVERY;
  }

  /** Starts with everything that is due, including the leases of a process that no longer runs. */
  start(): void {
    this.started = true;
    this.dueScan.start();
  }

  /** Starts nothing more and gives what is under way 10 s to end. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.dueScan.stop();
    for (const { cancel } of this.timers.values()) cancel();
    let cancelDeadline = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancelDeadline = this.parts.clock.after(STOP_WITHIN, resolve);
    });
    await Promise.race([this.parts.turns.stop(), deadline]);
    cancelDeadline();
  }

  /** Channels that Slack rejects, and why. */
  blockedChannels(): string[] {
    return [...this.blocked].map(([channel, reason]) => `${channel}: ${reason}`);
  }

  /** What is wrong with the scan of due approvals, in a sentence. */
  fault(): string | undefined {
    return this.dueScan.fault();
  }
}
