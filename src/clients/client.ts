/**
 * `crew-approvals/client`: asks people in Slack through the bot's questions API and waits for answers. All durations are in
 * seconds.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BotAddress, BotCalls, type CallOptions, encodePart, QuestionRejected } from './bot-calls.ts';
import type { PersonAnswer, ProgramQuestion, ProgramQuestionState } from './question-types.ts';
import { joinSignals } from './signals.ts';

export { type BotAddress, BotUnavailable, type CallOptions, QuestionRejected } from './bot-calls.ts';
export type { PersonAnswer, ProgramQuestion, ProgramQuestionState } from './question-types.ts';
export {
  type ApprovalReceipt,
  digestAnswer,
  digestJson,
  type ReceiptExpectation,
  ReceiptRejected,
  verifyReceipt,
} from './receipts.ts';

/** The bot's limit for `wait`. */
const LONGEST_WAIT = 25;
/** The bot closes a question with `lease` if its program is silent for LEASE. The program renews it every RENEWAL_INTERVAL. */
const LEASE = 300;
const RENEWAL_INTERVAL = 120;
/** Delay before asking a question again that the bot has lost. */
const ASK_AGAIN_DELAY = 5;
/** Delay before a question is read again if the bot responded without waiting. */
const READ_AGAIN_DELAY = 1;
/**
 * Longest time that a caller waits to tell the bot how a question ended; after that, this request continues in the background.
 * Also the time that an aborted `put` leaves to the request on its way; after that, the request is aborted.
 */
const CLOSE_TIMEOUT = 5;
/** Time that a busy bot has to respond after the caller's `wait`. After that, the bot counts as unavailable. */
const RESPONSE_MARGIN = 5;
/** Largest body, in bytes as the bot counts them. The bot rejects a larger one with 413. */
const LARGEST_QUESTION = 1_048_576;
const TOO_LARGE = 'The question is larger than 1 MiB.';
const TOO_DEEP = 'The question is nested too deep.';
/** The bot's pattern for ids. A URL cannot have `.` or `..` as a part of its path. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9.:@_-]{1,100}$/;
const WRONG_ID = 'id must be 1 to 100 letters, digits and .:@_- (except "." and "..").';
/** Longest delay of a timer in Node. */
const LONGEST_TIMER = 2_147_483;

/** A tool call that people allow or block. Its arguments are a value, or the JSON from which the value was read. */
export type GatedCall = Omit<
  ProgramQuestion,
  'kind' | 'text' | 'output' | 'options' | 'editable' | 'free_text' | 'lease'
> &
  ({ arguments: unknown; argumentsText?: never } | { argumentsText: string; arguments?: never });

export interface AskOptions extends Pick<CallOptions, 'signal' | 'onRetry'> {
  /**
   * Up to 100 letters, digits and `.:@_-`. The same call with the same id is the same question, even after a crash. Without an
   * id, the question is withdrawn if this call ends without an answer, and closed if its process is killed.
   */
  id?: string | undefined;
  /** Time limit, in seconds: the call then rejects with a TimeoutError. */
  timeout?: number | undefined;
}

/** Operations that the MCP tools need. Implemented by the client, and by the bot itself for MCP over HTTP. */
export interface QuestionsClient {
  /**
   * Asks a question. The same question under the same id is asked once. If `signal` aborts, first waits a few seconds for the
   * request that is on its way, so that a later `withdraw` does not overtake it. Rejects with QuestionClosed or QuestionRejected.
   */
  put(id: string, question: ProgramQuestion | string, options?: CallOptions): Promise<void>;
  /** Returns the state of a question. While the question is waiting, the bot responds after `wait` seconds (25 at most). */
  read(id: string, wait?: number, options?: CallOptions): Promise<ProgramQuestionState>;
  /** Returns the state of a question that is read every few seconds: it may be a second old. */
  poll(id: string, options?: CallOptions): Promise<ProgramQuestionState>;
  /** Returns the state of a question once it is no longer waiting, or after `wait` seconds. */
  waitFor(id: string, options?: CallOptions & { wait?: number | undefined }): Promise<ProgramQuestionState>;
  /** Tells the bot that the program has the answer. */
  received(id: string, options?: CallOptions): Promise<ProgramQuestionState>;
  /** Withdraws a question: the program no longer needs an answer. */
  withdraw(id: string, options?: CallOptions): Promise<ProgramQuestionState>;
}

