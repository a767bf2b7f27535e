import type { App } from '../app.ts';
import type { LaneName } from '../model/approval.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { type Priority, priorities } from '../ports.ts';
import type { CallTarget, Work, Workable, WorkStep } from './work.ts';

const CALLS_PER_CREW = { atOnce: 8 };
/** Separate from the crew's limit: programs that do not respond must not delay decisions. */
const CALLS_TO_PROGRAMS = { atOnce: 8 };
/** Timers make no calls, so they have their own limit. */
const TIMERS = { atOnce: 32 };
/** Time after a click in which the record's card goes first, in milliseconds. Then it is one of many. */
const CLICK_PRIORITY_TIME = 30_000;
const MAX_CLICKS = 1_000;

/** Carries out the due step of a lane. False: the step is no longer due, or no call was needed. Never rejects. */
export type CarryOut = (
  id: string,
  lane: LaneName,
  call: {
    prepare: () => Promise<RunRecord | undefined>;
    /** Kind of call that the step needed when it was queued. A step that now needs another kind is not carried out. */
    callKind: CallTarget['do'];
    pauseTurn?: (milliseconds: number) => void;
  },
) => Promise<boolean>;

/** Queue of steps that wait for their turn: for Slack's rate limits, or for the limit on calls to a crew or a program. */
export class StepQueue<R extends Workable, S extends WorkStep> {
  private readonly app: Pick<App, 'clock' | 'rateLimits' | 'slackQueue'>;
  private readonly work: Pick<Work<R, S>, 'findCallTarget' | 'priorityOf' | 'prepare'>;
  private readonly carryOut: CarryOut;
  /** Lanes whose step waits or runs in this process, with the step's priority. */
  private readonly busy = new Map<string, Priority>();
  /** Time of the last click on a record's card, least recent first. */
  private readonly clicks = new Map<string, number>();

  constructor(app: App, work: Work<R, S>, carryOut: CarryOut) {
    this.app = app;
    this.work = work;
    this.carryOut = carryOut;
  }

  enqueue(record: R, step: S): void {
    const { id, crew } = record;
    const { lane } = step;
    const target = this.work.findCallTarget(record, step);
    const priority = this.priorityOf(id, step);
    const call = { callKind: target.do, prepare: this.work.prepare(record, step) };
    this.busy.set(laneKey(id, lane), priority);
    if (target.do === 'crew') this.enqueueForCrew(crew, priority, () => this.carryOut(id, lane, call));
    else if (target.do === 'program')
      this.app.rateLimits.enqueue({
        target: `programs ${crew} ${target.host}`,
        limit: CALLS_TO_PROGRAMS,
        priority,
        work: () => this.carryOut(id, lane, call),
      });
    else if (target.do === 'timers')
      this.app.rateLimits.enqueue({
        target: 'timers',
        limit: TIMERS,
        priority,
        work: () => this.carryOut(id, lane, call),
      });
    else {
      const pauseTurn = (milliseconds: number) => this.app.slackQueue.pauseFor(target, milliseconds);
      this.app.slackQueue.enqueue(target, priority, () => this.carryOut(id, lane, { ...call, pauseTurn }));
    }
  }

  private enqueueForCrew(crew: string, priority: Priority, work: () => Promise<boolean>): void {
    this.app.rateLimits.enqueue({ target: `crew ${crew}`, limit: CALLS_PER_CREW, priority, work });
  }

  /** True if a call for this record could start at once. */
  canCallCrew({ id, crew }: R, lane: LaneName): boolean {
    return !this.isBusy(id, lane) && this.app.rateLimits.isFree(`crew ${crew}`, CALLS_PER_CREW);
  }

  /** Queues a call to a crew for a step that is already claimed. */
  callCrew({ id, crew }: R, lane: LaneName, work: () => Promise<boolean>): void {
    this.busy.set(laneKey(id, lane), 'clicked');
    this.enqueueForCrew(crew, 'clicked', work);
  }

  /** True if the lane is free, or its step is less urgent: someone clicked, or a card was added, since it was queued. */
  isFree(id: string, step: S): boolean {
    const busyPriority = this.busy.get(laneKey(id, step.lane));
    return (
      busyPriority === undefined ||
      priorities.indexOf(this.priorityOf(id, step)) < priorities.indexOf(busyPriority)
    );
  }

  private priorityOf(id: string, step: S): Priority {
    const clickedAt = this.clicks.get(id) ?? Number.NEGATIVE_INFINITY;
    return this.work.priorityOf(step, this.app.clock.now() - clickedAt < CLICK_PRIORITY_TIME);
  }

  /** Records that a person clicked on this record's card. */
  clicked(id: string): void {
    this.clicks.delete(id);
    this.clicks.set(id, this.app.clock.now());
    const oldest = this.clicks.keys().next().value;
    if (this.clicks.size > MAX_CLICKS && oldest !== undefined) this.clicks.delete(oldest);
  }

  forgetClick(id: string) {
    return void this.clicks.delete(id);
  }

  free(id: string, lane: LaneName) {
    return void this.busy.delete(laneKey(id, lane));
  }

  isBusy(id: string, lane: LaneName) {
    return this.busy.has(laneKey(id, lane));
  }
}

function laneKey(id: string, lane: LaneName): string {
  return `${id} ${lane}`;
}
