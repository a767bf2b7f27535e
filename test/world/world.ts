import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type RunningApp, startApp } from '../../src/app.ts';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import type { Log } from '../../src/approval/ports.ts';
import { StoreError } from '../../src/lib/errors.ts';
import type { CrewTask } from '../../src/sandbox/crewai/crew-task.ts';
import type { Dialect } from '../../src/sandbox/crewai/dialect.ts';
import type { KickoffBody } from '../../src/sandbox/crewai/kickoff-request.ts';
import type { PlannedFailure } from '../../src/sandbox/failures.ts';
import type { Entry } from '../../src/sandbox/slack/interactions/entered.ts';
import { buildEndpoint } from '../../src/settings/build-crew.ts';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { FEEDBACK } from '../../src/slack/app/ids.ts';
import { LateClicks } from '../../src/slack/app/late-clicks.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { FORMAT_KEY, StoreFormat } from '../../src/store/store-format.ts';
import { FIND_TARGETS } from '../sandbox/crewai/called-urls.ts';
import { type FlowDeployment, startFlowDeployment } from '../sandbox/crewai/flow/deployment.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../sandbox/crewai/platform.ts';
import type { Answers } from '../sandbox/slack/form-answers.ts';
import type { AnyViewClick } from '../sandbox/slack/stale-clicks.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../sandbox/slack/workspace.ts';
import { type Card, readCard } from './cards.ts';
import { Counts } from './counts.ts';
import { BOT_HOST, Network, SLACK_HOST } from './network.ts';
import { WorldRecords } from './records.ts';
import { readCalled } from './sent-urls.ts';
import { type Actor, type Fate, Stage } from './stage.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const WEBHOOK_SECRET = 'a-webhook-secret-of-crewai';
const CREW_TOKEN = 'crew-token-of-the-world';
const SIGNING_SECRET = 'signing-secret-of-the-world';
export const FLOW_SECRET = `whsec_${Buffer.from('a-flow-secret-of-the-world-1234').toString('base64')}`;
export const FLOW_HOST = 'flows.test';
/** The settings of a bot that takes the reviews of the Flow of its world. */
export const FLOW_SETTINGS = { FLOW_WEBHOOK_SECRETS: FLOW_SECRET, CALLBACK_HOSTS: FLOW_HOST };
const BOT = `http://${BOT_HOST}`;

/** The webhook URL of the bot of a kind, with the secret of the crew. */
export const webhookUrl = (kind: string) => `${BOT}/webhooks/press/${kind}?token=${WEBHOOK_SECRET}`;

/** Both contracts of CrewAI's API, for tests whose sentence holds on each. */
export const DIALECTS = ['live', 'documented'] as const satisfies readonly Dialect[];

export interface WorldOptions {
  dialect?: Dialect;
  tasks?: readonly CrewTask[];
  /** 0: what happens at the same moment happens in the order in which it came; another number shuffles it. */
  order?: number;
  /** One process has its store for itself. */
  replicas?: number;
  /** The languages of Ana, Ben and Cat in Slack, by their names; English for others. */
  locales?: Record<string, string>;
  /** As environment variables of the bot. */
  settings?: Record<string, string>;
  /** The crew is in a crews file, with these lines more. */
  rules?: readonly string[];
  slack?: Partial<WorkspaceOptions>;
  crewai?: Partial<PlatformOptions>;
  flow?: Partial<Parameters<typeof startFlowDeployment>[0]>;
  /** What Slack does from before the start of the bot. */
  slackFails?: PlannedFailure;
  /** Further hosts of the network. */
  hosts?: Record<string, RequestListener>;
  /** Of the first process, from its start on. */
  fate?: Fate;
  /** What the store holds when the bot starts, and when that is. */
  store?: { holds: readonly RawRecord[]; at: number };
}

