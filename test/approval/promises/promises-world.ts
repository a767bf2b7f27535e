import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import type { Log } from '../../../src/approval/ports.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { Worker } from '../../../src/approval/worker/worker.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createSlackTurns } from '../../../src/slack/api/slack-limits.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { bindDecisions, bindIntake, buildTestApp } from '../../support/app.ts';
import { fixedDialect } from '../../support/dialects.ts';
import { nobodyKnown, noStarts } from '../worker/worker-world.ts';
import { createAsking, createPlayedCrewAI } from './promises-crewai.ts';
import { createWatch } from './promises-invariants.ts';
import { createRecords } from './promises-records.ts';
import { REVIEWED, type Route } from './promises-run.ts';
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
  /** What asks for decisions. */
  origin: 'crew' | 'flow';
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

/** The real domain, with everything around it played and every write and call watched. */
export function createPromisesWorld(setup: Setup) {
  const { order, sole, dialect } = setup;
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
  const asking = createAsking(setup);
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

  const { crewsOf, crewFails, taken } = createPlayedCrewAI({ stage, watch, asking, dialect });

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
    const app = buildTestApp({
      name: actor.name,
      sole,
      store,
      cards,
      crewAI: { ...noStarts, ...crewsOf(actor) },
      crews: settings,
      mentions: new Mentions(clock, nobodyKnown.members),
      dialects: fixedDialect(dialect),
      turns,
      slackTurns: createSlackTurns(turns, new ClickedCards(clock)),
      people: nobodyKnown,
      clock,
      random,
      log,
      wake: (approval, how) => worker.wake(approval, how),
      beginDelivery: (decided) => worker.beginDelivery(decided),
    });
    const worker = new Worker(app);
    const process: Process = {
      slot,
      actor,
      worker,
      service: bindDecisions(app),
      receiver: bindIntake(app),
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
    run: asking.played,
    /** Undefined where a crew's run asks. */
    flow: asking.flow,
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
  service: ReturnType<typeof bindDecisions>;
  receiver: ReturnType<typeof bindIntake>;
  /** How long after its death another one takes its place, in milliseconds. */
  backAfter: number;
  /** When it was last frozen. */
  stoodStillUntil: number;
}
export type PromisesWorld = ReturnType<typeof createPromisesWorld>;
