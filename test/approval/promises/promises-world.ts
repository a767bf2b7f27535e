import { createDeciders } from '../../../src/approval/access/deciders.ts';
import { createDecisions } from '../../../src/approval/decisions.ts';
import { createIntake } from '../../../src/approval/intake/intake.ts';
import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Decision } from '../../../src/approval/model/decision.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import type { CrewAI, Log } from '../../../src/approval/ports.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { Worker } from '../../../src/approval/worker/worker.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createSlackTurns } from '../../../src/slack/api/slack-limits.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { fixedDialect } from '../../support/dialects.ts';
import { outcomes } from '../builders.ts';
import { nobodyKnown } from '../worker/worker-world.ts';
import { createWatch } from './promises-invariants.ts';
import { createRecords } from './promises-records.ts';
import { createRun, REVIEWED, type Route } from './promises-run.ts';
import { createSlack } from './promises-slack.ts';
import { type Actor, createStage, seeded } from './promises-stage.ts';

const crewOf = ({ quorum, dialect }: Setup): Crew => ({
  name: 'press',
  channel: 'CAPPROVALS',
  channels: ['CAPPROVALS'],
  approvers: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved',
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: REVIEWED,
  excludeRequester: false,
  allowGuests: true,
  policy: { ...DEFAULT_POLICY, approvalsRequired: quorum },
  tasks: [],
  resumeFormat: dialect === 'live' ? 'camelcase' : 'documented',
});

export interface Setup {
  /** Which contract played CrewAI keeps. */
  dialect: 'documented' | 'live';
  /** In which order things happen that happen at once; 0: as they came. */
  order: number;
  route: Route;
  /** One process on a store of its own instead of two that share one. */
  sole: boolean;
  /** The first card is up before anything else happens. */
  shown: boolean;
  /** How many people have to approve. */
  quorum: number;
}

export const crewFailures = [
  'refuses',
  'not reached',
  'busy for 90 s',
  'answer lost',
  'breaks down before',
  'slow',
] as const;
type CrewFailure = (typeof crewFailures)[number];

const FAILS: Partial<Record<CrewFailure, ResumeOutcome>> = {
  refuses: outcomes.refused,
  'not reached': outcomes.not_reached,
  'busy for 90 s': { ...outcomes.not_reached, retryAfterMs: 90_000 },
  'breaks down before': outcomes.unknown,
};
const SLOW = 7_000;
const TIME_OUT = 8_000;

/** A decision that played CrewAI took. */
interface Taken {
  decision: string;
  pause: number;
  at: number;
}

