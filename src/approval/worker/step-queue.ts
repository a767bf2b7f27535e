import type { App } from '../app.ts';
import type { LaneName } from '../model/approval.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { type Priority, priorities } from '../ports.ts';
import type { WaitsFor, Work, Workable, WorkStep } from './work.ts';

const CALLS_PER_CREW = { atOnce: 8 };
/** Programs that do not answer delay no decision on its way to the crew. */
const CALLS_TO_PROGRAMS = { atOnce: 8 };
/** Timers make no calls, so they have their own limit. */
const TIMERS = { atOnce: 32 };
/** A person who clicked waits this long at most for their card, in milliseconds; then it is one of many. */
const CLICK_WAITS = 30_000;
const MOST_CLICKS = 1_000;

/** Carries out the step that is due in a lane. False: nothing was due any more. Never rejects. */
export type CarryOut = (
  id: string,
  lane: LaneName,
  how: {
    prepare: () => Promise<RunRecord | undefined>;
    /** What waited for its turn: for another kind of call it is not. */
    turn: WaitsFor['do'];
    limited?: (milliseconds: number) => void;
  },
) => Promise<boolean>;

/** Steps wait here for their turn: for Slack's limits, and for the calls that a crew may have under way. */
export class StepQueue<R extends Workable, S extends WorkStep> {
  private readonly app: Pick<App, 'clock' | 'turns' | 'slackTurns'>;
  private readonly work: Pick<Work<R, S>, 'turnOf' | 'priorityOf' | 'prepare'>;
  private readonly carryOut: CarryOut;
  /** Lanes that are waiting for their turn or under way here. */
  private readonly busy = new Map<string, Priority>();
  /** Records whose card someone has clicked on lately, and when. */
  private readonly clicks = new Map<string, number>();

  constructor(app: App, work: Work<R, S>, carryOut: CarryOut) {
    this.app = app;
    this.work = work;
    this.carryOut = carryOut;
  }

  take(record: R, step: S): void {
    const { id, crew } = record;
    const { lane } = step;
    const turn = this.work.turnOf(record, step);
    const priority = this.priorityOf(id, step);
    const how = { turn: turn.do, prepare: this.work.prepare(record, step) };
    this.busy.set(laneKey(id, lane), priority);
    if (turn.do === 'crew') this.takeForCrew(crew, priority, () => this.carryOut(id, lane, how));
    else if (turn.do === 'program')
      this.app.turns.take({
        target: `programs ${crew} ${turn.host}`,
        limit: CALLS_TO_PROGRAMS,
        priority,
        work: () => this.carryOut(id, lane, how),
      });
    else if (turn.do === 'timers')
      this.app.turns.take({
        target: 'timers',
        limit: TIMERS,
        priority,
        work: () => this.carryOut(id, lane, how),
      });
    else {
      const limited = (milliseconds: number) => this.app.slackTurns.limited(turn, milliseconds);
      this.app.slackTurns.take(turn, priority, () => this.carryOut(id, lane, { ...how, limited }));
    }
  }

  private takeForCrew(crew: string, priority: Priority, work: () => Promise<boolean>): void {
    this.app.turns.take({ target: `crew ${crew}`, limit: CALLS_PER_CREW, priority, work });
  }

  /** Whether a call for this record could leave at once. */
  canCallCrew({ id, crew }: R, lane: LaneName): boolean {
    return !this.isBusy(id, lane) && this.app.turns.isFree(`crew ${crew}`, CALLS_PER_CREW);
  }

  /** Makes a call to a crew for a step that was claimed already. */
  callCrew({ id, crew }: R, lane: LaneName, work: () => Promise<boolean>): void {
    this.busy.set(laneKey(id, lane), 'clicked');
    this.takeForCrew(crew, 'clicked', work);
  }

  /** What waits among many goes before them once it is more urgent: someone clicked, or there is a new card. */
  isFree(id: string, step: S): boolean {
    const held = this.busy.get(laneKey(id, step.lane));
    return held === undefined || priorities.indexOf(this.priorityOf(id, step)) < priorities.indexOf(held);
  }

  private priorityOf(id: string, step: S): Priority {
    const clickedAt = this.clicks.get(id) ?? Number.NEGATIVE_INFINITY;
    return this.work.priorityOf(step, this.app.clock.now() - clickedAt < CLICK_WAITS);
  }

  /** A person waits for this card. */
  clicked(id: string): void {
    this.clicks.delete(id);
    this.clicks.set(id, this.app.clock.now());
    const oldest = this.clicks.keys().next().value;
    if (this.clicks.size > MOST_CLICKS && oldest !== undefined) this.clicks.delete(oldest);
  }

  shown(id: string) {
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
