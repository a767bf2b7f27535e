// Requests to the bot's HTTP API for one crew. The clients import nothing from the bot: they are programs like any other.
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, readJsonObject } from './json-object.ts';
import { joinSignals } from './signals.ts';

/** Longest time of a request, without the time that the request asks the bot to wait, in seconds. */
const REQUEST_TIMEOUT = 10;
/** Delays before a request is sent again, in seconds; doubled after each attempt. `Retry-After` can ask for more. */
const FIRST_RETRY_DELAY = 1;
const LONGEST_RETRY_DELAY = 300;
const LONGEST_RETRY_AFTER = 3_600;
/** Error responses that a retry would get again. Others are retried, 401 too: someone can correct a wrong secret in the bot. */
const FINAL_STATUSES = [400, 409, 410, 413, 415, 422];
const FINAL_CODES = ['unknown_question', 'unknown_start'];
/** A program that the bot never accepted gets an error after this many seconds of rejection. */
const REJECTION_RETRY_TIME = 60;
/** Statuses of the bot, or of a proxy in front of the bot, for a wrong address, crew or secret. */
const REJECTION_STATUSES = [401, 403, 404];
/** The bot's own error codes for a wrong crew or secret. A proxy can answer 401 and 404 too. */
const REJECTION_CODES = ['unauthorized', 'unknown_crew'];

export interface CallOptions {
  /** Ends the call, which rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Limit, in seconds: rejects with BotUnavailable if no other attempt fits; absent: retries until the bot answers. */
  within?: number | undefined;
  /** Called before a request is sent again. An error thrown here ends the call. By default, a line is written to stderr. */
  onRetry?: ((failure: BotUnavailable) => void) | undefined;
}

/** The bot did not answer, or cannot carry out a request now. */
export class BotUnavailable extends Error {
  override readonly name = 'BotUnavailable';
  /** HTTP status of the response; undefined: no response. */
  readonly status: number | undefined;
  /** The bot's code for the error, such as `unauthorized`. */
  readonly code: string | undefined;
  /** Delay before the request is sent again, in seconds. */
  retryIn: number;

  constructor(reason: string, { status, code, retryAfter = 0 }: Partial<ErrorResponse> = {}) {
    super(reason);
    this.status = status;
    this.code = code;
    this.retryIn = retryAfter;
  }
}

interface ErrorResponse {
  status: number;
  code: string | undefined;
  retryAfter: number;
}

/** The bot rejected a request and would reject it again. `message` names the wrong fields. */
export class QuestionRejected extends Error {
  override readonly name = 'QuestionRejected';
  readonly status: number;
  /** The bot's code for the error, such as `invalid_fields` or `other_content`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface BotAddress {
  /** The bot's address: https, or http on this machine. */
  url: string;
  /** The crew's name in the bot's settings. */
  crew: string;
  /** The crew's `ask_secret`. */
  secret: string;
}

/** Calls the API of one crew. The constructor throws a TypeError for an unusable address, crew or secret. */
export class BotCalls {
  /** The bot's address in normalized form, without slashes at the end. */
  readonly origin: string;
  readonly crew: string;
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #onRetry: NonNullable<CallOptions['onRetry']>;
  #isAccepted = false;
  #rejectedSince: number | undefined;
  #onAccepted: (() => void)[] = [];

  constructor(address: BotAddress, onRetry: CallOptions['onRetry']) {
    this.origin = checkUrl(address.url);
    this.crew = address.crew;
    this.#base = `${this.origin}/crews/${encodePart('crew', address.crew)}`;
    // A template would turn a missing secret into the text "undefined".
    if (typeof address.secret !== 'string' || address.secret === '')
      throw new TypeError("secret is empty: it is the crew's ask secret.");
    if (!/^[\x21-\x7e]+$/.test(address.secret))
      throw new TypeError('secret must be printable ASCII characters without blanks.');
    this.#headers = { authorization: `Bearer ${address.secret}`, 'content-type': 'application/json' };
    this.#onRetry = onRetry ?? ((failure) => console.error(describeRetry(this.#base, failure)));
  }

