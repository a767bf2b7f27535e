import { type Cache, createCache } from '../../lib/cache.ts';
import { StoreError } from '../../lib/errors.ts';
import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import {
  claimLane,
  computeBackoff,
  LEASE,
  LONGEST_CALL_DELAY,
  LONGEST_LEASE,
  releaseLane,
  unblockLanes,
} from '../lifecycle/lanes.ts';
import type { Lane, LaneName } from '../model/approval.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import type { BlockedChannels } from './blocked-channels.ts';
import { SCAN_INTERVAL } from './due-scan.ts';
import { BLOCKED_RETRY_WAIT } from './slack-steps.ts';
import { type CarryOut, StepQueue } from './step-queue.ts';
import type { ClaimedStep, StepOutcome, Work, Workable, WorkStep } from './work.ts';

const EXTENSION_INTERVAL = 60_000;
/** Wait before retrying a step that failed unexpectedly, for example because the store is down. In milliseconds. */
const AFTER_FAILURE = 1_000;
const MAX_UNBLOCKED = 1_000;
const MAX_LATE_LEASES = 1_000;

/**
 * Carries out the due steps of one kind of record: claims a step, makes the call, records the outcome. The records are the only
 * lasting queue, so after a crash this process or another replica continues from them.
 */
export class StepRunner<R extends Workable, S extends WorkStep> {
  private readonly app: App;
  readonly work: Work<R, S>;
  private readonly queue: StepQueue<R, S>;
  private readonly soleWorkerId: string | undefined;
  private readonly timers = new Map<string, { at: number; cancel: () => void }>();
  /** For records whose card waits for its turn: when their next step is due; 0: not known. */
  private readonly othersDue = new Map<string, number>();
  private readonly blocked: BlockedChannels;
  /** Records that became due within the last hour because Slack accepted a post in their channel. */
  private readonly unblocked: Cache<true>;
  private claims = 0;
  /** No lease counts as over before this time. */
  private leasesHoldUntil = Number.NEGATIVE_INFINITY;
  /** When this process first saw a lease that ends later than a lease can, by owner. */
  private readonly lateLeases = createCache<number>({ max: MAX_LATE_LEASES });
  private started = false;
  private stopped = false;

  constructor(app: App, work: Work<R, S>, blocked: BlockedChannels) {
    this.app = app;
    this.blocked = blocked;
    this.unblocked = createCache({ max: MAX_UNBLOCKED, clock: app.clock, ttl: BLOCKED_RETRY_WAIT });
    this.work = work;
    this.soleWorkerId = app.sole ? app.name : undefined;
    this.queue = new StepQueue(app, work, (id, lane, how) => this.carryOut(id, lane, how));
  }

  start(): void {
    this.started = true;
  }

  stop(): void {
    this.stopped = true;
    for (const { cancel } of this.timers.values()) cancel();
  }

  /** Queues the due steps of a record that was just stored, and sets a timer for those that are due soon. */
  wake(record: R, { clicked = false } = {}): void {
    if (clicked) this.queue.clicked(record.id);
    // The first scan finds records that were stored before the start.
    if (this.started) void this.checkSafely(record.id, record);
  }

  /** Queues the due steps of a record that a scan has found. Never rejects. */
  async check(id: string): Promise<void> {
    if (!this.waitsForCardTurn(id)) await this.checkSafely(id);
  }

  /** Queues the due steps of a record. Never rejects: an unreadable record does not block the others. */
  private async checkSafely(id: string, saved?: R): Promise<void> {
    try {
      const record = saved ?? (this.stopped ? undefined : (await this.work.read(id))?.record);
      if (record && !this.stopped) this.queueDueSteps(record);
    } catch (error) {
      this.logError(id, error, 'due record not read, retrying later');
      if (this.queue.isBusy(id, 'card')) this.othersDue.set(id, 0);
    }
  }

  /** Queues the due steps of a record. Each is claimed later, on the record as it is then. */
  private queueDueSteps(record: R): void {
    const { id } = record;
    const now = this.app.clock.now();
    const steps = this.listSteps(record, now).filter((step) => this.queue.isFree(id, step));
    for (const step of steps) if (step.at <= now) this.queue.enqueue(record, step);
    const nextDue = Math.min(...steps.filter((step) => step.at > now).map((step) => step.at));
    if (nextDue < Number.POSITIVE_INFINITY && this.queue.isBusy(id, 'card')) this.othersDue.set(id, nextDue);
    else this.othersDue.delete(id);
    if (nextDue - now <= LEASE) this.setTimer(id, nextDue, now);
  }

