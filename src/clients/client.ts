/**
 * `crew-approvals/client`: asks people in Slack through the bot's questions API, and waits for their answers. All times are in
 * seconds, as in the API.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BotAddress, BotCalls, type CallOptions, encodePart, QuestionRejected } from './bot-calls.ts';
import type { PersonAnswer, ProgramQuestion, ProgramQuestionState } from './question-types.ts';
import { joinSignals } from './signals.ts';

export { type BotAddress, BotUnavailable, type CallOptions, QuestionRejected } from './bot-calls.ts';
export type { PersonAnswer, ProgramQuestion, ProgramQuestionState } from './question-types.ts';

/** Longest time that a request waits for an answer; the bot waits no longer. */
const LONGEST_WAIT = 25;
/** After so long the bot closes the question of a silent program, and between two messages that the program waits. */
const LEASE = 300;
const ALIVE_EVERY = 120;
/** Before a question that the bot does not know any more is asked again, or after a wait that ended at once. */
const ASK_AGAIN_AFTER = 5;
const READ_AGAIN_AFTER = 1;
/** Longest time that a caller waits for the bot to hear of the end of a question; sending goes on afterwards. */
const HEARD_WITHIN = 5;
/** Seconds that a bot has to say how a question stands once a caller has waited: one that is busy is not one that is away. */
const ANSWERED_WITHIN = 5;
/** In bytes, as the bot counts them. A body that is too large is not sent: the bot cuts the connection before it has read it. */
const LARGEST_QUESTION = 1_048_576;
const TOO_LARGE = 'The question is larger than 1 MiB.';
const TOO_DEEP = 'The question is nested too deep.';
/** As the bot takes them. A URL cannot have a part of dots only. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9.:@_-]{1,100}$/;
const WRONG_ID = 'id must be 1 to 100 letters, digits and .:@_- (except "." and "..").';
/** A timer cannot run longer. */
const LONGEST_TIMER = 2_147_483;

/** A call of a tool that people allow or block. The arguments are given as a value, or as the JSON that they were read from. */
export type GatedCall = Omit<
  ProgramQuestion,
  'kind' | 'text' | 'output' | 'options' | 'editable' | 'free_text' | 'lease'
> &
  ({ arguments: unknown; argumentsText?: never } | { argumentsText: string; arguments?: never });

export interface AskOptions extends Pick<CallOptions, 'signal' | 'onRetry'> {
  /**
   * The same call with the same id is the same question, also after a crash: up to 100 letters, digits and `.:@_-`. Without
   * an id the question is withdrawn if this call ends without an answer, and closed if its process dies.
   */
  id?: string | undefined;
  /** Seconds after which the call rejects with a TimeoutError. */
  timeout?: number | undefined;
}

/** What the tools of the other clients are built on: the client, or the bot itself. */
export interface QuestionsClient {
  /** Asks a question. The same question under the same id is asked once. Rejects with QuestionClosed or QuestionRejected. */
  put(id: string, question: ProgramQuestion | string, options?: CallOptions): Promise<void>;
  /** The state of a question, after `wait` seconds (25 at most) if it waits until then. */
  read(id: string, wait?: number, options?: CallOptions): Promise<ProgramQuestionState>;
  /** The state of a question, once it does not wait any more, or after `wait` seconds. */
  waitFor(id: string, options?: CallOptions & { wait?: number | undefined }): Promise<ProgramQuestionState>;
  /** Says that the program has the answer. */
  received(id: string, options?: CallOptions): Promise<ProgramQuestionState>;
  /** The program does not want an answer any more. */
  withdraw(id: string, options?: CallOptions): Promise<ProgramQuestionState>;
}

/** The question has no answer, and gets none: it was closed or withdrawn. */
export class QuestionClosed extends Error {
  override readonly name = 'QuestionClosed';
  readonly id: string;
  readonly status: 'closed' | 'withdrawn' | 'unknown';

  constructor(id: string, status: QuestionClosed['status'], reason?: string) {
    const why = reason === undefined ? '' : ` ${reason}`;
    super(`The question ${id} was ${status === 'withdrawn' ? status : 'closed'} without an answer.${why}`);
    this.id = id;
    this.status = status;
  }
}

