import type { RequestListener } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { isObject } from '../../src/lib/own-member.ts';
import type { Dialect } from '../../src/sandbox/crewai/dialect.ts';
import { createSigner } from '../../src/sandbox/crewai/flow/signature.ts';
import { ACTIONS } from '../../src/slack/app/ids.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import type { Card } from './cards.ts';
import type { Answered } from './network.ts';
import { type Called, readCalled, readTicketOf, SentUrls } from './sent-urls.ts';
import { FLOW_SECRET, HOUR, MINUTE, type Process, SECOND, World, type WorldOptions } from './world.ts';

/** CrewAI's answer to a request. `no_answer`: none before the bot's timeout. */
type Said = { status: number; body: object; headers?: Record<string, string> } | 'no_answer';
type Body = Record<string, unknown>;
/** The run of a webhook and its place in the story. */
interface About {
  /** The id in the webhook; `e1` by default. */
  run?: string | undefined;
  /** A second id in the webhook. */
  alias?: string;
  meta?: Body;
  /** Ticket of the URL; absent: as the platform calls its URLs. */
  ticket?: unknown;
  /**
   * Number of the decision in the run that the webhook follows, from 0. By default the last one; for a redelivery the
   * same as before.
   */
  follows?: number;
  crew?: string;
}
type Answer = Body & { http: number };

/** Builds the id of a test's n-th pause on the live platform. */
export const pauseId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** CrewAI's answers to a decision. */
export const answers = {
  live: (id: string): Said => ({ status: 200, body: { kickoff_id: id } }),
  documented: (says = 'resumed'): Said => ({ status: 200, body: { status: says } }),
  lost: { status: 504, body: {} } as Said,
  refused: { status: 401, body: {} } as Said,
  away: { status: 503, body: {} } as Said,
  notPending: { status: 400, body: { message: 'Task is not in pending state' } } as Said,
};

