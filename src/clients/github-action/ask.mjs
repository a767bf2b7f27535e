// Bundled from ask.ts by test/clients/github-action.test.ts.

// src/clients/github-action/ask.ts
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";

// src/clients/bot-calls.ts
import { setTimeout as sleep } from "node:timers/promises";

// src/clients/json-object.ts
function isJsonObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function readJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return isJsonObject(value) ? value : void 0;
  } catch {
    return void 0;
  }
}

// src/clients/signals.ts
function joinSignals(sources, seconds, grace = 0) {
  const joined = new AbortController();
  const signals = sources.filter((signal) => signal !== void 0);
  let graceTimer;
  const leave = signals.map((signal) => {
    const end = () => joined.abort(signal.reason);
    const abort = () => {
      if (grace === 0) end();
      else graceTimer ??= setTimeout(end, grace * 1e3);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    return () => signal.removeEventListener("abort", abort);
  });
  const expire = () => joined.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const timer = seconds === void 0 ? void 0 : setTimeout(expire, Math.ceil(seconds * 1e3));
  return {
    signal: joined.signal,
    release: () => {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      for (const end of leave) end();
    }
  };
}

// src/clients/bot-calls.ts
var REQUEST_TIMEOUT = 10;
var FIRST_RETRY_DELAY = 1;
var LONGEST_RETRY_DELAY = 300;
var LONGEST_RETRY_AFTER = 3600;
var FINAL_STATUSES = [400, 409, 410, 413, 415, 422];
var FINAL_CODES = ["unknown_question", "unknown_start"];
var REJECTION_RETRY_TIME = 60;
var REJECTION_STATUSES = [401, 403, 404];
var REJECTION_CODES = ["unauthorized", "unknown_crew"];
var BotUnavailable = class extends Error {
  name = "BotUnavailable";
  /** HTTP status of the response; undefined: no response. */
  status;
  /** The bot's code for the error, such as `unauthorized`. */
  code;
  /** Delay before the request is sent again, in seconds. */
  retryIn;
  constructor(reason, { status, code, retryAfter = 0 } = {}) {
    super(reason);
    this.status = status;
    this.code = code;
    this.retryIn = retryAfter;
  }
};
var QuestionRejected = class extends Error {
  name = "QuestionRejected";
  status;
  /** The bot's code for the error, such as `invalid_fields` or `other_content`. */
  code;
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
};
var BotCalls = class {
  /** The bot's address in normalized form, without slashes at the end. */
  origin;
  crew;
  #base;
  #headers;
  #onRetry;
  #isAccepted = false;
  #rejectedSince;
  #onAccepted = [];
  constructor(address, onRetry) {
    this.origin = checkUrl(address.url);
    this.crew = address.crew;
    this.#base = `${this.origin}/crews/${encodePart("crew", address.crew)}`;
    if (typeof address.secret !== "string" || address.secret === "")
      throw new TypeError("secret is empty: it is the crew's ask secret.");
    if (!/^[\x21-\x7e]+$/.test(address.secret))
      throw new TypeError("secret must be printable ASCII characters without blanks.");
    this.#headers = { authorization: `Bearer ${address.secret}`, "content-type": "application/json" };
    this.#onRetry = onRetry ?? ((failure) => console.error(describeRetry(this.#base, failure)));
  }
  /**
   * Sends a request until the response is final. `wait`: time that the request asks the bot to wait, in seconds.
   * `isBackground`: the process may exit during a delay. `grace`: seconds that an attempt has left once `signal` has aborted;
   * there is no other attempt. Rejects with QuestionRejected. Rejects with BotUnavailable at the end of
   * `within`, or if the bot never accepted this program and rejects its crew or secret.
   */
  async call(method, path, {
    body,
    wait = 0,
    isBackground = false,
    grace = 0
  }, { signal, within, onRetry = this.#onRetry } = {}) {
    const deadline = performance.now() + (within ?? Number.POSITIVE_INFINITY) * 1e3;
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      const timeLimit = Math.max(1, (deadline - performance.now()) / 1e3);
      const request = joinSignals([signal], Math.min(wait + REQUEST_TIMEOUT, timeLimit), grace);
      const result = await fetch(`${this.#base}/${path}`, {
        method,
        headers: this.#headers,
        redirect: "manual",
        signal: request.signal,
        ...body === void 0 ? {} : { body }
      }).then(readResponse).catch((error) => toUnavailable(error, request.signal)).finally(request.release);
      this.#recordAnswer(result);
      if (result instanceof QuestionRejected) throw result;
      if (!(result instanceof BotUnavailable)) return result;
      signal?.throwIfAborted();
      if (this.#isRejected()) throw this.#explainRejection(result);
      const remaining = (deadline - performance.now()) / 1e3;
      if (remaining <= Math.max(FIRST_RETRY_DELAY, result.retryIn)) throw result;
      const backoff = Math.min(FIRST_RETRY_DELAY * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_DELAY);
      result.retryIn = Math.max(result.retryIn, Math.min(backoff, remaining - FIRST_RETRY_DELAY / 2));
      onRetry(result);
      await sleep(result.retryIn * 1e3, void 0, {
        ref: !isBackground,
        ...signal ? { signal } : {}
      }).catch(() => {
      });
    }
  }
  /** True if the bot has accepted a request of this program. */
  get isAccepted() {
    return this.#isAccepted;
  }
  /** Calls `listener` when the bot first accepts a request; never if the bot already has. */
  whenAccepted(listener) {
    if (!this.#isAccepted) this.#onAccepted.push(listener);
  }
  recordAccepted() {
    this.#isAccepted = true;
    for (const listener of this.#onAccepted.splice(0)) listener();
  }
  /** REJECTION_RETRY_TIME counts only from the bot's own codes. Any other error resets the time: it may come from a proxy. */
  #recordAnswer(answer) {
    if (!(answer instanceof BotUnavailable)) this.recordAccepted();
    else if (REJECTION_CODES.includes(answer.code ?? "")) this.#rejectedSince ??= performance.now();
    else this.#rejectedSince = void 0;
  }
  #isRejected() {
    const since = this.#rejectedSince ?? Number.POSITIVE_INFINITY;
    return !this.#isAccepted && performance.now() - since >= REJECTION_RETRY_TIME * 1e3;
  }
  #explainRejection({ message, status, code }) {
    const reason = `The bot at ${this.#base} does not accept this program (${message}): correct url, crew and secret, which is the ask_secret of this crew in the bot's settings.`;
    return new BotUnavailable(reason, { ...status === void 0 ? {} : { status }, code });
  }
};
function isRejectionStatus({ status }) {
  return status !== void 0 && REJECTION_STATUSES.includes(status);
}
function encodePart(name, part) {
  if (typeof part !== "string" || part === "" || part === "." || part === "..")
    throw new TypeError(`${name} must not be "${part}".`);
  return encodeURIComponent(part);
}
function checkUrl(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
  }
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new TypeError("url must be the address of the bot, such as https://approvals.example.com.");
  if (url.username !== "" || url.password !== "")
    throw new TypeError("url must not contain a user name or a password.");
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback)
    throw new TypeError(
      `url must begin with https: ${url.hostname} is not this machine, and the secret would be sent in plain text.`
    );
  if (url.protocol === "http:" && goesThroughProxy(url))
    throw new TypeError(
      `${url.hostname} would be called through the proxy of the environment, and the secret would be sent in plain text: add it to NO_PROXY.`
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
function goesThroughProxy({ hostname, port }) {
  const { env: env2, execArgv = [], allowedNodeEnvironmentFlags } = process;
  const options = [...execArgv, env2.NODE_OPTIONS ?? ""].join(" ").replaceAll("_", "-");
  const isFlagKnown = allowedNodeEnvironmentFlags?.has("--use-env-proxy") === true;
  const isFlagSet = isFlagKnown && (env2.NODE_USE_ENV_PROXY === "1" || options.includes("--use-env-proxy"));
  const usesProxy = isFlagSet || fetchesThroughProxy();
  const proxy = env2.http_proxy ?? env2.HTTP_PROXY ?? "";
  const list = (env2.no_proxy ?? env2.NO_PROXY ?? "").toLowerCase();
  const isDirect = list === "*" || list.split(/[\s,]+/).some((entry) => entry === hostname || entry === `${hostname}:${port || "80"}`);
  return usesProxy && proxy !== "" && !isDirect;
}
function fetchesThroughProxy() {
  const globals = globalThis;
  return ["undici.globalDispatcher.1", "undici.globalDispatcher.2"].some(
    (name) => /Proxy/.test(String(globals[Symbol.for(name)]?.constructor?.name))
  );
}
async function readResponse(response) {
  const { status, headers } = response;
  const text = await response.text();
  const body = readJsonObject(text);
  if (response.ok && body) return body;
  const { error: code, message = "" } = body ?? {};
  if (typeof code === "string" && (FINAL_STATUSES.includes(status) || FINAL_CODES.includes(code)))
    return new QuestionRejected(status, code, String(message));
  const seconds = headers.get("retry-after") ?? "";
  const retryAfter = /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds), LONGEST_RETRY_AFTER) : 0;
  const reason = response.ok ? `${status} without JSON` : `${status} ${message}`.trim();
  return new BotUnavailable(reason, {
    status,
    code: typeof code === "string" ? code : void 0,
    retryAfter
  });
}
function toUnavailable(error, signal) {
  if (signal.aborted) return new BotUnavailable("no answer in time");
  const { cause } = error;
  return new BotUnavailable(
    cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error))
  );
}
function describeRetry(base, { message, retryIn }) {
  return `crew-approvals: ${base}: ${message}; retrying in ${Math.ceil(retryIn)} s`;
}