/** A process of the bot. */
export interface Process {
  slot: number;
  actor: Actor;
  app: RunningApp | undefined;
  web: Parameters<NonNullable<Parameters<typeof startApp>[2]>['listen'] & object>[0] | undefined;
  /** How long after its death another one takes its place, in milliseconds; undefined: never. */
  backAfter: number | undefined;
  /** When it was frozen last, and until when. */
  stoodStill: { from: number; until: number } | undefined;
}

/** The one task of a run, by default. */
export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release in Markdown',
  humanInput: true,
  output: ({ revisions }) => `# Spring collection ${revisions.length + 1}`,
};

/**
 * The whole bot in a world that is played: real Bolt, WebClient, axios and Express in each process of it, Slack and CrewAI
 * from the sandbox, a store that can fail, a network without sockets and a clock that only the test moves. It knows no
 * records: what it sees is what people and CrewAI see.
 */
export class World {
  readonly stage: Stage;
  readonly network: Network;
  readonly records: WorldRecords;
  readonly processes: Process[] = [];
  /** What each process logged, as `{process, level, fact, ...fields}`. */
  readonly logged: Record<string, unknown>[] = [];
  /** When processes died or stood still, the store failed, or the machines slept. */
  readonly disturbances: { from: number; to: number }[] = [];
  /** When processes stood still. */
  readonly freezes: { from: number; until: number }[] = [];
  /** Called when a process has died. */
  onDeath: (process: Process) => void = () => {};
  /** Which process the next requests reach. */
  door = 0;
  workspace!: Workspace;
  platform!: Platform;
  flows!: FlowDeployment;
  /** Of the processes that start from now on. */
  settings: Record<string, string> = {};
  /** What the platform calls, for the counts. */
  called: string = readCalled() ?? 'resume';
  #started = 0;
  readonly #counts = Counts.ifAsked(() => this.#readCrews());
  readonly #folders: string[] = [];
  readonly #sole: boolean;
  readonly #isGivenStore: boolean;

