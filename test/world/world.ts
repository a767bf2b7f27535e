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
import type { FieldValue } from '../../src/sandbox/slack/interactions/entered.ts';
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
/** Settings of a bot that accepts the reviews of the Flow in its world. */
export const FLOW_SETTINGS = { FLOW_WEBHOOK_SECRETS: FLOW_SECRET, CALLBACK_HOSTS: FLOW_HOST };
const BOT = `http://${BOT_HOST}`;

/** Builds the webhook URL of a kind, with the crew's secret. */
export const webhookUrl = (kind: string) => `${BOT}/webhooks/press/${kind}?token=${WEBHOOK_SECRET}`;

/** Both contracts of CrewAI's API, for tests whose sentence is true in each. */
export const DIALECTS = ['live', 'documented'] as const satisfies readonly Dialect[];

export interface WorldOptions {
  dialect?: Dialect;
  tasks?: readonly CrewTask[];
  /** Order of simultaneous operations. 0: in the order in which they came; another number shuffles them. */
  order?: number;
  /** Number of processes of the bot. A single process has the store for itself. */
  replicas?: number;
  /** Languages of Ana, Ben and Cat in Slack, by their names. Others use English. */
  locales?: Record<string, string>;
  /** Environment variables of the bot. */
  settings?: Record<string, string>;
  /** Puts the crew in a crews file, with these additional lines. */
  rules?: readonly string[];
  slack?: Partial<WorkspaceOptions>;
  crewai?: Partial<PlatformOptions>;
  flow?: Partial<Parameters<typeof startFlowDeployment>[0]>;
  /** A failure of Slack from before the start of the bot. */
  slackFails?: PlannedFailure;
  /** Further hosts of the network. */
  hosts?: Record<string, RequestListener>;
  /** Fate of the first process from its start. */
  fate?: Fate;
  /** Records of the store when the bot starts, and the time of the start. */
  store?: { holds: readonly RawRecord[]; at: number };
}

/** A process of the bot. */
export interface Process {
  slot: number;
  actor: Actor;
  app: RunningApp | undefined;
  web: Parameters<NonNullable<Parameters<typeof startApp>[2]>['listen'] & object>[0] | undefined;
  /** Time from its death to the start of its successor, in milliseconds; undefined: no successor. */
  backAfter: number | undefined;
  /** When the process was last frozen, and until when. */
  stoodStill: { from: number; until: number } | undefined;
}

/** The only task of a run, by default. */
export const draft: CrewTask = {
  name: 'draft_press_release',
  agent: 'Copywriter',
  description: 'Write the press release',
  expectedOutput: 'A press release in Markdown',
  humanInput: true,
  writeOutput: ({ revisions }) => `# Spring collection ${revisions.length + 1}`,
};

/**
 * The whole bot in a played world: real Bolt, WebClient, axios and Express in each of its processes, Slack and CrewAI
 * from the sandbox, a store that can fail, a network without sockets, and a clock that only the test moves. Tests see
 * what people and CrewAI see, not records.
 */
export class World {
  readonly stage: Stage;
  readonly network: Network;
  readonly records: WorldRecords;
  readonly processes: Process[] = [];
  /** Log lines of each process, as `{process, level, fact, ...fields}`. */
  readonly logged: Record<string, unknown>[] = [];
  /** Times when processes died or stood still, the store failed, or the machines slept. */
  readonly disturbances: { from: number; to: number }[] = [];
  /** Times when processes stood still. */
  readonly freezes: { from: number; until: number }[] = [];
  /** Called when a process has died. */
  onDeath: (process: Process) => void = () => {};
  /** Slot of the process that the next requests reach. */
  door = 0;
  workspace!: Workspace;
  platform!: Platform;
  flows!: FlowDeployment;
  /** Settings of the processes that start from now on. */
  settings: Record<string, string> = {};
  /** The URLs that the platform calls, for the counts. */
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

  /** Creates a world and starts its bot. The world ends when `end` is called. */
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