/** The question has no answer and will not get one: it was closed or withdrawn, or the bot no longer has it. */
export class QuestionClosed extends Error {
  override readonly name = 'QuestionClosed';
  readonly id: string;
  readonly status: 'closed' | 'withdrawn' | 'unknown';

  constructor(id: string, status: QuestionClosed['status'], reason?: string) {
    const explanation = reason === undefined ? '' : ` ${reason}`;
    super(
      `The question ${id} was ${status === 'withdrawn' ? status : 'closed'} without an answer.${explanation}`,
    );
    this.id = id;
    this.status = status;
  }
}

/**
 * Asks people through the bot. Every call survives restarts of the bot and broken connections until it has a final answer. If the
 * bot has rejected the crew or secret for a minute, and never accepted this program, a call rejects with BotUnavailable.
 */
export class CrewApprovals implements QuestionsClient {
  readonly #calls: BotCalls;

  /** Throws a TypeError for an unusable address, crew or secret. `onRetry`: default for every call. */
  constructor({ onRetry, ...address }: BotAddress & Pick<CallOptions, 'onRetry'>) {
    this.#calls = new BotCalls(address, onRetry);
  }

  /** The facts about the bot that the adapters for frameworks need. */
  get bot(): Pick<BotCalls, 'origin' | 'crew' | 'isAccepted' | 'whenAccepted' | 'recordAccepted'> {
    return this.#calls;
  }

  /** Asks a question and waits for its answer. Rejects with QuestionClosed, QuestionRejected or the reason of the signal. */
  ask(question: ProgramQuestion, options: AskOptions = {}): Promise<PersonAnswer> {
    return this.#ask(question, undefined, options);
  }

  /**
   * Asks whether a tool may be called with these arguments. If the promise rejects, the call is not allowed. People see the
   * arguments as JSON: rejects with a TypeError if JSON cannot show a value exactly.
   */
  async tool(
    call: GatedCall,
    options: AskOptions = {},
  ): Promise<{ allowed: boolean; reason?: string; by: string }> {
    const answer = await this.askTool(call, options);
    const { text, by = '' } = answer;
    return { allowed: isAllowedByPerson(answer), ...(text === '' ? {} : { reason: text }), by };
  }

  /** Does the same as `tool` and returns the whole answer, for the adapters for frameworks. */
  async askTool(
    { arguments: callArguments, argumentsText, ...fields }: GatedCall,
    options: AskOptions = {},
  ): Promise<PersonAnswer> {
    const output = argumentsText ?? writeToolArguments(callArguments);
    // Text with more than one JSON value could add fields to the question.
    JSON.parse(output);
    return this.#ask({ ...fields, kind: 'tool' }, output, options);
  }

  async put(id: string, question: ProgramQuestion | string, options?: CallOptions): Promise<void> {
    if (!ID.test(id)) throw new TypeError(WRONG_ID);
    const body = typeof question === 'string' ? question : serializeQuestion(question);
    if (Buffer.byteLength(body) > LARGEST_QUESTION) throw new QuestionRejected(413, 'too_large', TOO_LARGE);
    try {
      await this.#calls.call('PUT', buildPath(id), { body, grace: CLOSE_TIMEOUT }, options);
    } catch (error) {
      throw isRejection(error, 410) ? new QuestionClosed(id, 'withdrawn') : error;
    }
  }

  read(id: string, wait = 0, options?: CallOptions): Promise<ProgramQuestionState> {
    const path =
      wait > 0 ? `${buildPath(id)}?wait=${Math.min(wait, LONGEST_WAIT).toFixed(3)}` : buildPath(id);
    return this.#readState(id, 'GET', path, { wait }, options);
  }

  async poll(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    const answer = await this.#calls.call('GET', `questions?ids=${encodePart('id', id)}`, {}, options);
    const [state] = (answer as { questions?: ProgramQuestionState[] }).questions ?? [];
    return { ...state, id, status: checkStatus({ ...state }) };
  }

  async waitFor(
    id: string,
    { wait = Number.POSITIVE_INFINITY, ...options }: CallOptions & { wait?: number | undefined } = {},
  ): Promise<ProgramQuestionState> {
    const deadline = performance.now() + wait * 1_000;
    let state: ProgramQuestionState | undefined;
    for (;;) {
      const remaining = Math.max(0, (deadline - performance.now()) / 1_000);
      const startedAt = performance.now();
      try {
        const limit = Number.isFinite(wait) ? { within: remaining + RESPONSE_MARGIN } : {};
        state = await this.read(id, Math.min(remaining, LONGEST_WAIT), { ...limit, ...options });
      } catch (error) {
        if (state && performance.now() >= deadline) return state;
        throw error;
      }
      if (state.status !== 'waiting' || performance.now() >= deadline) return state;
      // The bot answers at once if too many requests wait, and while it stops.
      if (performance.now() - startedAt < READ_AGAIN_DELAY * 1_000)
        await pause(Math.min(READ_AGAIN_DELAY, remaining), options.signal);
    }
  }