/**
 * Asks people through the bot. Every call goes on through restarts of the bot and cuts of the network until it has an answer
 * that is final. It rejects with BotUnavailable if the bot never accepted this program and rejects its crew or secret for a minute.
 */
export class CrewApprovals implements QuestionsClient {
  readonly #calls: BotCalls;

  /** Throws a TypeError for an address that cannot be used. `onRetry`: what is done before a request is sent again. */
  constructor({ onRetry, ...address }: BotAddress & Pick<CallOptions, 'onRetry'>) {
    this.#calls = new BotCalls(address, onRetry);
  }

  /** What the adapters of frameworks need to know of the bot. */
  get bot(): Pick<BotCalls, 'origin' | 'crew' | 'isAccepted' | 'whenAccepted' | 'noteAccepted'> {
    return this.#calls;
  }

  /** Asks a question and waits for its answer. Rejects with QuestionClosed, QuestionRejected or the reason of the signal. */
  ask(question: ProgramQuestion, options: AskOptions = {}): Promise<PersonAnswer> {
    return this.#ask(question, undefined, options);
  }

  /**
   * Asks whether a tool may be called with these arguments. A call that rejects is not allowed. People see the arguments as
   * JSON, so a value that JSON cannot show as it is rejects with a TypeError.
   */
  async tool(
    call: GatedCall,
    options: AskOptions = {},
  ): Promise<{ allowed: boolean; reason?: string; by: string }> {
    const answer = await this.askTool(call, options);
    const { text, by = '' } = answer;
    return { allowed: isAllowedByPerson(answer), ...(text === '' ? {} : { reason: text }), by };
  }

  /** The same with the whole answer, for the adapters of frameworks. */
  async askTool(
    { arguments: given, argumentsText, ...fields }: GatedCall,
    options: AskOptions = {},
  ): Promise<PersonAnswer> {
    const output = argumentsText ?? writeToolArguments(given);
    // A text that is not one value could add fields to the question.
    JSON.parse(output);
    return this.#ask({ ...fields, kind: 'tool' }, output, options);
  }

  async put(id: string, question: ProgramQuestion | string, options?: CallOptions): Promise<void> {
    if (!ID.test(id)) throw new TypeError(WRONG_ID);
    const body = typeof question === 'string' ? question : serializeQuestion(question);
    if (Buffer.byteLength(body) > LARGEST_QUESTION) throw new QuestionRejected(413, 'too_large', TOO_LARGE);
    try {
      await this.#calls.call('PUT', buildPath(id), { body }, options);
    } catch (error) {
      throw isRejection(error, 410) ? new QuestionClosed(id, 'withdrawn') : error;
    }
  }

  read(id: string, wait = 0, options?: CallOptions): Promise<ProgramQuestionState> {
    const path =
      wait > 0 ? `${buildPath(id)}?wait=${Math.min(wait, LONGEST_WAIT).toFixed(3)}` : buildPath(id);
    return this.#readState(id, 'GET', path, { wait }, options);
  }

  async waitFor(
    id: string,
    { wait = Number.POSITIVE_INFINITY, ...options }: CallOptions & { wait?: number | undefined } = {},
  ): Promise<ProgramQuestionState> {
    const until = performance.now() + wait * 1_000;
    let heard: ProgramQuestionState | undefined;
    for (;;) {
      const left = Math.max(0, (until - performance.now()) / 1_000);
      const began = performance.now();
      try {
        const limit = Number.isFinite(wait) ? { within: left + ANSWERED_WITHIN } : {};
        heard = await this.read(id, Math.min(left, LONGEST_WAIT), { ...limit, ...options });
      } catch (error) {
        if (heard && performance.now() >= until) return heard;
        throw error;
      }
      if (heard.status !== 'waiting' || performance.now() >= until) return heard;
      // The bot answers at once where too many wait, and when it stops.
      if (performance.now() - began < READ_AGAIN_AFTER * 1_000)
        await pause(Math.min(READ_AGAIN_AFTER, left), options.signal);
    }
  }