/** Remarks on a card's line in `cards()`, each with the text that the card then contains. */
const REMARKS: readonly [string, string | RegExp][] = [
  ['new output', /New output after /],
  ['likely', /probably the new output after/],
  ['may have continued', texts.state.mayHaveContinued],
  ['not waiting', /this task didn't need a decision/],
  ['run failed', / The run failed/],
];

/**
 * The bot in a world whose CrewAI is under full control of the test: each webhook and each answer to POST /resume and
 * POST /kickoff. A test sees cards, notes and requests.
 */
export class PlayedRun {
  readonly world: World & { end: () => void };
  /** CrewAI's next answers to decisions, one for each request; after them `always`. */
  readonly resumeAnswers: Said[] = [];
  readonly kickoffAnswers: Said[] = [];
  always: Said;
  /** Answer to GET /status of any run. */
  status: Said;
  readonly #sent: { path: string; body: Body; at: number }[] = [];
  readonly #urls: SentUrls;
  #events = 0;

  private constructor(world: World & { end: () => void }, dialect: PlayedDialect, called: Called) {
    this.world = world;
    const isLive = dialect === 'live';
    this.#urls = new SentUrls(called, isLive);
    this.always = isLive ? answers.live('e2') : answers.documented();
    const running = isLive ? { state: 'RUNNING' } : { status: 'running' };
    this.status = dialect === 'unknown' ? { status: 500, body: {} } : { status: 200, body: running };
  }

  static async create({
    dialect = 'live',
    settings,
    inputs = [],
    flow = false,
    called = readCalled() ?? 'none',
    ...options
  }: PlayOptions = {}): Promise<PlayedRun> {
    const formats = { live: 'camelcase', documented: 'documented', unknown: 'auto' };
    let run: PlayedRun | undefined;
    const app: RequestListener = (request, response) => {
      let text = '';
      request.on('data', (data) => (text += data));
      request.on('end', () => {
        const path = String(request.url).split('?')[0] as string;
        const reply = path === '/inputs' ? { status: 200, body: { inputs } } : run?.answer(path, text);
        if (reply === 'no_answer') return;
        const { status, body, headers = {} } = reply ?? { status: 500, body: {} };
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      });
    };
    const world = await World.create({
      ...options,
      settings: {
        CREWAI_BASE_URL: `http://${HOST}`,
        RESUME_FORMAT: formats[dialect],
        NOTIFY: 'none',
        PREVIEW: 'true',
        ...(flow ? { FLOW_WEBHOOK_SECRETS: FLOW_SECRET, CALLBACK_HOSTS: HOST } : {}),
        ...settings,
      },
      hosts: { [HOST]: app },
    });
    run = new PlayedRun(world, dialect, called);
    world.called = called;
    return run;
  }

  answer(path: string, text: string): Said {
    if (path.startsWith('/status')) return this.status;
    const body = JSON.parse(text) as Body;
    this.#sent.push({ path, body, at: this.world.stage.now() });
    if (path === '/kickoff') {
      this.#urls.noteKickoff(body);
      return this.kickoffAnswers.shift() ?? { status: 200, body: { kickoff_id: 'e1' } };
    }
    const reply = this.resumeAnswers.shift() ?? this.always;
    if (path === '/resume') this.#urls.noteResume(body, reply);
    return reply;
  }

  /** Sends a webhook and returns the answer, without waiting for the effects. */
  async post(kind: string, body: Body, { ticket, follows, crew = 'press' }: About = {}): Promise<Answer> {
    const { taskWebhookUrl = '' } = this.world.urls('task');
    const url = new URL(taskWebhookUrl.replace('/press/task', `/${crew}/${kind}`));
    const called = crew === 'press' ? this.#urls.ticketOf({ kind, body, follows }) : undefined;
    for (const one of [ticket ?? called].flat())
      if (one !== undefined) url.searchParams.append('run', String(one));
    return this.#send('POST', String(url), body);
  }

  async #send(method: string, url: string, body: unknown, signed = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json', ...signed };
    const sent = this.world.network.request({ url, method, headers, body: JSON.stringify(body) });
    const { status, body: text } = (await this.world.settle(sent)) as Answered;
    const parsed: unknown = JSON.parse(text);
    return { http: status, ...(isObject(parsed) ? parsed : {}) };
  }

  async send(kind: string, body: Body, about: About = {}): Promise<Answer> {
    const answer = await this.post(kind, body, about);
    await this.world.pass(SETTLES);
    return answer;
  }

  /** Sends a human-input webhook. Without `task` only the id names the pause, as on the live platform. */
  pause(id: number | string, output: unknown = `Output ${id}`, about: About & { task?: string } = {}) {
    return this.send('human-input', pauseBody(id, output, about), about);
  }

  /** Sends a task webhook: the task has reported its output. */
  task(name: string, output: unknown = `Output of ${name}`, about: About & Partial<Task> = {}) {
    const { run = 'e1', meta, agent, taskId } = about;
    const id = taskId === undefined ? {} : { task_id: taskId };
    return this.send('task', { kickoff_id: run, name, ...id, output, agent, meta }, about);
  }

  taskFailed(name: string, error: string, about: About = {}) {
    return this.send('task', { kickoff_id: about.run ?? 'e1', name, status: 'error', error }, about);
  }

  step(about: About = {}) {
    return this.send('step', { kickoff_id: about.run ?? 'e1', meta: about.meta }, about);
  }

  end(result = 'The result', about: About = {}) {
    return this.send('crew', { kickoff_id: about.run ?? 'e1', result, meta: about.meta }, about);
  }

  /** Sends events of the run in one batch. Each gets its own id unless it has one. */
  events(batch: readonly Event[], about: About = {}) {
    const events = batch.map(({ type, id, run = about.run ?? 'e1', ago, ...data }) => {
      this.#events += 1;
      const at = this.world.stage.now() - (ago ?? 0);
      return {
        id: id ?? `event-${this.#events}`,
        execution_id: run,
        ...(ago === undefined ? {} : { timestamp: new Date(at).toISOString() }),
        type,
        data: { emission_sequence: this.#events, task_name: data.task, ...data },
      };
    });
    return this.send('events', { events }, about);
  }

  /**
   * Asks for a review as a Flow does: the sandbox's example with these changes. The value undefined leaves a field out.
   */
  async review(changes: Body = {}): Promise<Answer> {
    const { now } = this.world.stage;
    const at = new Date(now()).toISOString();
    const body = { ...REVIEW, created_at: at, ...changes };
    const sign = createSigner(FLOW_SECRET, now);
    const { taskWebhookUrl = '' } = this.world.urls('task');
    const url = taskWebhookUrl.replace('/task', '/flow');
    const answer = await this.#send('POST', url, body, sign(JSON.stringify(body)));
    await this.world.pass(SETTLES);
    return answer;
  }

  /** Registers facts about a run and returns the answer. */
  async register(body: Body, run = 'e1'): Promise<Answer> {
    const { taskWebhookUrl = '' } = this.world.urls('task');
    const url = taskWebhookUrl.replace('/webhooks/press/task', `/crews/press/executions/${run}`);
    const answer = await this.#send('PUT', url, body);
    await this.world.pass(SETTLES);
    return answer;
  }

  async pass(milliseconds: number) {
    await this.world.pass(milliseconds);
  }

  /** Finds the card at this index; negative: from the end. */
  card(at = -1): Card {
    const card = this.world.cards().at(at);
    if (!card) throw new Error(`there is no card ${at} among ${JSON.stringify(this.cards())}`);
    return card;
  }

  /** Approves on a card. Returns the ephemeral that the person got, if any. */
  async approve(at = -1, by = 'UANA'): Promise<string | undefined> {
    const { length } = this.world.told(by);
    await this.world.click(by, ACTIONS.approve, this.card(at));
    await this.world.pass(SETTLES);
    return this.world.told(by)[length];
  }

  async revise(at = -1, by = 'UANA', feedback = 'Shorter'): Promise<void> {
    await this.world.revise(by, feedback, this.card(at));
    await this.world.pass(SETTLES);
  }

  /** Lists the cards of a channel as `1 Title: state, remarks`. Equal numbers belong to one approval. */
  cards(channel?: string): string[] {
    const cards = this.world.cards(channel);
    const approvals = [...new Set(cards.map(({ approval }) => approval))];
    return cards.map((card) => {
      const remarks = REMARKS.filter(([, sign]) =>
        typeof sign === 'string' ? card.text.includes(sign) : sign.test(card.text),
      ).map(([remark]) => remark);
      const state = card.state === 'waiting' ? card.state : [card.state, ...unsure(card)].join(' ');
      const number = approvals.indexOf(card.approval) + 1;
      return `${number} ${titleOf(card)}: ${[state, ...remarks].join(', ')}`;
    });
  }

  /** Lists what the bot wrote in the threads of its cards and beside them, in order. */
  notes(channel?: string): string[] {
    return this.world.notes(channel);
  }

  /** Lists the bodies of the decisions that CrewAI got, in order. */
  resumes(): Body[] {
    return this.#sent.flatMap(({ path, body }) => (path === '/resume' ? [body] : []));
  }

  kickoffs(): (Body & { at: number })[] {
    return this.#sent.flatMap(({ path, body, at }) => (path === '/kickoff' ? [{ ...body, at }] : []));
  }

  /**
   * Reads the ticket in the webhook URLs of the start or, without one, of the first decision. `attempt`: of this POST
   * /resume, from 0.
   */
  ticket(attempt?: number): string {
    const body = attempt === undefined ? this.kickoffs()[0] : undefined;
    return readTicketOf(body ?? this.resumes().at(attempt ?? 0), 'any') ?? '';
  }
}

type PlayedDialect = Dialect | 'unknown';
interface PlayOptions extends Omit<WorldOptions, 'dialect' | 'flow'> {
  dialect?: PlayedDialect;
  /** The webhook URLs that CrewAI calls: from CREWAI_CALLS, otherwise `none`. */
  called?: Called;
  /** Inputs of its kickoffs. */
  inputs?: readonly string[];
  /** True for a Flow. */
  flow?: boolean;
}
interface Task {
  agent: string;
  taskId: string;
}
export interface Event {
  type: `crew_kickoff_${'started' | 'completed' | 'failed'}` | `task_${'started' | 'completed' | 'failed'}`;
  id?: string;
  run?: string;
  task?: string;
  error?: string;
  agent_role?: string;
  /** By default, in the order of sending. */
  emission_sequence?: number | undefined;
  /** Age of the event, in milliseconds; absent: the event has no timestamp. */
  ago?: number;
}

const HOST = 'played.test';
const REVIEW = {
  event_type: 'new_request',
  id: 'review-1',
  flow_id: 'flow-1',
  flow_execution_id: 'run-1',
  method_name: 'review',
  message: 'Is it ready?',
  output: 'A report',
  emit: ['publish', 'discard'],
  callback_url: `http://${HOST}/callback`,
};
/** Longer than the bot needs for work that is due at once, in milliseconds. */
const SETTLES = 3 * SECOND;

export function pauseBody(id: number | string, output: unknown, about: About & { task?: string } = {}): Body {
  const { run = 'e1', alias, meta, task } = about;
  return {
    execution_id: run,
    ...(alias === undefined ? {} : { kickoff_id: alias }),
    task_id: typeof id === 'number' ? pauseId(id) : id,
    ...(task === undefined ? {} : { task_name: task }),
    task_output: output,
    meta,
  };
}

/** Reads the title in the card's headline, with the round. */
function titleOf({ text }: Card): string {
  const [, headline = ''] = text.split('\n');
  return (
    /\*([^*]+\*(?: \(round [^)]*\))?)(?: is waiting.*)?$/.exec(headline)?.[1]?.replace('*', '') ?? headline
  );
}