  private constructor({ order = 0, replicas = 1, store }: WorldOptions) {
    this.#sole = replicas === 1;
    this.#isGivenStore = store !== undefined;
    const befalls = {
      death: (actor: Actor) => this.#died(this.#processOf(actor)),
      freeze: (actor: Actor, milliseconds: number) => this.freeze(this.#processOf(actor), milliseconds),
    };
    this.stage = new Stage(order, befalls, () => this.records.dueAt(), store?.at);
    this.network = new Network(this.stage);
    this.records = new WorldRecords(this.stage);
    if (store) this.records.restore(store.holds);
    this.records.onWrite = this.#counts && ((write) => this.#counts?.noteWrite(write));
  }

  /** A world with its bot started, which ends with the test, or when `end` is called. */
  static async create(options: WorldOptions = {}): Promise<World & { end: () => void }> {
    const world = new World(options);
    const uninstall = world.network.install();
    const end = () => {
      uninstall();
      world.#counts?.end(world.called);
      for (const other of [world.workspace, world.platform, world.flows]) void other?.close();
      for (const folder of world.#folders) rmSync(folder, { recursive: true });
    };
    try {
      await world.#build(options);
    } catch (error) {
      end();
      throw error;
    }
    return Object.assign(world, { end });
  }

  async #build({
    dialect = 'live',
    tasks = [draft],
    settings = {},
    rules,
    slack,
    slackFails,
    crewai,
    flow,
    replicas = 1,
    hosts = {},
    locales = {},
    fate,
  }: WorldOptions) {
    const { stage, network } = this;
    for (const [host, app] of Object.entries(hosts)) await network.serve(host)(app);
    this.workspace = await startWorkspace({
      botToken: 'xoxb-world',
      signingSecret: SIGNING_SECRET,
      manifest: 'manifest.yml',
      people: ['ana', 'ben', 'cat'].map((name) => ({
        id: `U${name.toUpperCase()}`,
        name,
        tz: 'Etc/UTC',
        locale: locales[name],
      })),
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
        { id: 'CPRESS', name: 'press', members: ['UANA', 'UBEN'], botIsMember: true },
      ],
      groups: [{ id: 'SEDITORS', handle: 'editors', users: ['UBEN'] }],
      serve: network.serve(SLACK_HOST),
      now: stage.now,
      ...slack,
    });
    this.workspace.connectBot(`${BOT}/slack/events`);
    if (slackFails) this.workspace.failures.plan(slackFails);
    const serve = network.serve('crewai.test');
    const called = readCalled();
    this.platform = await startPlatform({
      token: CREW_TOKEN,
      tasks,
      dialect,
      serve,
      now: stage.now,
      ...(called === undefined || called === 'none' ? {} : { findTargets: FIND_TARGETS[called] }),
      ...crewai,
    });
    this.flows = await startFlowDeployment({
      secret: FLOW_SECRET,
      webhookUrl: `${BOT}/webhooks/press/flow`,
      clock: { now: stage.now, after: (milliseconds, callback) => stage.after(milliseconds, callback) },
      serve: network.serve(FLOW_HOST),
      ...flow,
    });
    this.settings = {
      SLACK_BOT_TOKEN: 'xoxb-world',
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: this.workspace.apiUrl,
      CREWAI_BASE_URL: this.platform.baseUrl,
      CREWAI_BEARER_TOKEN: CREW_TOKEN,
      CREW_NAME: 'press',
      APPROVAL_CHANNEL: 'CAPPROVALS',
      APPROVERS: 'UANA,UBEN,UCAT',
      WEBHOOK_SECRET,
      PUBLIC_URL: BOT,
      STORE_URL: 'sqlite://world.db',
      ...(rules ? { CREWS_FILE: this.#writeCrews(rules) } : {}),
      ...settings,
    };
    network.balance(BOT_HOST, () => {
      const living = this.living(this.door);
      return living?.web && { app: living.web, actor: living.actor };
    });
    for (let slot = 0; slot < replicas; slot += 1) this.start(slot, slot === 0 ? fate : undefined);
    await this.pass(SECOND);
  }

  #writeCrews(rules: readonly string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-world-'));
    this.#folders.push(folder);
    const file = join(folder, 'crews.yml');
    const lines = [
      `base_url: ${this.platform.baseUrl}`,
      `bearer_token: ${CREW_TOKEN}`,
      `webhook_secret: ${WEBHOOK_SECRET}`,
      'channel: CAPPROVALS',
      ...rules,
    ];
    writeFileSync(file, ['crews:', '  press:', ...lines.map((line) => `    ${line}`)].join('\n'));
    return file;
  }

  /** Starts a process of the bot. */
  start(slot: number, fate?: Fate): Process {
    this.#started += 1;
    const actor: Actor = {
      name: `${'abcd'[slot]}${this.#started}`,
      alive: true,
      frozen: false,
      fate,
      done: [],
    };
    const process: Process = {
      slot,
      actor,
      app: undefined,
      web: undefined,
      backAfter: 0,
      stoodStill: undefined,
    };
    this.processes.push(process);
    const log = (level: string) => (fields: object, fact: string) =>
      void this.logged.push({ process: actor.name, level, fact, ...fields });
    const started = this.stage.as(actor, () =>
      startApp(
        loadSettings(this.settings),
        { info: log('info'), warn: log('warn'), error: log('error') } as Log,
        {
          openStore: async () => {
            const { records, format } = await this.#openStore(this.records.of(actor));
            return {
              records,
              sole: this.#sole,
              clock: this.stage.clockOf(actor),
              format,
              close: async () => {},
            };
          },
          listen: async (web) => {
            process.web = web;
            return PLAYED_SERVER;
          },
        },
      ),
    );
    started.then(
      (app) => Object.assign(process, { app }),
      (error: unknown) => {
        actor.alive = false;
        this.#died(process);
        if (!(error instanceof StoreError))
          this.logged.push({ process: actor.name, level: 'fatal', fact: `${error}` });
      },
    );
    return process;
  }

