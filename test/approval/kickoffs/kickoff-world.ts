import type { KickoffOutcome } from '../../../src/approval/kickoffs/kickoff-events.ts';
import { KickoffWorker } from '../../../src/approval/kickoffs/kickoff-worker.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Kickoff, KickoffNote } from '../../../src/approval/model/run/kickoff.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { CrewInputs, Log, PeopleDirectory } from '../../../src/approval/ports.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createSlackTurns } from '../../../src/slack/api/slack-limits.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { bindIntake, bindStarts, buildTestApp } from '../../support/app.ts';
import { fixedDialect } from '../../support/dialects.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { createMortal } from '../worker/mortal.ts';
import { nobodyKnown, noStarts } from '../worker/worker-world.ts';
import { startable } from './records.ts';

/** One call to Slack. `direct`: a note to the person, since there is no message. */
interface SlackCall {
  do: 'post' | 'update' | 'note';
  status: Kickoff['status'];
  note?: KickoffNote;
  direct?: true;
}

export const ID = '00000000-0000-4000-8000-000000000001';
export const NEVER = new Promise<never>(() => {});

/** The starts of runs without the bot's edges: the real domain on records in memory, a played Slack and CrewAI. */
export function createKickoffWorld({
  sole = false,
  crew: more = {},
  people = {},
  dialect = 'documented',
  inputs = { names: ['topic'] },
}: {
  sole?: boolean;
  crew?: Partial<Crew>;
  people?: Partial<PeopleDirectory>;
  dialect?: 'documented' | 'live';
  /** What CrewAI says of the inputs. */
  inputs?: CrewInputs;
} = {}) {
  const clock = createFakeClock();
  const memory = createMemoryRecords(clock.now);
  const crew: Crew = { ...startable, ...more };
  const crews = new Map([[crew.name, crew]]);
  const logged: string[] = [];
  const log: Log = {
    info: () => {},
    warn: (_, fact) => void logged.push(fact),
    error: (_, fact) => void logged.push(fact),
  };
  const store = createApprovalStore(memory.records, log);
  const slack: SlackCall[] = [];
  const calls: { at: number; worker: string; inputs: Readonly<Record<string, unknown>> }[] = [];
  /** What Slack does next, a call each; empty: it works. */
  const slackDoes: (() => Promise<void>)[] = [];
  /** What CrewAI answers next, a call each; empty: it has started the run. */
  const crewDoes: (() => Promise<KickoffOutcome>)[] = [];
  const workers: KickoffWorker[] = [];
  const wake = (kickoff: Kickoff) => {
    for (const worker of workers) worker.wake(kickoff);
  };
  const dialects = fixedDialect(dialect);
  const said: { status: RunStatus } = { status: { kind: 'running' } };
  const crewAI = { ...noStarts, inputs: async () => inputs, status: async () => said.status };
  const directory = { ...nobodyKnown, inChannel: () => true, ...people };
  const app = buildTestApp({
    store,
    crews,
    dialects,
    people: directory,
    crewAI,
    clock,
    log,
    wakeKickoff: wake,
  });
  const intake = bindIntake(app);

  async function called(call: SlackCall) {
    slack.push(call);
    await slackDoes.shift()?.();
  }

  /** A process of its own on the same store. */
  function startWorker(name: string) {
    const mortal = createMortal(store, clock);
    const turns = new RateLimits(mortal.clock);
    const app = buildTestApp({
      name,
      sole,
      store: mortal.store,
      crews,
      turns,
      slackTurns: createSlackTurns(turns, new ClickedCards(mortal.clock)),
      clock: mortal.clock,
      random: () => 0.5,
      log,
      crewAI: {
        ...crewAI,
        kickoff: (_, inputs) => {
          calls.push({ at: clock.now(), worker: name, inputs });
          const answer = crewDoes.shift();
          return answer ? answer() : Promise.resolve({ kind: 'started', executionId: 'run-1' });
        },
      },
      runMessages: {
        async post({ channel, status }) {
          await called({ do: 'post', status });
          return { channel, ts: `${slack.length}.0` };
        },
        update: ({ status }) => called({ do: 'update', status }),
        note: ({ status, message }, note) =>
          called({ do: 'note', status, note, ...(message ? {} : { direct: true }) }),
      },
    });
    const worker = new KickoffWorker(app);
    workers.push(worker);
    worker.start();
    const kill = () => {
      mortal.kill();
      workers.splice(workers.indexOf(worker), 1);
    };
    return { worker, kill };
  }

  const starts = bindStarts(app);

  async function kickoff(id = ID): Promise<Kickoff> {
    const stored = await store.kickoff(id);
    if (!stored) throw new Error('no such start');
    return stored.record;
  }

  return {
    clock,
    memory,
    store,
    crew,
    crews,
    dialects,
    log,
    intake,
    starts,
    slack,
    calls,
    slackDoes,
    crewDoes,
    /** What CrewAI says of a run. */
    said,
    logged,
    startWorker,
    kickoff,
    app,
    notes: () => slack.flatMap(({ note }) => (note ? [note] : [])),
    /** A person submits the form. */
    submit: (id = ID, inputs: Record<string, unknown> = { topic: 'rain jackets' }) =>
      starts.start({ id, crew: crew.name, by: 'UANA', inputs, channel: 'CAPPROVALS' }),
  };
}

/** The same with a worker, after a person submitted the form and some time passed. */
export async function createStartedWorld({
  crewAnswers = [],
  slackAnswers = [],
  wait = 5_000,
  ...options
}: Parameters<typeof createKickoffWorld>[0] & {
  crewAnswers?: (KickoffOutcome | (() => Promise<KickoffOutcome>))[];
  slackAnswers?: (() => Promise<void>)[];
  wait?: number;
} = {}) {
  const world = createKickoffWorld(options);
  const { kill } = world.startWorker('one');
  world.slackDoes.push(...slackAnswers);
  world.crewDoes.push(...crewAnswers.map((one) => (typeof one === 'function' ? one : async () => one)));
  await world.submit();
  await world.clock.advance(wait);
  return { ...world, kill };
}