const unsure = ({ mayHaveArrived }: Card) => (mayHaveArrived ? ['unsure'] : []);

/** Creates a world with a played CrewAI. It ends with its test. */
export async function playRun(options: PlayOptions = {}): Promise<PlayedRun> {
  const run = await PlayedRun.create(options);
  onTestFinished(run.world.end);
  return run;
}

/** A step of a story. */
export type Happens = (run: PlayedRun) => unknown;

/** Plays the steps one after the other. */
export async function happen(run: PlayedRun, ...steps: readonly Happens[]): Promise<PlayedRun> {
  for (const step of steps) await step(run);
  return run;
}

type Sent = 'pause' | 'task' | 'step' | 'end' | 'review' | 'register';
/** Turns a method of a played run into a step of a story. */
const does =
  <K extends Sent>(name: K) =>
  (...args: Parameters<PlayedRun[K]>): Happens =>
  (run) =>
    (run[name] as (...given: Parameters<PlayedRun[K]>) => unknown).apply(run, args);
export const pause = does('pause');
export const task = does('task');
export const step = does('step');
export const end = does('end');
export const review = does('review');
export const register = does('register');
export const event =
  (type: Event['type'], more: Omit<Event, 'type'> = {}, about?: About): Happens =>
  (run) =>
    run.events([{ type, ...more }], about);