  received(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'PUT', `${buildPath(id)}/received`, {}, options);
  }

  withdraw(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'DELETE', buildPath(id), {}, options);
  }

  /** Renews the lease of a question that has one. */
  alive(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'PUT', `${buildPath(id)}/alive`, { isBackground: true }, options);
  }

  /** Tells how a run goes. An end closes the questions of the run that still wait. */
  async endRun(
    run: string,
    said: { state: 'running' | 'finished' | 'failed'; result?: unknown; reason?: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#calls.call('PUT', `runs/${encodePart('run', run)}`, { body: JSON.stringify(said) }, options);
  }

  async #ask(
    question: ProgramQuestion,
    output: string | undefined,
    { id, timeout, ...options }: AskOptions,
  ): Promise<PersonAnswer> {
    const seconds = timeout === undefined ? undefined : Math.min(timeout, LONGEST_TIMER);
    const { signal, release } = joinSignals([options.signal], seconds);
    const call = { ...options, signal };
    try {
      return id === undefined
        ? await this.#askOnce(question, output, call)
        : await this.#askUnder(id, serializeQuestion(question, output), call);
    } finally {
      release();
    }
  }

  /** The question stays asked whatever happens here. */
  async #askUnder(id: string, body: string, call: Asking): Promise<PersonAnswer> {
    for (;;) {
      await this.put(id, body, call);
      const state = await this.waitFor(id, call);
      if (state.status === 'answered') return this.#take(state, call);
      if (state.status !== 'unknown') throw new QuestionClosed(id, readEnd(state), state.reason);
      // The bot has an older store.
      await pause(ASK_AGAIN_AFTER, call.signal);
    }
  }

  async #askOnce(question: ProgramQuestion, output: string | undefined, call: Asking): Promise<PersonAnswer> {
    const lease = new QuestionLease((id, signal) => this.alive(id, { ...call, signal }));
    let asked: ProgramQuestion = { ...question, lease: true };
    let id = `once-${randomUUID()}`;
    try {
      for (;;) {
        try {
          await this.put(id, serializeQuestion(asked, output), call);
        } catch (error) {
          // The bot has deleted the question before it.
          if (asked.follows === question.follows || !isRejection(error, 422)) throw error;
          asked = { ...question, lease: true };
          continue;
        }
        lease.begin(id);
        const state = await this.waitFor(id, call);
        if (state.status === 'answered') return await this.#take(state, call);
        if (state.status === 'unknown') await pause(ASK_AGAIN_AFTER, call.signal);
        else if (state.status === 'closed' && lease.isLate()) {
          // The bot heard nothing for so long that it closed the question, but this call still waits.
          asked = { ...question, lease: true, follows: id };
          id = `once-${randomUUID()}`;
        } else throw new QuestionClosed(id, readEnd(state), state.reason);
      }
    } catch (error) {
      const isOver = error instanceof QuestionClosed || error instanceof QuestionRejected;
      if (!isOver) await this.#hear(this.#withdrawInBackground(id, call).catch(() => undefined));
      throw error;
    } finally {
      lease.end();
    }
  }

  /** Says that the program has the answer. A person may have closed the question after it was read. */
  async #take({ id, answer }: ProgramQuestionState, { onRetry }: Asking): Promise<PersonAnswer> {
    const path = `${buildPath(id)}/received`;
    const state = await this.#hear(this.#readState(id, 'PUT', path, { isBackground: true }, { onRetry }));
    if (state && state.status !== 'answered') throw new QuestionClosed(id, readEnd(state), state.reason);
    return answer as PersonAnswer;
  }

  #withdrawInBackground(id: string, { onRetry }: Asking): Promise<ProgramQuestionState> {
    return this.#readState(id, 'DELETE', buildPath(id), { isBackground: true }, { onRetry });
  }

  /** The result, or undefined where it takes long: a caller who has an answer does not wait for a bot that is away. */
  async #hear<T>(said: Promise<T>): Promise<T | undefined> {
    said.catch(() => {});
    const enough = new AbortController();
    const late = sleep(HEARD_WITHIN * 1_000, undefined, { signal: enough.signal }).catch(() => undefined);
    try {
      return await Promise.race([said, late]);
    } finally {
      enough.abort();
    }
  }

  /** Asks for the state of a question. What has no such question is a state, too. */
  async #readState(
    id: string,
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    how: { wait?: number; isBackground?: boolean },
    options?: CallOptions,
  ): Promise<ProgramQuestionState> {
    try {
      const state = await this.#calls.call(method, path, how, options);
      return { ...(state as object), id, status: checkStatus(state) };
    } catch (error) {
      if (isRejection(error, 404)) return { id, status: 'unknown' };
      if (isRejection(error, 410)) return { id, status: 'withdrawn' };
      if (isRejection(error, 409)) return { id, status: 'waiting' };
      throw error;
    }
  }
}