  received(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'PUT', `${buildPath(id)}/received`, {}, options);
  }

  withdraw(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'DELETE', buildPath(id), {}, options);
  }

  /** Renews the lease of a question. */
  alive(id: string, options?: CallOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'PUT', `${buildPath(id)}/alive`, { isBackground: true }, options);
  }

  /** Reports the state of a run. `finished` and `failed` close the run's open questions. */
  async endRun(
    run: string,
    report: { state: 'running' | 'finished' | 'failed'; result?: unknown; reason?: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#calls.call(
      'PUT',
      `runs/${encodePart('run', run)}`,
      { body: JSON.stringify(report) },
      options,
    );
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
        ? await this.#askWithoutId(question, output, call)
        : await this.#askWithId(id, serializeQuestion(question, output), call);
    } finally {
      release();
    }
  }

  /** Leaves the question open if this call fails: a later call with the same id gets the answer. */
  async #askWithId(id: string, body: string, call: RenewalOptions): Promise<PersonAnswer> {
    for (;;) {
      await this.put(id, body, call);
      const state = await this.waitFor(id, call);
      if (state.status === 'answered') return this.#confirmReceipt(state, call);
      if (state.status !== 'unknown') throw new QuestionClosed(id, readClosedStatus(state), state.reason);
      // The bot's store was restored from an older copy and does not have the question.
      await pause(ASK_AGAIN_DELAY, call.signal);
    }
  }

  async #askWithoutId(
    question: ProgramQuestion,
    output: string | undefined,
    call: RenewalOptions,
  ): Promise<PersonAnswer> {
    const lease = new QuestionLease((id, signal) => this.alive(id, { ...call, signal }));
    let currentQuestion: ProgramQuestion = { ...question, lease: true };
    let id = `once-${randomUUID()}`;
    try {
      for (;;) {
        try {
          await this.put(id, serializeQuestion(currentQuestion, output), call);
        } catch (error) {
          // The bot no longer has the question that this one follows.
          if (currentQuestion.follows === question.follows || !isRejection(error, 422)) throw error;
          currentQuestion = { ...question, lease: true };
          continue;
        }
        lease.begin(id);
        const state = await this.waitFor(id, call);
        if (state.status === 'answered') return await this.#confirmReceipt(state, call);
        if (state.status === 'unknown') await pause(ASK_AGAIN_DELAY, call.signal);
        else if (state.status === 'closed' && lease.hasExpired()) {
          // The lease ended because the bot could not be reached, but this call still waits.
          currentQuestion = { ...question, lease: true, follows: id };
          id = `once-${randomUUID()}`;
        } else throw new QuestionClosed(id, readClosedStatus(state), state.reason);
      }
    } catch (error) {
      const isOver = error instanceof QuestionClosed || error instanceof QuestionRejected;
      if (!isOver) await this.#waitBriefly(this.#withdrawInBackground(id, call).catch(() => undefined));
      throw error;
    } finally {
      lease.end();
    }
  }

  /** Reports that the program has the answer. Rejects if the answer no longer holds: a person may have closed the question. */
  async #confirmReceipt(
    { id, answer }: ProgramQuestionState,
    { onRetry }: RenewalOptions,
  ): Promise<PersonAnswer> {
    const path = `${buildPath(id)}/received`;
    const state = await this.#waitBriefly(
      this.#readState(id, 'PUT', path, { isBackground: true }, { onRetry }),
    );
    if (state && state.status !== 'answered')
      throw new QuestionClosed(id, readClosedStatus(state), state.reason);
    return answer as PersonAnswer;
  }

  #withdrawInBackground(id: string, { onRetry }: RenewalOptions): Promise<ProgramQuestionState> {
    return this.#readState(id, 'DELETE', buildPath(id), { isBackground: true }, { onRetry });
  }

  /** Returns the result, or undefined after CLOSE_TIMEOUT: a caller with an answer does not wait for an unavailable bot. */
  async #waitBriefly<T>(request: Promise<T>): Promise<T | undefined> {
    request.catch(() => {});
    const settled = new AbortController();
    const timeout = sleep(CLOSE_TIMEOUT * 1_000, undefined, { signal: settled.signal }).catch(
      () => undefined,
    );
    try {
      return await Promise.race([request, timeout]);
    } finally {
      settled.abort();
    }
  }

  /** Sends a request about a question and returns its state. Rejections with 404, 410 and 409 are states, too. */
  async #readState(
    id: string,
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    request: { wait?: number; isBackground?: boolean },
    options?: CallOptions,
  ): Promise<ProgramQuestionState> {
    try {
      const state = await this.#calls.call(method, path, request, options);
      return { ...(state as object), id, status: checkStatus(state) };
    } catch (error) {
      if (isRejection(error, 404)) return { id, status: 'unknown' };
      if (isRejection(error, 410)) return { id, status: 'withdrawn' };
      if (isRejection(error, 409)) return { id, status: 'waiting' };
      throw error;
    }
  }
}

