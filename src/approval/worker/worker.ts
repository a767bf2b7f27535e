import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { CALL_BEGINS_WITHIN, LEASE, releaseLane } from '../lifecycle/lanes.ts';
import { nextSteps } from '../lifecycle/next-steps.ts';
import type { Approval } from '../model/approval.ts';
import type { LaneName } from '../model/lane.ts';
import { addApproval, type Execution } from '../model/run/execution.ts';
import type { SlackCall } from '../ports.ts';
import { CONFLICT, retryConflicts, updateApproval } from '../update.ts';
import { backoff } from './backoff.ts';
import { DueScan, SWEEP_EVERY } from './due-scan.ts';
import { type ClaimedStep, claimStep, describeHeldUp, performStep } from './step.ts';
import { type CarryOut, StepQueue } from './step-queue.ts';

const STOP_WITHIN = 10_000;
/** Wait before a step that failed unexpectedly is retried, as when the store is down. */
const AFTER_FAILURE = 1_000;

/**
 * Carries out what is due, from the records alone: it claims a step, makes the call, records the outcome. Nothing is
 * queued anywhere else, so that after a crash it, or another replica, goes on from the records.
 */
export class Worker {
  private readonly app: App;
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

  constructor(app: App) {
    this.app = app;
    this.queue = new StepQueue(app, (id, lane, how) => this.carryOut(id, lane, how));
    this.dueScan = new DueScan(app, async (id) => {
      if (!this.waitsForCardTurn(id)) await this.lookSafely(id);
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
      const approval = saved ?? (this.stopped ? undefined : (await this.app.store.approval(id))?.record);
      if (approval && !this.stopped) this.lookAt(approval);
    } catch (error) {
      this.app.log.error({ approval: id, error }, 'approval check failed, retrying later');
      if (this.queue.isBusy(id, 'card')) this.othersDue.set(id, 0);
    }
  }

  /** Queues the due steps of a record; each is claimed on the record as it is by then. */
  private lookAt(approval: Approval): void {
    const { id } = approval;
    const { clock, name, sole } = this.app;
    const now = clock.now();
    const steps = nextSteps(approval, now, sole ? name : undefined).filter((step) =>
      this.queue.isFree(id, step),
    );
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
    const cancel = this.app.clock.after(at - now, () => {
      this.timers.delete(id);
      void this.lookSafely(id);
    });
    this.timers.set(id, { at, cancel });
  }

  /** Takes a lane, makes the call of its step and records what came of it. False: nothing was due any more. Never rejects. */
  private carryOut(...[id, lane, { decided, call, limited }]: Parameters<CarryOut>): Promise<boolean> {
    return this.holdLane(id, lane, async () => {
      // Before the claim: an attempt that has begun counts as one that may have arrived.
      const execution = decided && (await this.executionOf(decided));
      const claimed = await this.claim(id, lane, call);
      return claimed ? this.perform(claimed, execution, limited) : false;
    });
  }

  private async holdLane(id: string, lane: LaneName, work: () => Promise<boolean>): Promise<boolean> {
    const freeLane = () => {
      this.queue.free(id, lane);
      void this.lookSafely(id);
    };
    try {
      const done = await work();
      freeLane();
      return done;
    } catch (error) {
      this.app.log.error({ approval: id, lane, error }, 'step failed, retrying');
      this.app.clock.after(AFTER_FAILURE, freeLane);
      return true;
    }
  }

  /** A damaged run does not stop a decision: the approval knows the webhook URLs. */
  private async executionOf(approval: Approval): Promise<Execution> {
    const stored = await this.app.store.execution(approval.crew, approval.executionId);
    return addApproval(stored?.record, approval);
  }

  /** Takes a lane for this worker if its step is still due; nothing is done before this is on disk. */
  private claim(id: string, lane: LaneName, call: SlackCall['do'] | undefined) {
    const { store } = this.app;
    return retryConflicts(id, async () => {
      const stored = await store.approval(id);
      const claimed = stored && !this.stopped && claimStep(this.app, stored.record, lane, this.nextOwner());
      if (!stored || !claimed) return undefined;
      const { approval, step, owner } = claimed;
      if (call !== undefined && (step.do === 'update') !== (call === 'update')) return undefined;
      const needsCall = step.do !== 'expire_delivery' && step.do !== 'fire_timers';
      const next = needsCall ? approval : releaseLane(approval, lane, owner);
      if (!(await store.save({ approvals: [{ previous: stored, next }] }))) return CONFLICT;
      return needsCall ? claimed : undefined;
    });
  }

  private nextOwner(): string {
    this.claims += 1;
    return `${this.app.name}/${this.claims}`;
  }

  /** Makes the call of a step that was taken, and records its outcome. False: it does not count. */
  private async perform(
    claimed: ClaimedStep,
    execution: Execution | undefined,
    limited: (milliseconds: number) => void = () => {},
  ): Promise<boolean> {
    const { approval, step, owner, at } = claimed;
    const { id } = approval;
    const { lane } = step;
    this.app.lag(lane, step.at === 0 ? 0 : Math.max(0, at - step.at));
    const late = this.app.clock.now() - at > CALL_BEGINS_WITHIN;
    const done = late
      ? describeHeldUp(this.app, claimed)
      : await performStep(this.app, approval, step, execution);
    const about = { crew: approval.crew, execution: approval.executionId, approval: id, ...done.about };
    this.app.log[done.failed ? 'warn' : 'info'](about, done.fact);
    if (done.pauseMs !== undefined) limited(done.pauseMs);
    if (lane === 'card' && !done.failed) this.queue.shown(id);
    if (done.alarm) this.app.alarm(done.alarm);
    if (lane !== 'delivery' && !late && !done.elsewhere) {
      if (done.blocked !== undefined) this.blocked.set(approval.channel, done.blocked);
      else if (!done.failed) this.blocked.delete(approval.channel);
    }
    await this.record(id, (current) => releaseLane(done.apply(current), lane, owner), done.before);
    return !done.silent;
  }

  /**
   * A decision that is about to be stored, with its first attempt, so that both are one commit. `start`, once it is stored,
   * makes the attempt. Undefined when the attempt cannot begin at once: it is claimed when it can. Never rejects.
   */
  async beginDelivery(decided: Approval): Promise<{ approval: Approval; start: () => void } | undefined> {
    if (!this.started || this.stopped || !this.queue.canDeliver(decided)) return undefined;
    const execution = await this.executionOf(decided).catch(() => undefined);
    const claimed = execution && claimStep(this.app, decided, 'delivery', this.nextOwner());
    if (claimed?.step.do !== 'attempt') return undefined;
    return { approval: claimed.approval, start: () => this.deliver(claimed, execution) };
  }

  private deliver(claimed: ClaimedStep, execution: Execution | undefined): void {
    const { id } = claimed.approval;
    if (!this.stopped) {
      this.queue.deliver(claimed, () =>
        this.holdLane(id, 'delivery', () => this.perform(claimed, execution)),
      );
      return;
    }
    // The next process makes it.
    const { apply } = describeHeldUp(this.app, claimed);
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
        await updateApproval(this.app.store, id, change);
        return this.app.changed();
      } catch (error) {
        failures += 1;
        this.app.log.error({ approval: id, error }, 'outcome not stored yet, retrying');
        const pause = Math.min(LEASE, backoff(Math.min(failures, 3), this.app.random));
        await sleep(this.app.clock, pause);
      }
    }
  }

  /** Whether the card waits for its turn, and nothing else is due before the next scan. */
  private waitsForCardTurn(id: string): boolean {
    const other = this.othersDue.get(id) ?? Number.POSITIVE_INFINITY;
    return this.app.sole && this.queue.isBusy(id, 'card') && other > this.app.clock.now() + SWEEP_EVERY;
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
      cancelDeadline = this.app.clock.after(STOP_WITHIN, resolve);
    });
    await Promise.race([this.app.turns.stop(), deadline]);
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