// src/clients/client.ts
import { randomUUID } from "node:crypto";
import { setTimeout as sleep2 } from "node:timers/promises";
var LONGEST_WAIT = 25;
var LEASE = 300;
var RENEWAL_INTERVAL = 120;
var ASK_AGAIN_DELAY = 5;
var READ_AGAIN_DELAY = 1;
var CLOSE_TIMEOUT = 5;
var RESPONSE_MARGIN = 5;
var LARGEST_QUESTION = 1048576;
var TOO_LARGE = "The question is larger than 1 MiB.";
var TOO_DEEP = "The question is nested too deep.";
var ID = /^(?!\.{1,2}$)[A-Za-z0-9.:@_-]{1,100}$/;
var WRONG_ID = 'id must be 1 to 100 letters, digits and .:@_- (except "." and "..").';
var LONGEST_TIMER = 2147483;
var QuestionClosed = class extends Error {
  name = "QuestionClosed";
  id;
  status;
  constructor(id, status, reason) {
    const explanation = reason === void 0 ? "" : ` ${reason}`;
    super(
      `The question ${id} was ${status === "withdrawn" ? status : "closed"} without an answer.${explanation}`
    );
    this.id = id;
    this.status = status;
  }
};
var CrewApprovals = class {
  #calls;
  /** Throws a TypeError for an unusable address, crew or secret. `onRetry`: default for every call. */
  constructor({ onRetry, ...address }) {
    this.#calls = new BotCalls(address, onRetry);
  }
  /** The facts about the bot that the adapters for frameworks need. */
  get bot() {
    return this.#calls;
  }
  /** Asks a question and waits for its answer. Rejects with QuestionClosed, QuestionRejected or the reason of the signal. */
  ask(question, options = {}) {
    return this.#ask(question, void 0, options);
  }
  /**
   * Asks whether a tool may be called with these arguments. If the promise rejects, the call is not allowed. People see the
   * arguments as JSON: rejects with a TypeError if JSON cannot show a value exactly.
   */
  async tool(call, options = {}) {
    const answer = await this.askTool(call, options);
    const { text, by = "" } = answer;
    return { allowed: isAllowedByPerson(answer), ...text === "" ? {} : { reason: text }, by };
  }
  /** Does the same as `tool` and returns the whole answer, for the adapters for frameworks. */
  async askTool({ arguments: callArguments, argumentsText, ...fields }, options = {}) {
    const output = argumentsText ?? writeToolArguments(callArguments);
    JSON.parse(output);
    return this.#ask({ ...fields, kind: "tool" }, output, options);
  }
  async put(id, question, options) {
    if (!ID.test(id)) throw new TypeError(WRONG_ID);
    const body = typeof question === "string" ? question : serializeQuestion(question);
    if (Buffer.byteLength(body) > LARGEST_QUESTION) throw new QuestionRejected(413, "too_large", TOO_LARGE);
    try {
      await this.#calls.call("PUT", buildPath(id), { body, grace: CLOSE_TIMEOUT }, options);
    } catch (error) {
      throw isRejection(error, 410) ? new QuestionClosed(id, "withdrawn") : error;
    }
  }
  read(id, wait = 0, options) {
    const path = wait > 0 ? `${buildPath(id)}?wait=${Math.min(wait, LONGEST_WAIT).toFixed(3)}` : buildPath(id);
    return this.#readState(id, "GET", path, { wait }, options);
  }
  async poll(id, options) {
    const answer = await this.#calls.call("GET", `questions?ids=${encodePart("id", id)}`, {}, options);
    const [state] = answer.questions ?? [];
    return { ...state, id, status: checkStatus({ ...state }) };
  }
  async waitFor(id, { wait = Number.POSITIVE_INFINITY, ...options } = {}) {
    const deadline = performance.now() + wait * 1e3;
    let state;
    for (; ; ) {
      const remaining = Math.max(0, (deadline - performance.now()) / 1e3);
      const startedAt = performance.now();
      try {
        const limit = Number.isFinite(wait) ? { within: remaining + RESPONSE_MARGIN } : {};
        state = await this.read(id, Math.min(remaining, LONGEST_WAIT), { ...limit, ...options });
      } catch (error) {
        if (state && performance.now() >= deadline) return state;
        throw error;
      }
      if (state.status !== "waiting" || performance.now() >= deadline) return state;
      if (performance.now() - startedAt < READ_AGAIN_DELAY * 1e3)
        await pause(Math.min(READ_AGAIN_DELAY, remaining), options.signal);
    }
  }
  received(id, options) {
    return this.#readState(id, "PUT", `${buildPath(id)}/received`, {}, options);
  }
  withdraw(id, options) {
    return this.#readState(id, "DELETE", buildPath(id), {}, options);
  }
  /** Renews the lease of a question. */
  alive(id, options) {
    return this.#readState(id, "PUT", `${buildPath(id)}/alive`, { isBackground: true }, options);
  }
  /** Reports the state of a run. `finished` and `failed` close the run's open questions. */
  async endRun(run, report, options) {
    await this.#calls.call(
      "PUT",
      `runs/${encodePart("run", run)}`,
      { body: JSON.stringify(report) },
      options
    );
  }
  async #ask(question, output, { id, timeout, ...options }) {
    const seconds = timeout === void 0 ? void 0 : Math.min(timeout, LONGEST_TIMER);
    const { signal, release } = joinSignals([options.signal], seconds);
    const call = { ...options, signal };
    try {
      return id === void 0 ? await this.#askWithoutId(question, output, call) : await this.#askWithId(id, serializeQuestion(question, output), call);
    } finally {
      release();
    }
  }
  /** Leaves the question open if this call fails: a later call with the same id gets the answer. */
  async #askWithId(id, body, call) {
    for (; ; ) {
      await this.put(id, body, call);
      const state = await this.waitFor(id, call);
      if (state.status === "answered") return this.#confirmReceipt(state, call);
      if (state.status !== "unknown") throw new QuestionClosed(id, readClosedStatus(state), state.reason);
      await pause(ASK_AGAIN_DELAY, call.signal);
    }
  }
  async #askWithoutId(question, output, call) {
    const lease = new QuestionLease((id2, signal) => this.alive(id2, { ...call, signal }));
    let currentQuestion = { ...question, lease: true };
    let id = `once-${randomUUID()}`;
    try {
      for (; ; ) {
        try {
          await this.put(id, serializeQuestion(currentQuestion, output), call);
        } catch (error) {
          if (currentQuestion.follows === question.follows || !isRejection(error, 422)) throw error;
          currentQuestion = { ...question, lease: true };
          continue;
        }
        lease.begin(id);
        const state = await this.waitFor(id, call);
        if (state.status === "answered") return await this.#confirmReceipt(state, call);
        if (state.status === "unknown") await pause(ASK_AGAIN_DELAY, call.signal);
        else if (state.status === "closed" && lease.hasExpired()) {
          currentQuestion = { ...question, lease: true, follows: id };
          id = `once-${randomUUID()}`;
        } else throw new QuestionClosed(id, readClosedStatus(state), state.reason);
      }
    } catch (error) {
      const isOver = error instanceof QuestionClosed || error instanceof QuestionRejected;
      if (!isOver) await this.#waitBriefly(this.#withdrawInBackground(id, call).catch(() => void 0));
      throw error;
    } finally {
      lease.end();
    }
  }
  /** Reports that the program has the answer. Rejects if the answer no longer holds: a person may have closed the question. */
  async #confirmReceipt({ id, answer }, { onRetry }) {
    const path = `${buildPath(id)}/received`;
    const state = await this.#waitBriefly(
      this.#readState(id, "PUT", path, { isBackground: true }, { onRetry })
    );
    if (state && state.status !== "answered")
      throw new QuestionClosed(id, readClosedStatus(state), state.reason);
    return answer;
  }
  #withdrawInBackground(id, { onRetry }) {
    return this.#readState(id, "DELETE", buildPath(id), { isBackground: true }, { onRetry });
  }
  /** Returns the result, or undefined after CLOSE_TIMEOUT: a caller with an answer does not wait for an unavailable bot. */
  async #waitBriefly(request) {
    request.catch(() => {
    });
    const settled = new AbortController();
    const timeout = sleep2(CLOSE_TIMEOUT * 1e3, void 0, { signal: settled.signal }).catch(
      () => void 0
    );
    try {
      return await Promise.race([request, timeout]);
    } finally {
      settled.abort();
    }
  }
  /** Sends a request about a question and returns its state. Rejections with 404, 410 and 409 are states, too. */
  async #readState(id, method, path, request, options) {
    try {
      const state = await this.#calls.call(method, path, request, options);
      return { ...state, id, status: checkStatus(state) };
    } catch (error) {
      if (isRejection(error, 404)) return { id, status: "unknown" };
      if (isRejection(error, 410)) return { id, status: "withdrawn" };
      if (isRejection(error, 409)) return { id, status: "waiting" };
      throw error;
    }
  }
};
var QuestionLease = class {
  #renew;
  #current;
  #renewedAt = performance.now();
  constructor(renew) {
    this.#renew = renew;
  }
  begin(id) {
    this.end();
    const current = new AbortController();
    this.#current = current;
    this.#renewedAt = performance.now();
    const run = async () => {
      for (; ; ) {
        await sleep2(RENEWAL_INTERVAL * 1e3, void 0, { signal: current.signal, ref: false });
        const requestedAt = performance.now();
        const isRenewed = await this.#renew(id, current.signal).then(
          // The bot also answers for a question that it has closed.
          (state) => state.status === "waiting",
          () => false
        );
        if (isRenewed) this.#renewedAt = requestedAt;
      }
    };
    run().catch(() => {
    });
  }
  /** True if no renewal has succeeded for LEASE. The bot closes the question after that time. */
  hasExpired() {
    return performance.now() - this.#renewedAt > LEASE * 1e3;
  }
  end() {
    this.#current?.abort();
  }
};
function isAllowedByPerson({ option, by }) {
  return option === "allow" && typeof by === "string" && by !== "";
}
function isRejection(error, status) {
  return error instanceof QuestionRejected && error.status === status;
}
function readClosedStatus({ status }) {
  return status === "withdrawn" || status === "unknown" ? status : "closed";
}
function checkStatus({ status, answer }) {
  const isAnswer = typeof answer?.option === "string";
  if (status === "waiting" || status === "closed" || status === "withdrawn" || status === "unknown")
    return status;
  if (status === "answered" && isAnswer) return status;
  throw new TypeError("url is not the address of a bot: its answer is not the state of a question.");
}
function buildPath(id) {
  return `questions/${encodePart("id", id)}`;
}
function serializeQuestion(question, output) {
  let body;
  try {
    body = JSON.stringify(question);
  } catch (error) {
    if (error instanceof RangeError) throw new QuestionRejected(422, "too_deep", TOO_DEEP);
    throw error;
  }
  return output === void 0 ? body : `${body.slice(0, -1)},"output":${output}}`;
}
function writeToolArguments(value) {
  const text = JSON.stringify(value, function(key, converted) {
    const original = this[key];
    const isPlain = converted === original && (original === null || typeof original === "string" || typeof original === "boolean" || Number.isFinite(original) && !Object.is(original, -0) || // The own keys of a plain list are its items and `length`.
    Array.isArray(original) && Reflect.ownKeys(original).length === original.length + 1 || typeof original === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(original)) && // JSON leaves out members with a symbol as key and members that are not enumerable.
    Reflect.ownKeys(original).length === Object.keys(original).length);
    if (isPlain || original === void 0 && key !== "" && !Array.isArray(this)) return converted;
    throw new TypeError(
      `The argument ${key === "" ? "value" : key} cannot be shown as JSON: give argumentsText instead.`
    );
  });
  return text;
}
async function pause(seconds, signal) {
  await sleep2(seconds * 1e3, void 0, signal ? { signal } : {}).catch(() => {
  });
  signal?.throwIfAborted();
}

