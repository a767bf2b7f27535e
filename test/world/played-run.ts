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

/** What CrewAI answers to one request; `no_answer`: nothing, for so long that the bot stops waiting. */
type Said = { status: number; body: object; headers?: Record<string, string> } | 'no_answer';
type Body = Record<string, unknown>;
/** What a webhook says of its run. */
interface About {
  /** The id that it names; `e1` by default. */
  run?: string | undefined;
  /** Another id that it names beside it. */
  alias?: string;
  meta?: Body;
  /** The ticket of the URL that it comes to; absent: as the platform calls its URLs. */
  ticket?: unknown;
  /** Which of the run's decisions it follows, by its number from 0 on; the last by default, and of what comes again the same. */
  follows?: number;
  crew?: string;
}
type Answer = Body & { http: number };

/** The id of a pause on the live platform: the n-th of a test. */
export const pauseId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** What CrewAI answers to a decision. */
export const answers = {
  live: (id: string): Said => ({ status: 200, body: { kickoff_id: id } }),
  documented: (says = 'resumed'): Said => ({ status: 200, body: { status: says } }),
  lost: { status: 504, body: {} } as Said,
  refused: { status: 401, body: {} } as Said,
  away: { status: 503, body: {} } as Said,
  notPending: { status: 400, body: { message: 'Task is not in pending state' } } as Said,
};

/** How a card looks, in one line: its number among the approvals of the channel, title, state and what it adds. */
const REMARKS: readonly [string, string | RegExp][] = [
  ['new output', /New output after /],
  ['likely', /probably the new output after/],
  ['may have continued', texts.state.mayHaveContinued],
  ['not waiting', /this task didn't need a decision/],
  ['run failed', / The run failed/],
];

/**
 * The bot in its world, with a CrewAI whose every word is the test's: each webhook and each answer to POST /resume and
 * POST /kickoff. What a test sees of it are cards, notes and requests.
 */
export class PlayedRun {
  readonly world: World & { end: () => void };
  /** What CrewAI answers next, one for each POST /resume; then `always`. */
  readonly resumeAnswers: Said[] = [];
  readonly kickoffAnswers: Said[] = [];
  always: Said;
  /** What GET /status says of any run. */
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
        const said = path === '/inputs' ? { status: 200, body: { inputs } } : run?.answer(path, text);
        if (said === 'no_answer') return;
        const { status, body, headers = {} } = said ?? { status: 500, body: {} };
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
    const said = this.resumeAnswers.shift() ?? this.always;
    if (path === '/resume') this.#urls.noteResume(body, said);
    return said;
  }

  /** Sends a webhook without waiting for what it leads to: what it is answered. */
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
    const read: unknown = JSON.parse(text);
    return { http: status, ...(isObject(read) ? read : {}) };
  }

  async send(kind: string, body: Body, about: About = {}): Promise<Answer> {
    const answer = await this.post(kind, body, about);
    await this.world.pass(SETTLES);
    return answer;
  }

  /** A human-input webhook; without `task` it tells the pause by its id alone, as the live platform's does. */
  pause(id: number | string, output: unknown = `Output ${id}`, about: About & { task?: string } = {}) {
    return this.send('human-input', pauseBody(id, output, about), about);
  }

  /** A task has reported its output. */
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

  /** Events of the run in one batch; each has an id of its own unless it is given one. */
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

  /** A Flow asks for a review: the sandbox's example, changed by this; undefined leaves a field out. */
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

  /** Registers what is known of a run: the answer. */
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

  /** The card at this place of the list, from its end where negative. */
  card(at = -1): Card {
    const card = this.world.cards().at(at);
    if (!card) throw new Error(`there is no card ${at} among ${JSON.stringify(this.cards())}`);
    return card;
  }

  /** A person approves on a card; what they are told, if anything. */
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

  /** The cards of the crew's channel, as `1 Title: state, remarks`; equal numbers belong to one approval. */
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

  /** What the bot wrote into the threads of its cards and beside them, in order. */
  notes(channel?: string): string[] {
    return this.world.notes(channel);
  }

  /** The decisions that CrewAI got, as `round's pause id: first words of the answer`. */
  resumes(): Body[] {
    return this.#sent.flatMap(({ path, body }) => (path === '/resume' ? [body] : []));
  }

  kickoffs(): (Body & { at: number })[] {
    return this.#sent.flatMap(({ path, body, at }) => (path === '/kickoff' ? [{ ...body, at }] : []));
  }

  /** The ticket in the webhook URLs of the start, or of the first decision; with a number, of that attempt to send one. */
  ticket(attempt?: number): string {
    const body = attempt === undefined ? this.kickoffs()[0] : undefined;
    return readTicketOf(body ?? this.resumes().at(attempt ?? 0), 'any') ?? '';
  }
}