export const wait =
  (milliseconds: number): Happens =>
  (run) =>
    run.pass(milliseconds);
/** Sets the answer of GET /status for any run from now on. */
export const statusIs =
  (body: object): Happens =>
  (run) => {
    run.status = { status: 200, body };
  };
/** Lets GET /status show that the crew is live. The bot asks every five minutes. */
export const learnsLive: Happens = (run) => happen(run, statusIs({ state: 'RUNNING' }), wait(6 * MINUTE));
/** Delays CrewAI's answers by this many milliseconds. */
export const slowly =
  (milliseconds: number, to = '/resume'): Happens =>
  ({ world }) => {
    world.network.delays = ({ url }) => (url.endsWith(to) ? milliseconds : 0);
  };
/** Sends a webhook to a URL that the start named or, without one, the first decision. */
export const ticketed =
  (webhook: (sent: { ticket: string }) => Happens): Happens =>
  (run) =>
    webhook({ ticket: run.ticket() })(run);
/** Kills the bot. It starts again after this many milliseconds. */
export const killed =
  (backAfter = 0): Happens =>
  ({ world }) => {
    const process = world.living(0) as Process;
    process.backAfter = backAfter;
    world.kill(process);
  };
/** The note with a run's result. */
export const FINISHED = 'The run of press has finished.';
/** Lets a person approve. CrewAI gives this answer from then on. */
export const approved =
  (said?: Said, at = -1, by = 'UANA'): Happens =>
  async (run) => {
    if (said) run.always = said;
    await run.approve(at, by);
  };
export const revised =
  (said?: Said, at = -1, by = 'UANA'): Happens =>
  async (run) => {
    if (said) run.always = said;
    await run.revise(at, by);
  };

/** Checks that nothing more is sent to CrewAI within three hours. */
export const sendsNoMore: Happens = async (run) => {
  const { length } = run.resumes();
  await run.pass(3 * HOUR);
  expect(run.resumes()).toHaveLength(length);
};

/** Outcome of a story besides its cards. Absent fields are not checked. */
interface Outcome {
  notes?: readonly string[];
  /** Number of decisions that were sent. */
  sent?: number;
  logged?: string;
  notLogged?: string;
}
/** A row of a table: a sentence, the steps, the cards afterwards, and what else can be seen. */
export type Story = [
  sentence: string,
  happens: readonly Happens[],
  cards: readonly string[],
  outcome?: Outcome,
];

/** Plays a story in a world of its own and checks its outcome. */
export async function tell(
  [, happens, cards, { notes, sent, logged, notLogged } = {}]: Story,
  options: PlayOptions = {},
): Promise<PlayedRun> {
  const run = await happen(await playRun(options), ...happens);
  expect(run.cards()).toEqual(cards);
  if (notes) expect(run.notes()).toEqual(notes);
  if (sent !== undefined) expect(run.resumes()).toHaveLength(sent);
  if (logged) expect(run.world.facts()).toContain(logged);
  if (notLogged) expect(run.world.facts()).not.toContain(notLogged);
  return run;
}
