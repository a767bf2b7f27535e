import type { Alert } from '../../../src/approval/alerts.ts';
import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { Card, Decision } from '../../../src/approval/model/round.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { RunMeta, WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import { loadOutput } from '../../../src/approval/notify/post-note.ts';
import {
  type CardContent,
  CardError,
  type CardFailure,
  type CrewAI,
  type CrewStarts,
  type Log,
  type PeopleDirectory,
} from '../../../src/approval/ports.ts';
import { loadInbox } from '../../../src/approval/queries/inbox.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { Worker } from '../../../src/approval/worker/worker.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createSlackQueue } from '../../../src/slack/api/slack-limits.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { bindDecisions, bindIntake, buildTestApp } from '../../support/app.ts';
import { fixedDialect } from '../../support/dialects.ts';
import { createFakeClock, type FakeClock, settled } from '../../support/fake-clock.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { createMortal } from './mortal.ts';

export const crew: Crew = {
  name: 'press',
  channel: 'CAPPROVALS',
  channels: ['CAPPROVALS'],
  approvers: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved',
  revisionText: 'Revise this:',
  language: 'en',
  lookUps: 'everyone',
  approveTasks: [],
  excludeRequester: false,
  allowGuests: true,
  policy: DEFAULT_POLICY,
  tasks: [],
  resumeFormat: 'documented',
};

/** A call to Slack, as the bot made it. */
export interface SlackCall {
  do: 'post' | 'update' | 'note' | 'file';
  /** The people that a note mentions. */
  calls?: string[];
  /** A channel that gets the note instead of the thread. */
  elsewhere?: string;
  /** True if the message is shown in the channel too. */
  broadcast?: boolean;
  /** The people that a card mentions. */
  mentions?: string[];
  at: number;
  round?: number;
  status?: string;
  note?: Note;
}

/**
 * A directory without knowledge: groups cannot be read, everyone is in every channel and awake, and no one is a guest
 * or gone.
 */
export const nobodyKnown: PeopleDirectory = {
  members: () => undefined,
  idOf: () => undefined,
  language: () => undefined,
  timeZone: () => undefined,
  nameOf: () => undefined,
  outsider: () => false,
  learn: async () => {},
  refreshGroups: () => {},
  inChannel: () => true,
  channelId: (channel) => (channel.startsWith('#') ? undefined : channel),
  channelSize: () => undefined,
  isGone: () => false,
  learnMembers: async () => {},
  findAwake: async (ids) => ({ ids: [...ids] }),
};

/** Slack's reactions to a call: it works, fails, or is blocked for this channel or token. */
export const works = async () => {};
export const rejects = (failure: CardFailure) => () => Promise.reject(new CardError(failure));
export const blocks = (reason: string, of: 'channel' | 'token' = 'channel') =>
  rejects({ kind: 'blocked', reason, of });

const NEVER = new Promise<never>(() => {});
/** A CrewAI that never answers. */
export const noStarts: CrewAI & CrewStarts = {
  mayCallBack: () => true,
  status: () => NEVER,
  resume: () => NEVER,
  inputs: () => NEVER,
  kickoff: () => NEVER,
};

interface Options {
  sole?: boolean;
  rules?: Partial<Crew>;
  people?: Partial<PeopleDirectory>;
  /** Clock of the store. A test can give a wrong one. */
  clock?: FakeClock;
  dialect?: Dialect;
}

/**
 * Creates a bot without its edges: the real domain on records in memory, a clock that tests advance, and played Slack
 * and CrewAI.
 */