// src/clients/github-action/ask.ts
var Failure = class extends Error {
};
var { env } = process;
try {
  const client = openClient();
  if (process.argv[2] === "withdraw") await withdraw(client);
  else await ask(client);
} catch (error) {
  writeLog(error instanceof Error ? error.message : String(error), "::error::");
  process.exitCode = 1;
}
function openClient() {
  const { BOT_URL: url = "", CREW: crew = "", ASK_SECRET: secret = "" } = env;
  if (secret === "")
    throw new Failure(
      "secret is empty: set it to the ask secret of the crew. Pull requests from forks get no secrets."
    );
  const client = new CrewApprovals({
    ...{ url, crew, secret },
    onRetry(failure) {
      if (isRejectionStatus(failure) && !client.bot.isAccepted) throw failure;
      const seconds = Math.ceil(failure.retryIn);
      writeLog(`The bot cannot be reached (${failure.message}). Asking again in ${seconds} s.`);
    }
  });
  return client;
}
function buildId() {
  const names = [env.GITHUB_REPOSITORY, env.GITHUB_RUN_ID, env.GITHUB_RUN_ATTEMPT, env.NAME];
  return `github-${createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 40)}`;
}
async function ask(client) {
  const { CONTINUE_WITH: continueWith, GITHUB_OUTPUT: output } = env;
  const question = readQuestion();
  if (!question.options?.some((option2) => option2?.id === continueWith))
    throw new Failure(`continue-with is ${JSON.stringify(continueWith)}, which is not the id of an option.`);
  const id = buildId();
  await client.put(id, question);
  writeLog("The question is in Slack. This step waits for an answer.");
  const { option, by, text } = await client.ask(question, { id });
  const isByPerson = typeof by === "string" && by !== "";
  if (output) appendFileSync(output, `option=${option}
by=${isByPerson ? by : ""}
`);
  const who = isByPerson ? `Slack user ${by}` : "The rule for the deadline";
  const said = `${who} chose "${option}".${text ? ` ${text}` : ""}`;
  if (option !== continueWith || !isByPerson) throw new Failure(said);
  writeLog(said);
}
function readQuestion() {
  const { TITLE = "", TEXT = "", OPTIONS = "", APPROVERS, CHANNEL } = env;
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_SHA } = env;
  const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return {
    ...{ title: TITLE, text: TEXT, options: readOptions(OPTIONS), agent: "GitHub Actions" },
    message: `${GITHUB_REPOSITORY}, commit ${GITHUB_SHA}, attempt ${GITHUB_RUN_ATTEMPT}: ${run}`,
    ...APPROVERS ? { approvers: APPROVERS.split(",").map((approver) => approver.trim()) } : {},
    ...CHANNEL ? { channel: CHANNEL } : {}
  };
}
function readOptions(text) {
  try {
    const options = JSON.parse(text);
    if (Array.isArray(options)) return options;
  } catch {
  }
  throw new Failure("options must be a JSON list.");
}
async function withdraw(client) {
  const { status } = await client.withdraw(buildId());
  writeLog(status === "withdrawn" ? "The question is withdrawn." : "The question was already over.");
}
function writeLog(text, command = "") {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("##[", "## [");
  console.log(command === "" ? line : `${command}${line.replaceAll("%", "%25")}`);
}
