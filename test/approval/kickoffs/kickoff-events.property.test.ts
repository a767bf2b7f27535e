import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { App } from '../../../src/approval/app.ts';
import {
  applyKickoffEvent,
  buildKickoffKey,
  type KickoffEvent,
  type KickoffOutcome,
  nextKickoffStep,
} from '../../../src/approval/kickoffs/kickoff-events.ts';
import { type KickoffChange, performKickoffStep } from '../../../src/approval/kickoffs/kickoff-steps.ts';
import { LEASE } from '../../../src/approval/lifecycle/lanes.ts';
import type { Kickoff, KickoffNote } from '../../../src/approval/model/run/kickoff.ts';
import { CardError, type CardFailure, type Changes } from '../../../src/approval/ports.ts';
import { createSerializer } from '../../../src/lib/serialize.ts';
import { AT, aKickoff, startable } from './records.ts';

/** What Slack does with a call: undefined takes it. */
const REFUSALS: readonly (CardFailure | undefined)[] = [
  undefined,
  { kind: 'try_again', reason: 'internal_error' },
  { kind: 'try_again', reason: 'ratelimited', retryAfterMs: 30_000 },
  { kind: 'blocked', reason: 'is_archived', of: 'channel' },
  { kind: 'gone', reason: 'message_not_found' },
  { kind: 'frozen', reason: 'edit_window_closed' },
];

const OUTCOMES: readonly KickoffOutcome[] = [
  { kind: 'started', executionId: 'run-1' },
  { kind: 'refused', reason: 'HTTP 401' },
  { kind: 'refused', reason: '422: Missing inputs: tone', missing: ['tone'] },
  { kind: 'not_reached', reason: 'HTTP 503' },
  { kind: 'not_reached', reason: 'HTTP 503', retryAfterMs: 60_000 },
  { kind: 'not_reached', reason: 'HTTP 503', retryAfterMs: 3_600_000 },
  { kind: 'unknown', reason: 'HTTP 504' },
  { kind: 'unknown', reason: 'no answer in time' },
];

/** What happens next. `frozen`: the worker records the outcome of its call to CrewAI or its first message later, or never. */
type Move =
  | { do: 'step'; slack: CardFailure | undefined; crewAI: KickoffOutcome; frozen: boolean }
  | { do: 'thaw' }
  | { do: 'webhook'; says: 'nothing more' | 'finished' | 'finished with a result' | 'failed' }
  | { do: 'wait'; for: number };

const aStep: fc.Arbitrary<Move> = fc.record({
  do: fc.constant('step' as const),
  slack: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constantFrom(...REFUSALS)),
  crewAI: fc.constantFrom(...OUTCOMES),
  frozen: fc.boolean(),
});
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: aStep },
    fc.constant<Move>({ do: 'thaw' }),
    fc.record({
      do: fc.constant('webhook' as const),
      says: fc.constantFrom('nothing more', 'finished', 'finished with a result', 'failed'),
    }),
    fc.record({ do: fc.constant('wait' as const), for: fc.integer({ min: 0, max: 900_000 }) }),
  ),
  { maxLength: 40 },
);

/** The start of a run, and all that happened to it. */
class History {
  kickoff = aKickoff();
  now = AT;
  /** Calls to CrewAI, and whether each may have started the run. */
  readonly calls: { at: number; mayHaveStarted: boolean }[] = [];
  readonly posted: KickoffNote[] = [];
  webhookCame = false;
  /** Outcomes that a frozen worker has not recorded yet. */
  readonly unrecorded: KickoffChange[] = [];

  /** Applies a change and checks what must hold at any time. */
  change(to: KickoffChange): void {
    const before = this.kickoff;
    this.kickoff = to(before);
    const { status, notes } = this.kickoff;
    if (before.status === 'finished') expect(status).toBe('finished');
    // Events are unordered: a run that failed may have gone on.
    if (before.status === 'failed') expect(['failed', 'finished']).toContain(status);
    if (before.status === 'running') expect(['running', 'finished', 'failed']).toContain(status);
    if (before.executionId !== undefined) expect(this.kickoff.executionId).toBe(before.executionId);
    expect(notes).toHaveLength(new Set(notes).size);
  }

  happens(...events: KickoffEvent[]): void {
    for (const event of events) this.change((kickoff) => applyKickoffEvent(kickoff, event));
  }
}