export function createWorld(options: Options = {}) {
  const { sole = false, rules = {}, people: peopleChanges = {}, dialect = 'documented' } = options;
  const { clock = createFakeClock() } = options;
  const crewWithRules: Crew = { ...crew, ...rules };
  const settings = new Map([[crew.name, crewWithRules]]);
  const people: PeopleDirectory = { ...nobodyKnown, ...peopleChanges };
  const began = clock.now();
  const memory = createMemoryRecords(clock.now);
  const slack: SlackCall[] = [];
  const resumes: { at: number; decision: Decision }[] = [];
  const logged: string[] = [];
  /** Calls of GET /status. */
  const asked: { at: number; executionId: string }[] = [];
  const workers: Worker[] = [];
  /** Alerts for the operators. */
  const alarms: (Alert & { at: number })[] = [];
  /** Slack's next reactions, one per call. When empty, calls work. */
  const slackDoes: (() => Promise<void>)[] = [];
  /** CrewAI's next outcomes, one per attempt. When empty, CrewAI accepts. */
  const crewDoes: (() => Promise<ResumeOutcome>)[] = [];
  let crewDoesAlways: (() => Promise<ResumeOutcome>) | undefined;
  let posted = 0;

  const log: Log = {
    info: () => {},
    warn: (_, fact) => void logged.push(fact),
    error: (_, fact) => void logged.push(fact),
  };
  const store = createApprovalStore(memory.records, log);

  async function called(call: Omit<SlackCall, 'at'>) {
    slack.push({ ...call, at: clock.now() - began });
    await slackDoes.shift()?.();
  }
  const content = ({ round }: CardContent) => ({ round: round.number, status: round.status });

  /** Starts a separate process on the same store. */
  function startWorker(name: string) {
    const { store: mortalStore, clock: mortalClock, kill: end } = createMortal(store, clock);
    const turns = new RateLimits(mortalClock);
    const app = buildTestApp({
      name,
      sole,
      store: mortalStore,
      crews: settings,
      people,
      mentions: new Mentions(mortalClock, people.members),
      rateLimits: turns,
      slackQueue: createSlackQueue(turns, new ClickedCards(mortalClock)),
      clock: mortalClock,
      random: () => 0.5,
      log,
      alert: (alert) => void alarms.push({ ...alert, at: clock.now() - began }),
      cards: {
        async post(card, how) {
          const { mentioned = [] } = card.round;
          await called({
            do: 'post',
            ...content(card),
            ...(mentioned.length > 0 ? { mentions: mentioned } : {}),
            ...(how?.broadcast && card.round.number > 1 ? { broadcast: true } : {}),
          });
          posted += 1;
          return { channel: card.approval.channel, ts: `${posted}.0` };
        },
        update: (card, _: Card) => called({ do: 'update', ...content(card) }),
        note: (_, note, { mentions, elsewhere, broadcast }) =>
          called({
            do: 'note',
            note,
            ...(mentions?.length ? { calls: mentions } : {}),
            ...(elsewhere ? { elsewhere } : {}),
            ...(broadcast ? { broadcast } : {}),
          }),
        file: ({ round }) => called({ do: 'file', round: round.number }),
      },
      dialects,
      wake: (approval, how) => worker.approvals.wake(approval, how),
      crewAI: {
        ...noStarts,
        status: async (_, executionId) => {
          asked.push({ at: clock.now() - began, executionId });
          return crewAIAnswers.status;
        },
        resume({ decision }) {
          resumes.push({ at: clock.now() - began, decision });
          const answer = crewDoes.shift() ?? crewDoesAlways;
          return answer ? answer() : Promise.resolve({ kind: 'accepted' });
        },
      },
    });
    const worker = new Worker(app);
    workers.push(worker);
    worker.start();
    /** Ends the process like kill -9: it gets nothing more. */
    const kill = () => {
      end();
      workers.splice(workers.indexOf(worker), 1);
    };
    return { worker, kill };
  }

  const dialects = fixedDialect(dialect);
  /** Answer to GET /status of any run. */
  const crewAIAnswers: { status: RunStatus } = { status: { kind: 'running' } };
  const app = buildTestApp({
    store,
    clock,
    log,
    crews: settings,
    people,
    dialects,
    crewAI: noStarts,
    wake: (approval) => workers[0]?.approvals.wake(approval),
    async beginDelivery(decided) {
      const round = currentRound(decided).number;
      return workers[0]?.approvals.beginCall(decided, { lane: 'delivery', do: 'attempt', round, at: 0 });
    },
  });
  const service = bindDecisions(app);
  const receiver = bindIntake(app);

  /** Receives the webhook of a task's output and returns the id of the approval. */
  async function output(
    text: string,
    over: { executionId?: string; task?: string; meta?: Partial<RunMeta> } = {},
  ) {
    const { executionId = 'e1', task = 'draft', meta = {} } = over;
    const value = readOutput(text);
    const facts: WebhookFacts = {
      kind: 'task',
      executionId,
      meta: { urls: {}, ...meta },
      warnings: [],
      taskKey: task,
      task,
      output: value,
      round: { taskId: 't1', humanInput: false, hashes: [hashOutput(value)] },
    };
    const receipt = await receiver.receive(crewWithRules, facts);
    return receipt.approval as string;
  }

  async function approval(id: string): Promise<Approval> {
    const stored = await store.approval(id);
    if (!stored) throw new Error('no such approval');
    return stored.record;
  }

  return {
    clock,
    memory,
    store,
    slack,
    resumes,
    logged,
    alarms,
    asked,
    statusIs: (status: RunStatus) => {
      crewAIAnswers.status = status;
    },
    crew: crewWithRules,
    slackDoes,
    crewDoes,
    crewAlways: (answer: () => Promise<ResumeOutcome>) => {
      crewDoesAlways = answer;
    },
    startWorker,
    app,
    service,
    inbox: (person: string) => loadInbox(app, person, (approval, round) => loadOutput(app, approval, round)),
    receiver,
    output,
    approval,
    round: async (id: string) => currentRound(await approval(id)),
    /** Receives an output, waits until its card is posted and returns the id of the approval. */
    async shown(text = 'A release', meta: Partial<RunMeta> = {}) {
      const id = await output(text, { meta });
      await clock.advance(0);
      return id;
    },
    /** Approves on the card. */
    approve: (id: string, by = 'UANA', round = 1) =>
      service.decide({ approvalId: id, round, via: 'card' }, by, { action: 'approve' }),
    revise(id: string, by = 'UANA', round = 1) {
      const decision = { action: 'request_revision', feedback: 'Shorter' } as const;
      return service.decide({ approvalId: id, round, via: 'card' }, by, decision);
    },
    notes: () => slack.flatMap((call) => (call.note ? [call.note] : [])),
    posts: () => slack.filter((call) => call.do === 'post'),
    /** Receives the outputs of this many runs and returns the ids of the approvals. */
    async outputs(count: number) {
      const ids: string[] = [];
      for (let n = 1; n <= count; n += 1) ids.push(await output('A release', { executionId: `e${n}` }));
      return ids;
    },
    settled,
  };
}

/** Creates a world with a running worker and a posted card. */
export async function startWorld(options: Options & { meta?: Partial<RunMeta> } = {}) {
  const world = createWorld(options);
  const process = world.startWorker('a');
  return { ...world, ...process, id: await world.shown('A release', options.meta) };
}