  /** Sets a timer to look at the record again. An earlier timer stays: it may belong to a later version of the record. */
  private setTimer(id: string, at: number, now: number): void {
    const timer = this.timers.get(id);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    const cancel = this.app.clock.after(at - now, () => {
      this.timers.delete(id);
      void this.checkSafely(id);
    });
    this.timers.set(id, { at, cancel });
  }

  /**
   * Claims a lane, makes the call of its step and records the outcome. False: no step was due, or no call was needed. Never
   * rejects.
   */
  private carryOut(
    ...[id, lane, { prepare, callKind, pauseTurn: limited }]: Parameters<CarryOut>
  ): Promise<boolean> {
    return this.holdLane(id, lane, async () => {
      const prepared = await prepare();
      const claimed = await this.claim(id, lane, callKind);
      return claimed ? this.perform(claimed, prepared, limited) : false;
    });
  }

  private async holdLane(id: string, lane: LaneName, work: () => Promise<boolean>): Promise<boolean> {
    const freeLane = () => {
      this.queue.free(id, lane);
      void this.checkSafely(id);
    };
    try {
      const done = await work();
      freeLane();
      return done;
    } catch (error) {
      this.logError(id, error, 'step failed, retrying', { lane });
      // The due scan reports a store that fails.
      if (!(error instanceof StoreError)) this.app.alert({ kind: 'step_failed' });
      this.app.clock.after(AFTER_FAILURE, freeLane);
      return true;
    }
  }

  /** Claims a lane if its step is still due. Nothing is done before the claim is on disk. */
  private claim(id: string, lane: LaneName, callKind: string) {
    return retryConflicts(id, async () => {
      const stored = await this.work.read(id);
      const claimed = stored && !this.stopped && this.claimStep(stored.record, lane);
      if (!stored || !claimed || this.work.findCallTarget(stored.record, claimed.step).do !== callKind)
        return undefined;
      const { record, isDone, owner } = claimed;
      if (!(await this.work.save(stored, isDone ? releaseLane(record, lane, owner) : record)))
        return CONFLICT;
      return isDone ? undefined : claimed;
    });
  }

  /** Claims a lane in the record if a step of it is due, and records the step as begun. */
  private claimStep(record: R, lane: LaneName): ClaimedStep<R, S> | undefined {
    const at = this.app.clock.now();
    const step = this.listSteps(record, at).find((next) => next.lane === lane);
    if (!step || step.at > at) return undefined;
    this.claims += 1;
    const owner = `${this.app.name}/${this.claims}`;
    return { ...this.work.begin(claimLane(record, lane, owner, at), step, at), step, owner, at };
  }

  /** Makes the call of a claimed step and records its outcome. False: no call was needed. */
  private async perform(
    claimed: ClaimedStep<R, S>,
    prepared: RunRecord | undefined,
    limited: (milliseconds: number) => void = () => {},
  ): Promise<boolean> {
    const { record, step, owner, at } = claimed;
    const { id, crew, channel } = record;
    const { lane } = step;
    this.app.recordStepLag(lane, step.at === 0 ? 0 : Math.max(0, at - step.at));
    const isLate = this.app.clock.now() - at > LONGEST_CALL_DELAY;
    const outcome = isLate ? this.takeBack(claimed) : await this.work.perform(record, step, prepared);
    const logFields = { crew, execution: record.executionId, [this.work.idName]: id, ...outcome.logFields };
    this.app.log[outcome.failed ? 'warn' : 'info'](logFields, outcome.logMessage);
    if (outcome.pauseMs !== undefined) limited(outcome.pauseMs);
    if (lane === 'card' && !outcome.failed) this.queue.forgetClick(id);
    if (outcome.alert) this.app.alert(outcome.alert);
    if (lane !== 'delivery' && !isLate && !outcome.isOffChannel) {
      const isPost = this.work.findCallTarget(record, step).do === 'post';
      if (outcome.blocked !== undefined) this.blocked.refuse(channel, outcome.blocked, isPost);
      else if (!outcome.failed) this.blocked.accept(channel, isPost);
    }
    await this.recordOutcome(
      id,
      (current) => releaseLane(outcome.apply(current), lane, owner),
      outcome.storeFirst,
    );
    return !outcome.madeNoCall;
  }

  /** Builds the outcome of a claimed step whose call was not made: this worker was delayed or is stopping. */
  private takeBack({ step, owner }: ClaimedStep<R, S>): StepOutcome<R> {
    const apply = (current: R) => {
      // If another worker took over the lease, record nothing: its attempt is the one that counts.
      const isOurs = current.lanes[step.lane]?.lease?.owner === owner;
      return isOurs ? this.work.takeBack(current, step, this.app.clock.now()) : current;
    };
    return { apply, failed: true, logMessage: 'step delayed, retrying', logFields: { lane: step.lane } };
  }