  /**
   * Sends a request until the response is final. `wait`: time that the request asks the bot to wait, in seconds.
   * `isBackground`: the process may exit during a delay. `grace`: seconds that an attempt has left once `signal` has aborted;
   * there is no other attempt. Rejects with QuestionRejected. Rejects with BotUnavailable at the end of
   * `within`, or if the bot never accepted this program and rejects its crew or secret.
   */
  async call(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    {
      body,
      wait = 0,
      isBackground = false,
      grace = 0,
    }: { body?: string; wait?: number; isBackground?: boolean; grace?: number },
    { signal, within, onRetry = this.#onRetry }: CallOptions = {},
  ): Promise<JsonObject> {
    const deadline = performance.now() + (within ?? Number.POSITIVE_INFINITY) * 1_000;
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      const timeLimit = Math.max(1, (deadline - performance.now()) / 1_000);
      const request = joinSignals([signal], Math.min(wait + REQUEST_TIMEOUT, timeLimit), grace);
      const result = await fetch(`${this.#base}/${path}`, {
        method,
        headers: this.#headers,
        redirect: 'manual',
        signal: request.signal,
        ...(body === undefined ? {} : { body }),
      })
        .then(readResponse)
        .catch((error: unknown) => toUnavailable(error, request.signal))
        .finally(request.release);
      this.#recordAnswer(result);
      if (result instanceof QuestionRejected) throw result;
      if (!(result instanceof BotUnavailable)) return result;
      signal?.throwIfAborted();
      if (this.#isRejected()) throw this.#explainRejection(result);
      const remaining = (deadline - performance.now()) / 1_000;
      if (remaining <= Math.max(FIRST_RETRY_DELAY, result.retryIn)) throw result;
      const backoff = Math.min(FIRST_RETRY_DELAY * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_DELAY);
      // Make a last attempt before the time limit ends the call.
      result.retryIn = Math.max(result.retryIn, Math.min(backoff, remaining - FIRST_RETRY_DELAY / 2));
      onRetry(result);
      await sleep(result.retryIn * 1_000, undefined, {
        ref: !isBackground,
        ...(signal ? { signal } : {}),
      }).catch(() => {});
    }
  }

  /** True if the bot has accepted a request of this program. */
  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** Calls `listener` when the bot first accepts a request; never if the bot already has. */
  whenAccepted(listener: () => void): void {
    if (!this.#isAccepted) this.#onAccepted.push(listener);
  }

  recordAccepted(): void {
    this.#isAccepted = true;
    for (const listener of this.#onAccepted.splice(0)) listener();
  }

  /** REJECTION_RETRY_TIME counts only from the bot's own codes. Any other error resets the time: it may come from a proxy. */
  #recordAnswer(answer: JsonObject | BotUnavailable | QuestionRejected): void {
    if (!(answer instanceof BotUnavailable)) this.recordAccepted();
    else if (REJECTION_CODES.includes(answer.code ?? '')) this.#rejectedSince ??= performance.now();
    else this.#rejectedSince = undefined;
  }

  #isRejected(): boolean {
    const since = this.#rejectedSince ?? Number.POSITIVE_INFINITY;
    return !this.#isAccepted && performance.now() - since >= REJECTION_RETRY_TIME * 1_000;
  }

  #explainRejection({ message, status, code }: BotUnavailable): BotUnavailable {
    const reason = `The bot at ${this.#base} does not accept this program (${message}): correct url, crew and secret, which is the ask_secret of this crew in the bot's settings.`;
    return new BotUnavailable(reason, { ...(status === undefined ? {} : { status }), code });
  }
}

/** For `onRetry`: ends the call if the bot rejects the settings, since only a person can correct them. */
export function rethrowIfRejected(failure: BotUnavailable): void {
  if (isRejectionStatus(failure)) throw failure;
}

