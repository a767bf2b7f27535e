import type { App } from '../app.ts';
import type { Step } from '../lifecycle/next-steps.ts';
import type { Approval } from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import type { LaneName } from '../model/lane.ts';
import { NOTE_KINDS, type Note } from '../model/note.ts';
import type { Priority, SlackCall } from '../ports.ts';
import { priorities } from '../ports.ts';
import type { ClaimedStep } from './step.ts';

const CALLS_PER_CREW = { atOnce: 8 };
/** Timers make no calls, so they have their own limit. */
const TIMERS = { atOnce: 32 };
/** A person who clicked waits this long at most for their card, in milliseconds; then it is one of many. */
const CLICK_WAITS = 30_000;
const MOST_CLICKS = 1_000;
const MEMBERS_ASKED_EVERY = 60_000;

/** Carries out the step that is due in a lane. False: nothing was due any more. Never rejects. */
export type CarryOut = (
  id: string,
  lane: LaneName,
  how: {
    decided?: Approval;
    /** The kind of call that waited for its turn: for another one it is not. */
    call?: SlackCall['do'];
    limited?: (milliseconds: number) => void;
  },
) => Promise<boolean>;

/** Steps wait here for their turn: for Slack's limits, and for the calls that a crew may have under way. */
export class StepQueue {
  private readonly app: App;
  private readonly carryOut: CarryOut;
  /** Lanes that are waiting for their turn or under way here. */
  private readonly busy = new Map<string, Priority>();
  /** Approvals whose card someone has clicked on lately, and when. */
  private readonly clicks = new Map<string, number>();
  private readonly membersAskedAt = new Map<string, number>();

  constructor(app: App, carryOut: CarryOut) {
    this.app = app;
    this.carryOut = carryOut;
  }

  take(approval: Approval, step: Step): void {
    const { id } = approval;
    const priority = this.priorityOf(id, step);
    this.busy.set(laneKey(id, step.lane), priority);
    if (step.lane === 'delivery') this.takeForCrew(approval, step, priority);
    else this.takeForSlack(approval, step, priority);
  }

  private takeForCrew(approval: Approval, step: Step, priority: Priority): void {
    const isTimer = step.do === 'fire_timers' || step.do === 'expire_delivery';
    const way = isTimer
      ? { target: 'timers', limit: TIMERS }
      : { target: `crew ${approval.crew}`, limit: CALLS_PER_CREW };
    this.app.turns.take({
      ...way,
      priority,
      work: () => this.carryOut(approval.id, step.lane, { decided: approval }),
    });
  }

  /** Whether a decision of this approval could leave at once. */
  canDeliver({ id, crew }: Approval): boolean {
    return !this.isBusy(id, 'delivery') && this.app.turns.isFree(`crew ${crew}`, CALLS_PER_CREW);
  }

  /** Makes a call to a crew for a step that was taken already. */
  deliver({ approval: { id, crew } }: ClaimedStep, work: () => Promise<boolean>): void {
    this.busy.set(laneKey(id, 'delivery'), 'clicked');
    this.app.turns.take({ target: `crew ${crew}`, limit: CALLS_PER_CREW, priority: 'clicked', work });
  }

  /** Thousands may wait for a channel: they hold no records. */
  private takeForSlack({ id, channel }: Approval, step: Step, priority: Priority): void {
    const { lane } = step;
    const call: SlackCall =
      step.do === 'update'
        ? { do: 'update', card: step.card }
        : { do: 'post', channel: step.lane === 'thread' ? (recipientOf(step.note) ?? channel) : channel };
    const isCard = step.do === 'post';
    this.app.slackTurns.take(call, priority, async () => {
      // Members are read before the lane is claimed: mentions depend on them.
      if (isCard) await this.learnMembers(channel);
      return this.carryOut(id, lane, {
        call: call.do,
        limited: (milliseconds) => this.app.slackTurns.limited(call, milliseconds),
      });
    });
  }

  /** Who is in a channel is asked for once in a while: its cards do not wait for a Slack that does not tell. */
  private async learnMembers(channel: string): Promise<void> {
    const asked = this.membersAskedAt.get(channel) ?? Number.NEGATIVE_INFINITY;
    const known = isUserId(channel) || this.app.people.channelSize(channel) !== undefined;
    if (known || this.app.clock.now() - asked < MEMBERS_ASKED_EVERY) return;
    this.membersAskedAt.set(channel, this.app.clock.now());
    await this.app.people.learnMembers([channel]);
  }

  /** What waits among many goes before them once it is more urgent: someone clicked, or there is a new card. */
  isFree(id: string, step: Step): boolean {
    const held = this.busy.get(laneKey(id, step.lane));
    return held === undefined || priorities.indexOf(this.priorityOf(id, step)) < priorities.indexOf(held);
  }

  private priorityOf(id: string, step: Step): Priority {
    if (step.lane === 'delivery') return step.do === 'ask_status' ? 'tidy' : 'new';
    if (step.lane === 'thread') return NOTE_KINDS[step.note.kind].concerns ? 'new' : 'tidy';
    if (step.do === 'post') return 'new';
    return this.app.clock.now() - (this.clicks.get(id) ?? Number.NEGATIVE_INFINITY) < CLICK_WAITS
      ? 'clicked'
      : 'tidy';
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

/** The recipient of a note that is not for the thread; a requester is looked up later. */
function recipientOf(note: Note): string | undefined {
  if (note.kind === 'direct') return note.to;
  if (note.kind === 'mention') return note.channel;
  return note.kind === 'to_requester' ? 'requesters' : undefined;
}

function laneKey(id: string, lane: LaneName): string {
  return `${id} ${lane}`;
}