type Asking = Pick<CallOptions, 'onRetry'> & { signal: AbortSignal };

/** Tells the bot again and again that the program still waits for a question. */
export class QuestionLease {
  readonly #renew: (id: string, signal: AbortSignal) => Promise<unknown>;
  #current: AbortController | undefined;
  #heardAt = performance.now();

  constructor(renew: (id: string, signal: AbortSignal) => Promise<unknown>) {
    this.#renew = renew;
  }

  begin(id: string): void {
    this.end();
    const current = new AbortController();
    this.#current = current;
    this.#heardAt = performance.now();
    const run = async () => {
      for (;;) {
        await sleep(ALIVE_EVERY * 1_000, undefined, { signal: current.signal, ref: false });
        await this.#renew(id, current.signal);
        this.#heardAt = performance.now();
      }
    };
    // It ends by its signal only: the question itself says what became of it.
    run().catch(() => {});
  }

  /** Whether the bot has heard nothing for so long that it closes the question. */
  isLate(): boolean {
    return performance.now() - this.#heardAt > LEASE * 1_000;
  }

  end(): void {
    this.#current?.abort();
  }
}

/** True if a person allowed the call. A rule for the deadline is not a person, and neither is a missing `by`. */
export function isAllowedByPerson({ option, by }: PersonAnswer): boolean {
  return option === 'allow' && typeof by === 'string' && by !== '';
}

function isRejection(error: unknown, status: number): boolean {
  return error instanceof QuestionRejected && error.status === status;
}

function readEnd({ status }: ProgramQuestionState): QuestionClosed['status'] {
  return status === 'withdrawn' || status === 'unknown' ? status : 'closed';
}

function checkStatus({ status, answer }: Record<string, unknown>): ProgramQuestionState['status'] {
  const isAnswer = typeof (answer as PersonAnswer | undefined)?.option === 'string';
  if (status === 'waiting' || status === 'closed' || status === 'withdrawn') return status;
  if (status === 'answered' && isAnswer) return status;
  throw new TypeError('url is not the address of a bot: its answer is not the state of a question.');
}

function buildPath(id: string): string {
  return `questions/${encodePart('id', id)}`;
}

/** `output`: JSON that goes into the body as it is, so that long numbers keep their digits. Throws QuestionRejected. */
export function serializeQuestion(question: ProgramQuestion, output?: string): string {
  let body: string;
  try {
    body = JSON.stringify(question);
  } catch (error) {
    if (error instanceof RangeError) throw new QuestionRejected(422, 'too_deep', TOO_DEEP);
    throw error;
  }
  return output === undefined ? body : `${body.slice(0, -1)},"output":${output}}`;
}

/** The value as JSON. Throws a TypeError where a person would not see what the tool gets. */
export function writeToolArguments(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, written: unknown) {
    const given = this[key];
    const isPlain =
      written === given &&
      (given === null ||
        typeof given === 'string' ||
        typeof given === 'boolean' ||
        (Number.isFinite(given) && !Object.is(given, -0)) ||
        // Its members and `length`.
        (Array.isArray(given) && Reflect.ownKeys(given).length === given.length + 1) ||
        (typeof given === 'object' &&
          [Object.prototype, null].includes(Object.getPrototypeOf(given)) &&
          // JSON leaves out members under symbols and those that are not enumerable.
          Reflect.ownKeys(given).length === Object.keys(given).length));
    // A member without a value is not there.
    if (isPlain || (given === undefined && key !== '' && !Array.isArray(this))) return written;
    throw new TypeError(
      `The argument ${key === '' ? 'value' : key} cannot be shown as JSON: give argumentsText instead.`,
    );
  });
  return text;
}

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(seconds * 1_000, undefined, signal ? { signal } : {}).catch(() => {});
  signal?.throwIfAborted();
}