/** Carries out what is due, as the worker does. False: nothing is. */
async function step(history: History, move: Extract<Move, { do: 'step' }>): Promise<boolean> {
  const due = nextKickoffStep(history.kickoff);
  if (!due) return false;
  history.now = Math.max(history.now, due.at);
  const { now: at } = history;
  if (due.step.do === 'call' && history.kickoff.calledAt !== undefined) {
    history.happens({ type: 'call_lost', at });
    history.change(({ lane: { lease: _, ...lane }, ...kickoff }) => ({ ...kickoff, lane }));
    return true;
  }
  if (due.step.do === 'call') {
    expect(history.kickoff.message).toBeDefined();
    expect(history.calls.filter(({ mayHaveStarted }) => mayHaveStarted)).toEqual([]);
    history.calls.push({
      at,
      mayHaveStarted: move.crewAI.kind === 'started' || move.crewAI.kind === 'unknown',
    });
    history.happens({ type: 'called', at });
  }
  const outcome = await performKickoffStep(appOf(history, move), history.kickoff, due.step);
  const canFreeze = due.step.do === 'call' || due.step.do === 'post';
  if (!move.frozen || !canFreeze) history.change(outcome);
  else {
    const lease = { owner: 'frozen', until: at + LEASE };
    history.change((kickoff) => ({ ...kickoff, lane: { ...kickoff.lane, lease } }));
    history.unrecorded.push(outcome);
  }
  return true;
}

function appOf(history: History, { slack, crewAI }: Extract<Move, { do: 'step' }>): App {
  const answer = async <T>(value: T) => {
    if (slack) throw new CardError(slack);
    return value;
  };
  return {
    store: {
      result: async () => undefined,
      originalId: async (_: string, id: string) => id,
      kickoff: async () => ({ record: history.kickoff, raw: '' }),
      save: async ({ kickoff }: Changes) => {
        if (kickoff) history.happens({ type: 'tied' });
        return true;
      },
      execution: async () => (history.webhookCame ? { record: { lastWebhookAt: history.now } } : undefined),
    },
    crews: new Map([['press', startable]]),
    crewAI: {
      kickoff: async () => crewAI,
      inputs: async () => [],
      status: async () => ({ kind: 'running' }),
    },
    runMessages: {
      post: () => answer({ channel: 'CAPPROVALS', ts: '1.0' }),
      update: () => answer(undefined),
      note: async (_: Kickoff, note: KickoffNote) => {
        await answer(undefined);
        history.posted.push(note);
      },
    },
    slackTurns: { take: () => {}, limited: () => {} },
    clock: { now: () => history.now, after: () => () => {} },
    wakeKickoff() {},
    random: () => 0.5,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    serialize: createSerializer(),
  } as unknown as App;
}

async function move(history: History, made: Move): Promise<void> {
  const { now: at } = history;
  switch (made.do) {
    case 'step':
      await step(history, made);
      return;
    case 'thaw': {
      const outcome = history.unrecorded.shift();
      if (outcome) history.change(outcome);
      return;
    }
    case 'webhook':
      // CrewAI sends none of a run that it did not start.
      if (!history.calls.some(({ mayHaveStarted }) => mayHaveStarted)) return;
      history.webhookCame = true;
      history.happens({ type: 'seen', at, executionId: 'run-1' });
      if (made.says === 'failed') history.happens({ type: 'run_failed', at, reason: 'ValueError: boom' });
      else if (made.says !== 'nothing more')
        history.happens({ type: 'run_finished', at, withResult: made.says === 'finished with a result' });
      return;
    case 'wait':
      history.now += made.for;
  }
}

/** Lets everything work from now on, until nothing is due. */
async function settle(history: History, crewAI: KickoffOutcome): Promise<void> {
  const works = { do: 'step', slack: undefined, crewAI, frozen: false } as const;
  for (let steps = 0; await step(history, works); steps += 1) expect(steps).toBeLessThan(60);
}

const lastOutcome = fc.constantFrom(...OUTCOMES);

test('whatever happens, a run is started at most once, is reported once, and in the end nothing is due', async () => {
  await fc.assert(
    fc.asyncProperty(moves, lastOutcome, fc.boolean(), async (made, crewAI, thaws) => {
      const history = new History();
      for (const one of made) await move(history, one);
      await settle(history, crewAI);
      if (thaws) for (const outcome of history.unrecorded.splice(0)) history.change(outcome);
      await settle(history, crewAI);
      const { kickoff, posted, calls } = history;
      expect(nextKickoffStep(kickoff)).toBeUndefined();
      expect(kickoff.notes).toEqual([]);
      expect(kickoff.status).not.toBe('starting');
      expect(posted).toHaveLength(new Set(posted).size);
      if (kickoff.message) expect(kickoff.message.shown).toBe(buildKickoffKey(kickoff));
      expect(kickoff.executionId !== undefined).toBe(
        ['running', 'finished', 'failed'].includes(kickoff.status),
      );
      expect(calls.filter(({ mayHaveStarted }) => mayHaveStarted).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});