  /** Opens the store. A given store is opened as a store of one process; a new one has the current format. */
  async #openStore(records: RecordStore): Promise<{ records: RecordStore; format: StoreFormat }> {
    const storedFormat = this.#isGivenStore ? await records.get(FORMAT_KEY) : undefined;
    const format = new StoreFormat(records, Number(storedFormat ?? RECORD_VERSION), () => {});
    if (storedFormat === undefined) return { records, format };
    if (!format.isRaised()) await format.raise();
    return { records: format.keep(), format };
  }

  /** Finds the living process in a slot, or another living one if that is dead. */
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

  /** Kills the bot and starts it again with these settings changed. */
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

  /** Records a disturbance from now on, for this many milliseconds. */
  disturb(milliseconds: number): void {
    this.disturbances.push({ from: this.stage.now(), to: this.stage.now() + milliseconds });
  }

  /** Freezes a process: it does and hears nothing for this many milliseconds. */
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

  /** Sets the fate of the process in a slot. */
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

  /** Lets time pass until the work is done. Throws after two minutes. */
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

  /**
   * Starts a run as a program would, by default with the URLs of the task, crew and human-input webhooks. Returns the
   * run's first id.
   */
  kickoff(body: KickoffBody = this.urls()): string {
    return this.platform.kickoff(body);
  }

  /** Answers the pause of a run in CrewAI itself. A plain "yes" approves. */
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

  /** Sends a webhook of the crew. A text is sent unchanged. */
  hook(kind: string, body: object | string, headers: Record<string, string> = {}) {
    return this.send(`webhooks/press/${kind}`, body, { headers });
  }

  /** Reads a path of the bot. */
  read(path: string) {
    return this.send(path, undefined, { method: 'GET' });
  }

  /** Sends a request to the bot with the crew's secret. */
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

  /** Builds the fields with the bot's webhook URLs for a kickoff. Without kinds: task, crew and human-input. */
  urls(...kinds: ('task' | 'step' | 'crew' | 'humanInput')[]): KickoffBody {
    const chosenKinds = kinds.length > 0 ? kinds : (['task', 'crew', 'humanInput'] as const);
    const urlsByKind = {
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
    return Object.assign({}, ...chosenKinds.map((kind) => urlsByKind[kind]));
  }

  /** Starts a run, waits for its first card and returns the run's id. */
  async shown(body?: KickoffBody): Promise<string> {
    const id = this.kickoff(body);
    await this.pass(2 * SECOND);
    return id;
  }

  /** Lists the cards of a channel, in the order of posting. */
  cards(channel = 'CAPPROVALS'): Card[] {
    return this.workspace.messages(channel).flatMap((message) => readCard(message) ?? []);
  }

  /** Finds the newest card. */
  card(channel = 'CAPPROVALS'): Card {
    const card = this.cards(channel).at(-1);
    if (!card) throw new Error(`no card in ${channel}`);
    return card;
  }

  /** Clicks a button, a menu entry or a list entry of a card, by default the newest. Returns true if acked in time. */
  async click(user: string, actionId: string, on: Partial<Card & AnyViewClick> = {}): Promise<boolean> {
    const { channel, ts } =
      on.ts === undefined ? this.card(on.channel) : { channel: 'CAPPROVALS', ...on, ts: on.ts };
    const { acked } = await this.settle(this.workspace.click({ ...on, user, channel, ts, actionId }));
    await this.stage.drain();
    return acked;
  }

  /** Asks for a revision: clicks and submits the form. */
  async revise(user: string, feedback: string, on: Partial<Card> = {}): Promise<boolean> {
    await this.click(user, 'request_revision', on);
    const values = { [FEEDBACK.block]: { [FEEDBACK.action]: feedback } };
    const { acked } = await this.settle(this.workspace.submit({ user, values }));
    await this.stage.drain();
    return acked;
  }

  /** Types a slash command and returns the ephemerals that the person got. */
  async type(user: string, text: string, channel = 'CAPPROVALS'): Promise<string> {
    const toldCount = this.told(user).length;
    await this.settle(this.workspace.command({ user, channel, command: '/approvals', text }));
    await this.pass(SECOND);
    return this.told(user).slice(toldCount).join('\n');
  }

  /** Submits the open form with these values by block. */
  async submit(user: string, values: Record<string, FieldValue> = {}) {
    const filled = Object.entries(values).map(([block, value]) => [
      block,
      { [block.startsWith('input:') ? 'input' : block]: value },
    ]);
    const sent = await this.settle(this.workspace.submit({ user, values: Object.fromEntries(filled) }));
    await this.pass(2 * SECOND);
    return sent;
  }

  /**
   * Makes requests of people reach the bot eleven seconds late while `send` runs. Slack has then reported them as
   * failed.
   */
  async late<Sent>(send: () => Promise<Sent>): Promise<Sent> {
    const age = vi.spyOn(LateClicks.prototype, 'ageOf').mockReturnValue(11 * SECOND);
    try {
      return await send();
    } finally {
      age.mockRestore();
    }
  }

  /** Fills in the open form by the labels of its fields, and submits it. */
  async submitForm(user: string, answers: Answers) {
    const sent = await this.settle(this.workspace.submitForm({ user, answers }));
    await this.pass(2 * SECOND);
    return sent;
  }

  /** Chooses an entry in the menu of a card, by default the newest. */
  async choose(user: string, entry: string, on: Partial<Card> = {}): Promise<void> {
    const { channel, ts } = { ...this.card(on.channel), ...on };
    const blocks = JSON.stringify(this.workspace.message(channel, ts)?.blocks);
    const selected = new RegExp(`${entry}:[^"]+`).exec(blocks)?.[0] ?? '';
    await this.click(user, 'more', { ...on, selected });
    await this.pass(SECOND);
  }

  /** Clicks a button, or an entry of a menu, in the open modal of a person, or on Home without one. */
  async press(user: string, actionId: string, entry?: string): Promise<void> {
    const selected =
      entry === undefined ? undefined : new RegExp(`"(${entry}:[^"]+)"`).exec(this.form(user))?.[1];
    const click = { user, actionId, ...(selected === undefined ? {} : { selected }) };
    await this.settle(this.workspace.clickInView(click));
    await this.pass(SECOND);
  }

  /** Reads all text of this person's top form, as JSON. */
  form(user: string): string {
    return JSON.stringify(this.workspace.openView(user) ?? '');
  }

  /** Opens the Home tab and returns its blocks as JSON. */
  async home(user: string): Promise<string> {
    await this.settle(this.workspace.openHome({ user }));
    await this.pass(2 * SECOND);
    return JSON.stringify(this.workspace.home(user)?.blocks ?? '');
  }

  /** Lists the messages in the thread of a message. */
  thread(ts: string, channel = 'CAPPROVALS'): string[] {
    return this.workspace
      .messages(channel)
      .filter(({ thread_ts }) => thread_ts === ts)
      .map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks ?? '')}`);
  }

  /** Lists the texts of this person's ephemerals, in order. */
  told(user: string): string[] {
    return this.workspace.ephemerals(user).map(({ text }) => text);
  }

  /** Lists the messages of a channel that are not cards, in order. */
  notes(channel = 'CAPPROVALS'): string[] {
    return this.workspace.messages(channel).flatMap((message) => (readCard(message) ? [] : [message.text]));
  }

  /** Lists the bodies of every POST /resume, in order. */
  resumes(): Record<string, unknown>[] {
    return this.platform.resumes.map(({ body }) => body as Record<string, unknown>);
  }

  /** Lists the logged facts, in order. */
  facts(): string[] {
    return this.logged.map(({ fact }) => String(fact));
  }
}

/** A server that does not listen: requests come over the network of the world. */
const PLAYED_SERVER = {
  address: () => ({ port: 80 }),
  close: (closed?: () => void) => closed?.(),
  closeIdleConnections() {},
  closeAllConnections() {},
} as unknown as Awaited<ReturnType<NonNullable<NonNullable<Parameters<typeof startApp>[2]>['listen']>>>;

/** Creates a world that ends with its test. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const world = await World.create(options);
  onTestFinished(world.end);
  return world;
}