/** The real domain, with everything around it played and every write and call watched. */
export function createPromisesWorld(setup: Setup) {
  const { order, route, sole, dialect } = setup;
  const crew = crewOf(setup);
  const settings = new Map([[crew.name, crew]]);
  const faults: string[] = [];
  const fault = (sentence: string) => void faults.push(sentence);
  const deaths: ((process: Process) => void)[] = [];
  const processOf = (actor: Actor) => processes.find((one) => one.actor === actor) as Process;
  const stage = createStage(order, {
    death: (actor) => died(processOf(actor)),
    freeze: (actor, milliseconds) => freeze(processOf(actor), milliseconds),
  });
  const run = createRun(route, dialect === 'live');
  const webhooksAt = new Set<number>();
  const watch = createWatch({
    now: stage.now,
    isVoid: (owner) => sole && !isAlive(owner.split('/')[0]),
    stoodStillUntil: (name) => processes.find(({ actor }) => actor.name === name)?.stoodStillUntil ?? 0,
    webhookCameAt: (at) => webhooksAt.has(at),
    live: dialect === 'live',
    webhookCameSince: (at) => [...webhooksAt].some((came) => came >= at),
    fault,
  });
  const slack = createSlack(stage, () => watch);
  const random = seeded(order + 1);

  const memory = createRecords(stage, watch);

  const taken: Taken[] = [];
  /** What the next attempts meet; empty: CrewAI works. */
  const crewFails: CrewFailure[] = [];

  const crewsOf = (actor: Actor): CrewAI => ({
    underway: () => false,
    async resume({ approval, round, decision }) {
      const claim = watch.called('delivery', approval);
      if (claim) watch.sent(claim, round, decision);
      const failure = crewFails.shift();
      const fails = failure && FAILS[failure];
      const done = await stage.operation(actor, 'call', () => {
        if (fails) return fails;
        if (dialect === 'live') return resumeLive(approval, round, decision);
        const pause = run.resume(approval.task, round.taskId, decision.action === 'approve');
        if (pause === undefined) return outcomes.not_pending;
        take(approval, decision, pause);
        return outcomes.accepted;
      });
      if (failure === 'slow') await stage.sleep(SLOW);
      if (failure === 'answer lost' || failure === 'breaks down before') await stage.sleep(TIME_OUT);
      return stage.operation(actor, 'answer', () => {
        const outcome = failure === 'answer lost' ? outcomes.unknown : done;
        if (claim) claim.answer = outcome.kind;
        const { aliasId } = outcome as { aliasId?: string };
        if (claim && aliasId !== undefined) claim.alias = aliasId;
        return outcome;
      });
    },
    async status() {
      await stage.operation(actor, 'call', () => {});
      return { kind: 'running' };
    },
  });

  /** Whatever is sent is answered with a new id; what has an effect is a decision on the output that its card shows. */
  function resumeLive(approval: Approval, round: Round, decision: Decision): ResumeOutcome {
    const { id, taken: effect } = run.resumeLive(round.taskId, decision.action === 'approve');
    if (effect) {
      const shown = hashOutput(readOutput(effect.output)).some((hash) => round.hashes.includes(hash));
      watch.must(shown, `${JSON.stringify(decision)} decided ${effect.output}, which its card does not show`);
      take(approval, decision, effect.number);
    }
    return { kind: 'accepted', dialect: 'live', aliasId: id };
  }

  /** One decision is taken once, but for a revision whose first answer did not come through. */
  function take({ id }: Approval, decision: Decision, pause: number) {
    const text = JSON.stringify([id, decision]);
    const before = taken.filter((one) => one.decision === text);
    taken.push({ decision: text, pause, at: stage.now() });
    if (before.length === 0) return;
    watch.must(dialect !== 'live', `CrewAI took a decision twice: ${text}`);
    watch.must(decision.action === 'request_revision', `CrewAI took an approve twice: ${text}`);
    const claims = watch.approvals.get(id)?.claims ?? [];
    const attempts = claims.filter(
      ({ sends, record }) =>
        sends && JSON.stringify(currentRound(record).decision) === JSON.stringify(decision),
    );
    const excused = attempts.slice(0, -1).some(({ answer, disturbed }) => answer === 'unknown' || disturbed);
    watch.must(excused, `CrewAI took a revision twice whose answer was not lost: ${text}`);
  }

  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (fields, fact) => {
      const { error } = fields as { error?: unknown };
      if (!(error instanceof StoreError)) fault(`${fact}: ${error}`);
    },
  };

  let started = 0;
  const processes: Process[] = [];

  /** A process of the bot: its doors and its worker. */
  function start(slot: number): Process {
    started += 1;
    const actor: Actor = { name: `${'ab'[slot]}${started}`, alive: true, frozen: false };
    const store = createApprovalStore(memory.recordsOf(actor), log);
    const clock = stage.clockOf(actor);
    const cards = slack.cardsOf(actor);
    const turns = new RateLimits(clock);
    const worker = new Worker({
      name: actor.name,
      sole,
      store,
      cards,
      crewAI: crewsOf(actor),
      crews: settings,
      mentions: new Mentions(clock, nobodyKnown.members),
      dialects: fixedDialect(dialect),
      recordAlias: (crew, alias, executionId) => process.receiver.recordAlias(crew, alias, executionId),
      recordRunFailure: (_, executionId, reason) =>
        process.receiver.recordRunFailure(crew, executionId, reason),
      checkRuns: async () => {},
      changed: () => {},
      lag: () => {},
      alarm: () => {},
      turns,
      slackTurns: createSlackTurns(turns, new ClickedCards(clock)),
      people: nobodyKnown,
      clock,
      random,
      log,
    });
    const shared = {
      store,
      clock,
      log,
      wake: (approval: Approval, how?: { clicked?: boolean }) => worker.wake(approval, how),
    };
    const deciders = createDeciders({ store, crews: settings, people: nobodyKnown });
    const service = createDecisions({ ...shared, deciders });
    const process: Process = {
      slot,
      actor,
      worker,
      service,
      receiver: createIntake({ ...shared, dialects: fixedDialect(dialect) }),
      backAfter: 0,
      stoodStillUntil: 0,
    };
    processes.push(process);
    worker.start();
    return process;
  }

  const isAlive = (name: string | undefined) =>
    processes.some(({ actor }) => actor.name === name && actor.alive);

  /** The living process behind a door; any other when that one is dead. */
  function living(slot: number): Process | undefined {
    const alive = processes.filter(({ actor }) => actor.alive);
    return alive.find((process) => process.slot === slot) ?? alive[0];
  }

  function died(process: Process) {
    watch.disturb((claim) => claim.process === process.actor.name);
    for (const told of deaths) told(process);
    const back = () => {
      if (!processes.some(({ slot, actor }) => slot === process.slot && actor.alive)) start(process.slot);
    };
    if (process.backAfter === 0) stage.enqueue(stage.nobody, back);
    else stage.after(process.backAfter, back);
  }

  /** It does nothing and hears nothing for so long. */
  function freeze(process: Process, milliseconds: number) {
    process.actor.frozen = true;
    watch.disturb((claim) => claim.process === process.actor.name);
    stage.after(milliseconds, () => thaw(process));
  }

  function thaw(process: Process) {
    if (process.actor.frozen) process.stoodStillUntil = stage.now();
    stage.thaw(process.actor);
  }

  for (const slot of sole ? [0] : [0, 1]) start(slot);

  return {
    setup,
    crew,
    stage,
    run,
    slack,
    watch,
    faults,
    fault,
    taken,
    crewFails,
    webhooksAt,
    deaths,
    dueAt: memory.dueAt,
    storeFails: memory.fails,
    storeWorks: memory.works,
    processes,
    start,
    living,
    isAlive,
    freeze,
    thaw,
    /** Known approvals, the newest first. */
    approvals: () => [...watch.approvals.values()].map(({ record }) => record).reverse(),
  };
}

export interface Process {
  slot: number;
  actor: Actor;
  worker: Worker;
  service: ReturnType<typeof createDecisions>;
  receiver: ReturnType<typeof createIntake>;
  /** How long after its death another one takes its place, in milliseconds. */
  backAfter: number;
  /** When it was last frozen. */
  stoodStillUntil: number;
}
export type PromisesWorld = ReturnType<typeof createPromisesWorld>;