type RenewalOptions = Pick<CallOptions, 'onRetry'> & { signal: AbortSignal };

/** Keeps a question open while its program waits: renews the lease until `end`. */
export class QuestionLease {
  readonly #renew: (id: string, signal: AbortSignal) => Promise<ProgramQuestionState>;
  #current: AbortController | undefined;
  #renewedAt = performance.now();

  constructor(renew: (id: string, signal: AbortSignal) => Promise<ProgramQuestionState>) {
    this.#renew = renew;
  }

  begin(id: string): void {
    this.end();
    const current = new AbortController();
    this.#current = current;
    this.#renewedAt = performance.now();
    const run = async () => {
      for (;;) {
        await sleep(RENEWAL_INTERVAL * 1_000, undefined, { signal: current.signal, ref: false });
        // A failure may come from a proxy, so it does not stop the renewals.
        const requestedAt = performance.now();
        const isRenewed = await this.#renew(id, current.signal).then(
          // The bot also answers for a question that it has closed.
          (state) => state.status === 'waiting',
          () => false,
        );
        if (isRenewed) this.#renewedAt = requestedAt;
      }
    };
    // Only `end` stops the renewals. The requests about the question itself report errors.
    run().catch(() => {});
  }

  /** True if no renewal has succeeded for LEASE. The bot closes the question after that time. */
  hasExpired(): boolean {
    return performance.now() - this.#renewedAt > LEASE * 1_000;
  }

  end(): void {
    this.#current?.abort();
  }
}

/** True if a person allowed the call. Without `by`, the answer is not a person's: a rule may have answered at the deadline. */
export function isAllowedByPerson({ option, by }: PersonAnswer): boolean {
  return option === 'allow' && typeof by === 'string' && by !== '';
}

function isRejection(error: unknown, status: number): boolean {
  return error instanceof QuestionRejected && error.status === status;
}

function readClosedStatus({ status }: ProgramQuestionState): QuestionClosed['status'] {
  return status === 'withdrawn' || status === 'unknown' ? status : 'closed';
}

function checkStatus({ status, answer }: Record<string, unknown>): ProgramQuestionState['status'] {
  const isAnswer = typeof (answer as PersonAnswer | undefined)?.option === 'string';
  if (status === 'waiting' || status === 'closed' || status === 'withdrawn' || status === 'unknown')
    return status;
  if (status === 'answered' && isAnswer) return status;
  throw new TypeError('url is not the address of a bot: its answer is not the state of a question.');
}

function buildPath(id: string): string {
  return `questions/${encodePart('id', id)}`;
}

/**
 * Writes the body of a question. `output`: JSON that is inserted unchanged, so long numbers keep their digits. Throws
 * QuestionRejected if the question is nested too deep.
 */
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

/** Writes the value as JSON. Throws a TypeError if people would not see exactly what the tool gets. */
export function writeToolArguments(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, converted: unknown) {
    const original = this[key];
    const isPlain =
      converted === original &&
      (original === null ||
        typeof original === 'string' ||
        typeof original === 'boolean' ||
        (Number.isFinite(original) && !Object.is(original, -0)) ||
        // The own keys of a plain list are its items and `length`.
        (Array.isArray(original) && Reflect.ownKeys(original).length === original.length + 1) ||
        (typeof original === 'object' &&
          [Object.prototype, null].includes(Object.getPrototypeOf(original)) &&
          // JSON leaves out members with a symbol as key and members that are not enumerable.
          Reflect.ownKeys(original).length === Object.keys(original).length));
    // A member whose value is undefined is absent from the JSON.
    if (isPlain || (original === undefined && key !== '' && !Array.isArray(this))) return converted;
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