  /** Applies an outcome to the record as it is then, and retries until it is stored: an outcome is never dropped. */
  private async recordOutcome(
    id: string,
    change: (record: R) => R,
    before?: () => Promise<void>,
  ): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await before?.();
        await this.changeRecord(id, change);
        return this.app.changed();
      } catch (error) {
        failures += 1;
        this.logError(id, error, 'outcome not stored yet, retrying');
        const pause = Math.min(LEASE, computeBackoff(Math.min(failures, 3), this.app.random));
        await sleep(this.app.clock, pause);
      }
    }
  }

  /**
   * Begins a call to the crew in a record that is about to be stored, so that both are one commit. `start` makes the call and is
   * called once the record is stored. Undefined: the call cannot begin at once and is claimed later. Never rejects.
   */
  async beginCall(record: R, step: S): Promise<{ record: R; start: () => void } | undefined> {
    const { lane } = step;
    if (!this.started || this.stopped || !this.queue.canCallCrew(record, lane)) return undefined;
    const prepare = this.work.prepare(record, step);
    const prepared = await prepare().then(
      (run) => ({ run }),
      () => undefined,
    );
    const claimed = prepared && this.claimStep(record, lane);
    if (claimed?.step.do !== step.do) return undefined;
    return { record: claimed.record, start: () => this.callCrew(claimed, prepared?.run) };
  }

  private callCrew(claimed: ClaimedStep<R, S>, prepared: RunRecord | undefined): void {
    const { record, step, owner } = claimed;
    const { lane } = step;
    if (!this.stopped) {
      const work = () => this.holdLane(record.id, lane, () => this.perform(claimed, prepared));
      this.queue.callCrew(record, lane, work);
      return;
    }
    // The next process makes the call.
    const { apply } = this.takeBack(claimed);
    void this.recordOutcome(record.id, (current) => releaseLane(apply(current), lane, owner));
  }

  /** Makes the blocked lanes of a record due, if the record is in this channel; `channel` undefined: in any. Never rejects. */
  async unblock(id: string, channel: string | undefined): Promise<void> {
    const isInChannel = (record: R) => channel === undefined || record.channel === channel;
    // Slack may refuse this message whatever else it accepts in the channel, so it becomes due once an hour at most.
    if (channel !== undefined && this.unblocked.has(id)) return;
    try {
      if (await this.changeRecord(id, (record) => (isInChannel(record) ? unblockLanes(record) : record))) {
        if (channel !== undefined) this.unblocked.set(id, true);
        await this.check(id);
      }
    } catch (error) {
      this.logError(id, error, 'due record not read, retrying later');
    }
  }

  /** Gives other processes time to record the calls they made while the store was down. At most once a minute. */
  extendLeases(): void {
    const now = this.app.clock.now();
    if (now >= this.leasesHoldUntil + EXTENSION_INTERVAL) this.leasesHoldUntil = now + LEASE;
  }

  private listSteps(record: R, now: number): S[] {
    const steps = this.work.nextSteps(record, now, this.soleWorkerId);
    if (this.soleWorkerId !== undefined) return steps;
    return steps.map((step) => ({
      ...step,
      at: Math.max(step.at, this.findLeaseEnd(record.lanes[step.lane]?.lease, now)),
    }));
  }

  /**
   * Returns the earliest time at which a lease counts as over. If it ends too late (the clock was set back), its owner may still
   * be at work, and it lasts a whole lease from the time this process first saw it.
   */
  private findLeaseEnd(lease: Lane['lease'], now: number): number {
    if (!lease) return 0;
    if (lease.until <= now + LONGEST_LEASE) return this.leasesHoldUntil;
    const firstSeen = this.lateLeases.get(lease.owner) ?? now;
    this.lateLeases.set(lease.owner, firstSeen);
    return Math.max(this.leasesHoldUntil, firstSeen + LEASE);
  }

  /** True if the scan can skip the record: its card waits for its turn, and nothing else is due before the next scan. */
  private waitsForCardTurn(id: string): boolean {
    const nextDue = this.othersDue.get(id) ?? Number.POSITIVE_INFINITY;
    return this.app.sole && this.queue.isBusy(id, 'card') && nextDue > this.app.clock.now() + SCAN_INTERVAL;
  }

  /** Changes a stored record; undefined: nothing changed. */
  private changeRecord(id: string, change: (record: R) => R): Promise<R | undefined> {
    return retryConflicts(id, async () => {
      const stored = await this.work.read(id);
      const changed = stored && change(stored.record);
      if (!changed || changed === stored.record) return undefined;
      return (await this.work.save(stored, changed)) ? changed : CONFLICT;
    });
  }

  private logError(id: string, error: unknown, logMessage: string, logFields: object = {}): void {
    this.app.log.error({ [this.work.idName]: id, ...logFields, error }, logMessage);
  }
}