type PlayedDialect = Dialect | 'unknown';
interface PlayOptions extends Omit<WorldOptions, 'dialect' | 'flow'> {
  dialect?: PlayedDialect;
  /** Which webhook URLs it calls: `none` by default, or what CREWAI_CALLS says. */
  called?: Called;
  /** Of its kickoffs. */
  inputs?: readonly string[];
  /** It is a Flow. */
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
  /** In the order in which they are sent by default. */
  emission_sequence?: number | undefined;
  /** How long ago it happened, in milliseconds; absent: the event does not say when. */
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
/** Longer than the bot needs for what is due at once. */
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

/** The title as the card's headline has it, with the round. */
function titleOf({ text }: Card): string {
  const [, headline = ''] = text.split('\n');
  return (
    /\*([^*]+\*(?: \(round [^)]*\))?)(?: is waiting.*)?$/.exec(headline)?.[1]?.replace('*', '') ?? headline
  );
}

const unsure = ({ mayHaveArrived }: Card) => (mayHaveArrived ? ['unsure'] : []);

/** A world whose CrewAI is played; it ends with its test. */
export async function playRun(options: PlayOptions = {}): Promise<PlayedRun> {
  const run = await PlayedRun.create(options);
  onTestFinished(run.world.end);
  return run;
}

/** One thing that happens to a run. */
export type Happens = (run: PlayedRun) => unknown;

/** Lets things happen one after the other. */
export async function happen(run: PlayedRun, ...steps: readonly Happens[]): Promise<PlayedRun> {
  for (const step of steps) await step(run);
  return run;
}

type Sent = 'pause' | 'task' | 'step' | 'end' | 'review' | 'register';
/** What a method of a played run does, as a step of a story. */
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
/** GET /status says this of any run from now on. */
export const statusIs =
  (body: object): Happens =>
  (run) => {
    run.status = { status: 200, body };
  };
/** GET /status shows that the crew is live; it is asked every five minutes. */
export const learnsLive: Happens = (run) => happen(run, statusIs({ state: 'RUNNING' }), wait(6 * MINUTE));
/** CrewAI's answer is on its way for this long. */
export const slowly =
  (milliseconds: number, to = '/resume'): Happens =>
  ({ world }) => {
    world.network.delays = ({ url }) => (url.endsWith(to) ? milliseconds : 0);
  };
/** A webhook to a URL that the start named, or the first decision. */
export const ticketed =
  (webhook: (sent: { ticket: string }) => Happens): Happens =>
  (run) =>
    webhook({ ticket: run.ticket() })(run);
/** The bot is killed, and back after this long. */
export const killed =
  (backAfter = 0): Happens =>
  ({ world }) => {
    const process = world.living(0) as Process;
    process.backAfter = backAfter;
    world.kill(process);
  };
/** The note with a run's result. */
export const FINISHED = 'The run of press has finished.';
/** A person decides, and CrewAI answers so from then on. */
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

/** From now on nothing is sent to CrewAI, however long that takes. */
export const sendsNoMore: Happens = async (run) => {
  const { length } = run.resumes();
  await run.pass(3 * HOUR);
  expect(run.resumes()).toHaveLength(length);
};

/** What a story leads to beside its cards; what is absent is not looked at. */
interface Outcome {
  notes?: readonly string[];
  /** How many decisions were sent. */
  sent?: number;
  logged?: string;
  notLogged?: string;
}
/** One row of a table: a sentence, what happens, how the cards look then, and what else can be seen. */
export type Story = [
  sentence: string,
  happens: readonly Happens[],
  cards: readonly string[],
  outcome?: Outcome,
];

/** Lets a story happen in a world of its own and looks at what it leads to. */
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