export function isRejectionStatus({ status }: BotUnavailable): boolean {
  return status !== undefined && REJECTION_STATUSES.includes(status);
}

/** Encodes one part of a path. A URL cannot have `.` or `..` as a part. */
export function encodePart(name: string, part: string): string {
  if (typeof part !== 'string' || part === '' || part === '.' || part === '..')
    throw new TypeError(`${name} must not be "${part}".`);
  return encodeURIComponent(part);
}

/** Normalizes the address. The secret may leave this machine only over https, never as plain text. */
function checkUrl(address: string): string {
  let url: URL | undefined;
  try {
    url = new URL(address);
  } catch {}
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new TypeError('url must be the address of the bot, such as https://approvals.example.com.');
  if (url.username !== '' || url.password !== '')
    throw new TypeError('url must not contain a user name or a password.');
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback)
    throw new TypeError(
      `url must begin with https: ${url.hostname} is not this machine, and the secret would be sent in plain text.`,
    );
  if (url.protocol === 'http:' && goesThroughProxy(url))
    throw new TypeError(
      `${url.hostname} would be called through the proxy of the environment, and the secret would be sent in plain text: add it to NO_PROXY.`,
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * True if Node sends requests to this http address through a proxy. Newer releases can be configured to do this, even for an
 * address of this machine. Reads NO_PROXY as Node does.
 */
function goesThroughProxy({ hostname, port }: URL): boolean {
  const { env, execArgv = [], allowedNodeEnvironmentFlags } = process;
  const options = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ').replaceAll('_', '-');
  const isFlagKnown = allowedNodeEnvironmentFlags?.has('--use-env-proxy') === true;
  const isFlagSet = isFlagKnown && (env.NODE_USE_ENV_PROXY === '1' || options.includes('--use-env-proxy'));
  const usesProxy = isFlagSet || fetchesThroughProxy();
  const proxy = env.http_proxy ?? env.HTTP_PROXY ?? '';
  const list = (env.no_proxy ?? env.NO_PROXY ?? '').toLowerCase();
  const isDirect =
    list === '*' ||
    list.split(/[\s,]+/).some((entry) => entry === hostname || entry === `${hostname}:${port || '80'}`);
  return usesProxy && proxy !== '' && !isDirect;
}

/**
 * True if Node's `fetch` sends requests through a proxy dispatcher. In any release, Node's configuration file or another
 * package can set such a dispatcher.
 */
function fetchesThroughProxy(): boolean {
  const globals = globalThis as unknown as Record<symbol, { constructor?: { name?: unknown } } | undefined>;
  return ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].some((name) =>
    /Proxy/.test(String(globals[Symbol.for(name)]?.constructor?.name)),
  );
}

async function readResponse(response: Response): Promise<JsonObject | BotUnavailable | QuestionRejected> {
  const { status, headers } = response;
  const text = await response.text();
  const body = readJsonObject(text);
  if (response.ok && body) return body;
  const { error: code, message = '' } = body ?? {};
  if (typeof code === 'string' && (FINAL_STATUSES.includes(status) || FINAL_CODES.includes(code)))
    return new QuestionRejected(status, code, String(message));
  const seconds = headers.get('retry-after') ?? '';
  const retryAfter = /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds), LONGEST_RETRY_AFTER) : 0;
  const reason = response.ok ? `${status} without JSON` : `${status} ${message}`.trim();
  return new BotUnavailable(reason, {
    status,
    code: typeof code === 'string' ? code : undefined,
    retryAfter,
  });
}

function toUnavailable(error: unknown, signal: AbortSignal): BotUnavailable {
  if (signal.aborted) return new BotUnavailable('no answer in time');
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return new BotUnavailable(
    cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error)),
  );
}

function describeRetry(base: string, { message, retryIn }: BotUnavailable): string {
  return `crew-approvals: ${base}: ${message}; retrying in ${Math.ceil(retryIn)} s`;
}