  /** A store that it was given is opened as one for one process is; another one is of the current format. */
  async #openStore(records: RecordStore): Promise<{ records: RecordStore; format: StoreFormat }> {
    const found = this.#isGivenStore ? await records.get(FORMAT_KEY) : undefined;
    const format = new StoreFormat(records, Number(found ?? RECORD_VERSION), () => {});
    if (found === undefined) return { records, format };
    if (!format.isRaised()) await format.raise();
    return { records: format.keep(), format };
  }

  /** The living process in a slot; another one when that one is dead. */
  living(slot: number): Process | undefined {
    const alive = this.processes.filter(({ actor }) => actor.alive);
    return alive.find((process) => process.slot === slot) ?? alive[0];
  }

  #processOf(actor: Actor): Process {
    return this.processes.find((process) => process.actor === actor) as Process;
  }

  kill(process: Process): void {
    this.stage.kill(process.actor);
  }

  /** The bot is killed and starts again, with these settings changed. */
  async restart(changed: Record<string, string> = {}): Promise<void> {
    Object.assign(this.settings, changed);
    this.kill(this.living(0) as Process);
    await this.pass(SECOND);
  }

  #died(process: Process): void {
    this.disturb(0);
    this.network.cut(process.actor);
    this.onDeath(process);
    const { backAfter, slot } = process;
    if (backAfter === undefined) return;
    const isAlive = () => this.processes.some((other) => other.slot === slot && other.actor.alive);
    this.stage.after(backAfter, () => void (isAlive() || this.start(slot)), this.stage.outside);
  }

  /** Something is wrong from now on, for this many milliseconds. */
  disturb(milliseconds: number): void {
    this.disturbances.push({ from: this.stage.now(), to: this.stage.now() + milliseconds });
  }

  /** It does nothing and hears nothing for this many milliseconds. */
  freeze(process: Process, milliseconds: number): void {
    this.disturb(milliseconds);
    process.actor.frozen = true;
    process.stoodStill = { from: this.stage.now(), until: this.stage.now() + milliseconds };
    this.freezes.push(process.stoodStill);
    this.stage.after(milliseconds, () => this.thaw(process), this.stage.outside);
  }

  thaw(process: Process): void {
    if (process.stoodStill) process.stoodStill.until = Math.min(process.stoodStill.until, this.stage.now());
    this.stage.thaw(process.actor);
  }

  /** What befalls the process in a slot. */
  strike(slot: number, fate: Fate): void {
    const process = this.living(slot);
    if (process) process.actor.fate = fate;
  }

  /** Lets this many milliseconds pass, with everything that happens in them. */
  async pass(milliseconds: number): Promise<void> {
    await this.stage.advance(milliseconds);
    this.#counts?.noteCards(['CAPPROVALS', 'CPRESS'].flatMap((channel) => this.#findCards(channel)));
  }

  #readCrews() {
    const settings = loadSettings(this.settings);
    return settings.crews.map((crew) => buildEndpoint(crew, settings).crew);
  }

  #findCards(channel: string): Card[] {
    try {
      return this.cards(channel);
    } catch {
      // Some worlds have other channels.
      return [];
    }
  }

  /** Lets time pass until the work is done; throws if that takes two minutes. */
  async settle<T>(work: Promise<T>): Promise<T> {
    let isPending = true;
    const end = () => {
      isPending = false;
    };
    work.then(end, end);
    for (let seconds = 0; isPending && seconds < 120; seconds += 1) {
      await this.stage.drain();
      if (isPending) await this.pass(SECOND);
    }
    if (isPending) throw new Error('still pending after two minutes');
    return work;
  }

  /** Starts a run as a program would; by default with every webhook URL. Its first id. */
  kickoff(body: KickoffBody = this.urls()): string {
    return this.platform.kickoff(body);
  }

  /** Somebody answers the pause of a run in CrewAI itself; a plain yes approves. */
  async answerInCrewAI(run: string, feedback: string): Promise<void> {
    const { taskId = '' } = this.platform.execution(run).pendingTask ?? {};
    const body = {
      ...{ executionId: run, taskId, humanFeedback: feedback },
      ...{ execution_id: run, task_id: taskId, human_feedback: feedback, is_approve: feedback === 'yes' },
      ...this.urls(),
    };
    await this.network.request({
      url: `${this.platform.baseUrl}/resume`,
      method: 'POST',
      headers: { authorization: `Bearer ${CREW_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Registers URLs, a channel or approvers for a run. */
  register(run: string, body: object) {
    return this.send(`crews/press/executions/${run}`, body, { method: 'PUT' });
  }

  /** Sends a webhook of the crew; a text is sent as it is. */
  hook(kind: string, body: object | string, headers: Record<string, string> = {}) {
    return this.send(`webhooks/press/${kind}`, body, { headers });
  }

  /** Reads a path of the bot. */
  read(path: string) {
    return this.send(path, undefined, { method: 'GET' });
  }

  /** Sends something to the bot, with the secret of the crew. */
  async send(path: string, body: object | string | undefined, { method = 'POST', headers = {} } = {}) {
    const answer = await this.settle(
      this.network.request({
        url: `${BOT}/${path}${path.includes('?') ? '&' : '?'}token=${WEBHOOK_SECRET}`,
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'object' ? JSON.stringify(body) : body,
      }),
    );
    await this.pass(2 * SECOND);
    return { status: answer?.status, data: JSON.parse(answer?.body ?? '{}') };
  }

  /** The webhook URLs of the bot, as a kickoff names them. */
  urls(...kinds: ('task' | 'step' | 'crew' | 'humanInput')[]): KickoffBody {
    const named = kinds.length > 0 ? kinds : (['task', 'crew', 'humanInput'] as const);
    const all = {
      task: { taskWebhookUrl: webhookUrl('task') },
      step: { stepWebhookUrl: webhookUrl('step') },
      crew: { crewWebhookUrl: webhookUrl('crew') },
      humanInput: {
        humanInputWebhook: {
          url: `${BOT}/webhooks/press/human-input`,
          authentication: { strategy: 'bearer' as const, token: WEBHOOK_SECRET },
        },
      },
    };
    return Object.assign({}, ...named.map((kind) => all[kind]));
  }

  /** A run whose first card is up: its id. */
  async shown(body?: KickoffBody): Promise<string> {
    const id = this.kickoff(body);
    await this.pass(2 * SECOND);
    return id;
  }

  /** The cards of a channel in the order in which they were posted. */
  cards(channel = 'CAPPROVALS'): Card[] {
    return this.workspace.messages(channel).flatMap((message) => readCard(message) ?? []);
  }

  /** The newest card. */
  card(channel = 'CAPPROVALS'): Card {
    const card = this.cards(channel).at(-1);
    if (!card) throw new Error(`no card in ${channel}`);
    return card;
  }

  /** A person clicks a button, a menu entry or a list of a card, the newest by default; true: acked in time. */
  async click(user: string, actionId: string, on: Partial<Card & AnyViewClick> = {}): Promise<boolean> {
    const { channel, ts } =
      on.ts === undefined ? this.card(on.channel) : { channel: 'CAPPROVALS', ...on, ts: on.ts };
    const { acked } = await this.settle(this.workspace.click({ ...on, user, channel, ts, actionId }));
    await this.stage.drain();
    return acked;
  }

  /** A person asks for a revision: the click and the form. */
  async revise(user: string, feedback: string, on: Partial<Card> = {}): Promise<boolean> {
    await this.click(user, 'request_revision', on);
    const values = { [FEEDBACK.block]: { [FEEDBACK.action]: feedback } };
    const { acked } = await this.settle(this.workspace.submit({ user, values }));
    await this.stage.drain();
    return acked;
  }

  /** A person types a slash command: what they are told. */
  async type(user: string, text: string, channel = 'CAPPROVALS'): Promise<string> {
    const before = this.told(user).length;
    await this.settle(this.workspace.command({ user, channel, command: '/approvals', text }));
    await this.pass(SECOND);
    return this.told(user).slice(before).join('\n');
  }

  /** A person sends the form that is open, with these values by block. */
  async submit(user: string, values: Record<string, Entry> = {}) {
    const filled = Object.entries(values).map(([block, value]) => [
      block,
      { [block.startsWith('input:') ? 'input' : block]: value },
    ]);
    const sent = await this.settle(this.workspace.submit({ user, values: Object.fromEntries(filled) }));
    await this.pass(2 * SECOND);
    return sent;
  }

  /** What people send meanwhile reaches the bot eleven seconds late: Slack has reported it as failed by then. */
  async late<Sent>(send: () => Promise<Sent>): Promise<Sent> {
    const age = vi.spyOn(LateClicks.prototype, 'ageOf').mockReturnValue(11 * SECOND);
    try {
      return await send();
    } finally {
      age.mockRestore();
    }
  }

  /** A person fills the form that is open by the labels of its fields, and sends it. */
  async submitForm(user: string, answers: Answers) {
    const sent = await this.settle(this.workspace.submitForm({ user, answers }));
    await this.pass(2 * SECOND);
    return sent;
  }

  /** A person chooses an entry in the menu of a card, the newest by default. */
  async choose(user: string, entry: string, on: Partial<Card> = {}): Promise<void> {
    const { channel, ts } = { ...this.card(on.channel), ...on };
    const blocks = JSON.stringify(this.workspace.message(channel, ts)?.blocks);
    const selected = new RegExp(`${entry}:[\\w.]+`).exec(blocks)?.[0] ?? '';
    await this.click(user, 'more', { ...on, selected });
    await this.pass(SECOND);
  }

  /** All that the form on top says to this person. */
  form(user: string): string {
    return JSON.stringify(this.workspace.openView(user) ?? '');
  }

  /** A person opens the Home tab: all that it says. */
  async home(user: string): Promise<string> {
    await this.settle(this.workspace.openHome({ user }));
    await this.pass(2 * SECOND);
    return JSON.stringify(this.workspace.home(user)?.blocks ?? '');
  }

  /** What the thread of a message says. */
  thread(ts: string, channel = 'CAPPROVALS'): string[] {
    return this.workspace
      .messages(channel)
      .filter(({ thread_ts }) => thread_ts === ts)
      .map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks ?? '')}`);
  }

  /** What only this person saw, in order. */
  told(user: string): string[] {
    return this.workspace.ephemerals(user).map(({ text }) => text);
  }

  /** The messages of a channel that are not cards, in order. */
  notes(channel = 'CAPPROVALS'): string[] {
    return this.workspace.messages(channel).flatMap((message) => (readCard(message) ? [] : [message.text]));
  }

  /** The bodies of every POST /resume, in order. */
  resumes(): Record<string, unknown>[] {
    return this.platform.resumes.map(({ body }) => body as Record<string, unknown>);
  }

  /** The facts that were logged, in order. */
  facts(): string[] {
    return this.logged.map(({ fact }) => String(fact));
  }
}

/** Nothing listens: requests come over the network of the world. */
const PLAYED_SERVER = {
  address: () => ({ port: 80 }),
  close: (closed?: () => void) => closed?.(),
  closeIdleConnections() {},
  closeAllConnections() {},
} as unknown as Awaited<ReturnType<NonNullable<NonNullable<Parameters<typeof startApp>[2]>['listen']>>>;

/** A world that ends with its test. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const world = await World.create(options);
  onTestFinished(world.end);
  return world;
}
