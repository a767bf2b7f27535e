// Bundled from plugin-hook.ts by test/clients/claude-plugin.test.ts.
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};

// src/clients/hook-decisions.ts
function writeHookDecision(event, decision) {
  const { kind, reason } = decision;
  const updated = kind === "allow" && decision.updatedInput ? { updatedInput: decision.updatedInput } : {};
  switch (event) {
    case "PermissionRequest":
      if (kind === "prompt") return JSON.stringify({ systemMessage: reason });
      return writeSpecific(event, {
        decision: kind === "allow" ? { behavior: kind, ...updated } : { behavior: kind, message: reason }
      });
    case "PreToolUse":
      return writeSpecific(event, {
        permissionDecision: kind === "prompt" ? "ask" : kind,
        permissionDecisionReason: reason,
        ...updated
      });
    case "BeforeTool":
      return JSON.stringify(kind === "allow" ? { decision: kind } : { decision: "deny", reason });
  }
}
function writeElicitationResult(result) {
  return writeSpecific("Elicitation", result);
}
function writeSpecific(event, fields) {
  return JSON.stringify({ hookSpecificOutput: { hookEventName: event, ...fields } });
}
var init_hook_decisions = __esm({
  "src/clients/hook-decisions.ts"() {
    "use strict";
  }
});

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
var init_json_object = __esm({
  "src/clients/json-object.ts"() {
    "use strict";
  }
});

// src/clients/signals.ts
function joinSignals(sources, seconds, grace = 0) {
  const joined = new AbortController();
  const signals = sources.filter((signal) => signal !== void 0);
  let graceTimer;
  const leave2 = signals.map((signal) => {
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
      for (const end of leave2) end();
    }
  };
}
var init_signals = __esm({
  "src/clients/signals.ts"() {
    "use strict";
  }
});

// src/clients/bot-calls.ts
import { setTimeout as sleep } from "node:timers/promises";
function rethrowIfRejected(failure) {
  if (isRejectionStatus(failure)) throw failure;
}
function isRejectionStatus({ status }) {
  return status !== void 0 && REJECTION_STATUSES.includes(status);
}
function encodePart(name, part2) {
  if (typeof part2 !== "string" || part2 === "" || part2 === "." || part2 === "..")
    throw new TypeError(`${name} must not be "${part2}".`);
  return encodeURIComponent(part2);
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
  const { env, execArgv = [], allowedNodeEnvironmentFlags } = process;
  const options2 = [...execArgv, env.NODE_OPTIONS ?? ""].join(" ").replaceAll("_", "-");
  const isFlagKnown = allowedNodeEnvironmentFlags?.has("--use-env-proxy") === true;
  const isFlagSet = isFlagKnown && (env.NODE_USE_ENV_PROXY === "1" || options2.includes("--use-env-proxy"));
  const usesProxy = isFlagSet || fetchesThroughProxy();
  const proxy = env.http_proxy ?? env.HTTP_PROXY ?? "";
  const list = (env.no_proxy ?? env.NO_PROXY ?? "").toLowerCase();
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
var REQUEST_TIMEOUT, FIRST_RETRY_DELAY, LONGEST_RETRY_DELAY, LONGEST_RETRY_AFTER, FINAL_STATUSES, FINAL_CODES, REJECTION_RETRY_TIME, REJECTION_STATUSES, REJECTION_CODES, BotUnavailable, QuestionRejected, BotCalls;
var init_bot_calls = __esm({
  "src/clients/bot-calls.ts"() {
    "use strict";
    init_json_object();
    init_signals();
    REQUEST_TIMEOUT = 10;
    FIRST_RETRY_DELAY = 1;
    LONGEST_RETRY_DELAY = 300;
    LONGEST_RETRY_AFTER = 3600;
    FINAL_STATUSES = [400, 409, 410, 413, 415, 422];
    FINAL_CODES = ["unknown_question", "unknown_start"];
    REJECTION_RETRY_TIME = 60;
    REJECTION_STATUSES = [401, 403, 404];
    REJECTION_CODES = ["unauthorized", "unknown_crew"];
    BotUnavailable = class extends Error {
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
    QuestionRejected = class extends Error {
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
    BotCalls = class {
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
  }
});

// src/clients/canonical-json.ts
var init_canonical_json = __esm({
  "src/clients/canonical-json.ts"() {
    "use strict";
  }
});

// src/clients/receipts.ts
var init_receipts = __esm({
  "src/clients/receipts.ts"() {
    "use strict";
    init_canonical_json();
    init_json_object();
  }
});

// src/clients/client.ts
import { randomUUID } from "node:crypto";
import { setTimeout as sleep2 } from "node:timers/promises";
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
var LONGEST_WAIT, LEASE, RENEWAL_INTERVAL, ASK_AGAIN_DELAY, READ_AGAIN_DELAY, CLOSE_TIMEOUT, RESPONSE_MARGIN, LARGEST_QUESTION, TOO_LARGE, TOO_DEEP, ID, WRONG_ID, LONGEST_TIMER, QuestionClosed, CrewApprovals, QuestionLease;
var init_client = __esm({
  "src/clients/client.ts"() {
    "use strict";
    init_bot_calls();
    init_signals();
    init_bot_calls();
    init_receipts();
    LONGEST_WAIT = 25;
    LEASE = 300;
    RENEWAL_INTERVAL = 120;
    ASK_AGAIN_DELAY = 5;
    READ_AGAIN_DELAY = 1;
    CLOSE_TIMEOUT = 5;
    RESPONSE_MARGIN = 5;
    LARGEST_QUESTION = 1048576;
    TOO_LARGE = "The question is larger than 1 MiB.";
    TOO_DEEP = "The question is nested too deep.";
    ID = /^(?!\.{1,2}$)[A-Za-z0-9.:@_-]{1,100}$/;
    WRONG_ID = 'id must be 1 to 100 letters, digits and .:@_- (except "." and "..").';
    LONGEST_TIMER = 2147483;
    QuestionClosed = class extends Error {
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
    CrewApprovals = class {
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
      ask(question, options2 = {}) {
        return this.#ask(question, void 0, options2);
      }
      /**
       * Asks whether a tool may be called with these arguments. If the promise rejects, the call is not allowed. People see the
       * arguments as JSON: rejects with a TypeError if JSON cannot show a value exactly.
       */
      async tool(call, options2 = {}) {
        const answer = await this.askTool(call, options2);
        const { text, by = "" } = answer;
        return { allowed: isAllowedByPerson(answer), ...text === "" ? {} : { reason: text }, by };
      }
      /** Does the same as `tool` and returns the whole answer, for the adapters for frameworks. */
      async askTool({ arguments: callArguments, argumentsText, ...fields }, options2 = {}) {
        const output = argumentsText ?? writeToolArguments(callArguments);
        JSON.parse(output);
        return this.#ask({ ...fields, kind: "tool" }, output, options2);
      }
      async put(id, question, options2) {
        if (!ID.test(id)) throw new TypeError(WRONG_ID);
        const body = typeof question === "string" ? question : serializeQuestion(question);
        if (Buffer.byteLength(body) > LARGEST_QUESTION) throw new QuestionRejected(413, "too_large", TOO_LARGE);
        try {
          await this.#calls.call("PUT", buildPath(id), { body, grace: CLOSE_TIMEOUT }, options2);
        } catch (error) {
          throw isRejection(error, 410) ? new QuestionClosed(id, "withdrawn") : error;
        }
      }
      read(id, wait = 0, options2) {
        const path = wait > 0 ? `${buildPath(id)}?wait=${Math.min(wait, LONGEST_WAIT).toFixed(3)}` : buildPath(id);
        return this.#readState(id, "GET", path, { wait }, options2);
      }
      async poll(id, options2) {
        const answer = await this.#calls.call("GET", `questions?ids=${encodePart("id", id)}`, {}, options2);
        const [state] = answer.questions ?? [];
        return { ...state, id, status: checkStatus({ ...state }) };
      }
      async waitFor(id, { wait = Number.POSITIVE_INFINITY, ...options2 } = {}) {
        const deadline = performance.now() + wait * 1e3;
        let state;
        for (; ; ) {
          const remaining = Math.max(0, (deadline - performance.now()) / 1e3);
          const startedAt = performance.now();
          try {
            const limit = Number.isFinite(wait) ? { within: remaining + RESPONSE_MARGIN } : {};
            state = await this.read(id, Math.min(remaining, LONGEST_WAIT), { ...limit, ...options2 });
          } catch (error) {
            if (state && performance.now() >= deadline) return state;
            throw error;
          }
          if (state.status !== "waiting" || performance.now() >= deadline) return state;
          if (performance.now() - startedAt < READ_AGAIN_DELAY * 1e3)
            await pause(Math.min(READ_AGAIN_DELAY, remaining), options2.signal);
        }
      }
      received(id, options2) {
        return this.#readState(id, "PUT", `${buildPath(id)}/received`, {}, options2);
      }
      withdraw(id, options2) {
        return this.#readState(id, "DELETE", buildPath(id), {}, options2);
      }
      /** Renews the lease of a question. */
      alive(id, options2) {
        return this.#readState(id, "PUT", `${buildPath(id)}/alive`, { isBackground: true }, options2);
      }
      /** Reports the state of a run. `finished` and `failed` close the run's open questions. */
      async endRun(run, report, options2) {
        await this.#calls.call(
          "PUT",
          `runs/${encodePart("run", run)}`,
          { body: JSON.stringify(report) },
          options2
        );
      }
      async #ask(question, output, { id, timeout, ...options2 }) {
        const seconds = timeout === void 0 ? void 0 : Math.min(timeout, LONGEST_TIMER);
        const { signal, release } = joinSignals([options2.signal], seconds);
        const call = { ...options2, signal };
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
      async #readState(id, method, path, request, options2) {
        try {
          const state = await this.#calls.call(method, path, request, options2);
          return { ...state, id, status: checkStatus(state) };
        } catch (error) {
          if (isRejection(error, 404)) return { id, status: "unknown" };
          if (isRejection(error, 410)) return { id, status: "withdrawn" };
          if (isRejection(error, 409)) return { id, status: "waiting" };
          throw error;
        }
      }
    };
    QuestionLease = class {
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
  }
});

// src/clients/tool-calls.ts
function judgeCall(answer) {
  const { option, by, text } = answer;
  if (isAllowedByPerson(answer))
    return { allowed: true, reason: `A person allowed this call (Slack user ${by}).` };
  if (option !== "block") return void 0;
  const blocked = by ? `a person blocked this call (Slack user ${by})` : "nobody allowed this call in time";
  const reason = text === "" ? "" : ` Reason: ${text}`;
  return { allowed: false, reason: `The tool was not run: ${blocked}.${reason}` };
}
var init_tool_calls = __esm({
  "src/clients/tool-calls.ts"() {
    "use strict";
    init_client();
  }
});

// src/clients/hook-dialogs.ts
function findDialogKind({
  hook_event_name: event,
  tool_name: tool
}) {
  if (event === DIALOGS.forms) return "forms";
  return ["questions", "plans"].find((kind) => DIALOGS[kind] === tool);
}
function readDialog(kind, payload, agentName) {
  const { hook_event_name: event, tool_input: input } = payload;
  if (kind === "forms") return readElicitation(payload, agentName);
  if (event !== "PreToolUse" && event !== "PermissionRequest")
    throw new NotAsked(`${DIALOGS[kind]} is not answered at ${JSON.stringify(event)}.`);
  if (!isJsonObject(input)) throw new NotAsked(`${DIALOGS[kind]} has no tool_input.`);
  return kind === "plans" ? readPlan(event, input) : readAgentQuestions(event, input);
}
function readPlan(event, input) {
  if (typeof input.plan !== "string" || input.plan.trim() === "")
    throw new NotAsked("The plan is not in the call of ExitPlanMode.");
  return {
    questions: [{ kind: "tool", title: DIALOGS.plans, output: input, require_whole: true }],
    write([answer]) {
      const verdict = answer?.by ? judgeCall(answer) : void 0;
      if (!verdict) return void 0;
      const { allowed, reason } = verdict;
      return writeHookDecision(
        event,
        allowed ? { kind: "allow", reason, updatedInput: input } : { kind: "deny", reason }
      );
    }
  };
}
function readAgentQuestions(event, input) {
  const questions = Array.isArray(input.questions) ? input.questions.map(readAgentQuestion) : [];
  if (questions.length === 0) throw new NotAsked("AskUserQuestion has no questions.");
  if (new Set(questions.map(({ question }) => question)).size < questions.length)
    throw new NotAsked("Two questions have the same text, so their answers could not be told apart.");
  return {
    questions: questions.map(buildQuestion),
    write(answers) {
      const texts = questions.map((question, index) => writeChosenText(question, answers[index]));
      if (texts.some((text) => text === void 0)) return void 0;
      const named = Object.fromEntries(questions.map(({ question }, index) => [question, texts[index]]));
      const updatedInput = { ...input, answers: named, annotations: void 0 };
      return writeHookDecision(event, { kind: "allow", reason: "People answered in Slack.", updatedInput });
    }
  };
}
function readAgentQuestion(value) {
  const { question, header, multiSelect = false, options: options2 } = isJsonObject(value) ? value : {};
  const readOptions = (Array.isArray(options2) ? options2 : []).map((option) => {
    const { label, description = "", preview = "" } = isJsonObject(option) ? option : {};
    if (!isText(label) || typeof description !== "string" || typeof preview !== "string")
      throw new NotAsked("An option of AskUserQuestion has an unknown form.");
    return { label, description, preview };
  });
  if (!isText(question) || typeof multiSelect !== "boolean" || readOptions.length === 0)
    throw new NotAsked("A question of AskUserQuestion has an unknown form.");
  const labels = readOptions.map(({ label }) => label);
  if (labels.some((label) => UNSEEN.test(label)))
    throw new NotAsked(`An option of "${question}" has characters that people cannot see.`);
  const shownLabels = (multiSelect ? labels : [...labels, SOMETHING_ELSE]).map(normalizeLabel);
  if (new Set(shownLabels).size < shownLabels.length)
    throw new NotAsked(`Two options of "${question}" look the same.`);
  if (multiSelect && labels.some((label) => label.includes(",")))
    throw new NotAsked(`An option of "${question}" has a comma, so several could not be told apart.`);
  return { question, header: isText(header) ? header : "Question", multiSelect, options: readOptions };
}
function buildQuestion({ question, header, multiSelect, options: options2 }) {
  const listedOptions = options2.flatMap(({ label, description, preview }) => [
    `- **${escapeInline(label)}**${isLine(description) ? `: ${escapeInline(description)}` : ""}`,
    ...[isLine(description) ? "" : description, preview].filter((text) => text !== "").map(fenceExactly)
  ]);
  const common = {
    title: header,
    text: [escapeMarkdown(question), listedOptions.join("\n")].join("\n\n"),
    ...ASKED_WHOLE
  };
  if (multiSelect)
    return {
      ...common,
      options: [{ id: CHOOSE, label: "Choose", style: "primary", fields: true }],
      free_text: "optional",
      fields: {
        type: "object",
        properties: {
          choices: {
            type: "array",
            title: header,
            items: { enum: options2.map(({ label }) => label) },
            minItems: 1
          }
        },
        required: ["choices"]
      }
    };
  return {
    ...common,
    options: [
      ...options2.map(({ label }, index) => ({ id: String(index), label, fields: false })),
      { id: OTHER, label: SOMETHING_ELSE, fields: true }
    ],
    fields: {
      type: "object",
      properties: { text: { type: "string", title: "Your answer", maxLength: 3e3 } },
      required: ["text"]
    }
  };
}
function writeChosenText({ multiSelect, options: options2 }, answer) {
  if (!answer?.by) return void 0;
  const { option, by, fields = {}, text, seen = [] } = answer;
  const writeOwn = (own, writer) => `${own} (written in Slack by ${writer})`;
  if (!multiSelect && option === OTHER)
    return typeof fields.text === "string" ? writeOwn(fields.text, seen[0]?.by ?? by) : void 0;
  if (!multiSelect) return options2.find((_, index) => String(index) === option)?.label;
  const { choices } = fields;
  if (option !== CHOOSE || !Array.isArray(choices)) return void 0;
  return [...choices, ...text === "" ? [] : [writeOwn(text, by)]].join(", ");
}
function readElicitation(payload, agentName) {
  const { mcp_server_name: server, message, mode = "form", requested_schema: schema } = payload;
  if (mode !== "form") throw new NotAsked(`An elicitation of the mode ${JSON.stringify(mode)} is not asked.`);
  if (!isText(server) || !isText(message) || !isJsonObject(schema))
    throw new NotAsked("The elicitation has an unknown form.");
  const { properties, required = [] } = schema;
  const hasFields = !isJsonObject(properties) || Object.keys(properties).length > 0;
  if (!hasFields && JSON.stringify(required) !== "[]")
    throw new NotAsked("The elicitation requires fields that it does not have.");
  const question = {
    title: `Form of ${server}`,
    message: `The MCP server ${escapeInline(server)} asks through ${agentName}. It gets what you enter: do not enter passwords or other secrets.`,
    text: quoteLines(message),
    options: [
      { id: "accept", label: "Send", style: "primary", fields: hasFields },
      { id: "decline", label: "Decline", style: "danger", fields: false }
    ],
    ...hasFields ? { fields: schema } : {},
    ...ASKED_WHOLE
  };
  return {
    questions: [question],
    write([answer]) {
      if (!answer?.by) return void 0;
      const { option, fields = {} } = answer;
      if (option === "accept") return writeElicitationResult({ action: "accept", content: fields });
      return option === "decline" ? writeElicitationResult({ action: "decline" }) : void 0;
    }
  };
}
function normalizeLabel(label) {
  return label.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
}
function isLine(text) {
  return text !== "" && !/[\r\n]/.test(text);
}
function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
function escapeMarkdown(text) {
  return /^(?: {4}| {0,3}\t)/m.test(text) ? fenceExactly(text) : escapeInline(text);
}
function escapeInline(text) {
  return text.split(URLS).map((part2, index) => index % 2 === 1 ? writeCode(part2) : escapePart(part2)).join("");
}
function escapePart(text) {
  return text.replace(/[\\`*_~[\]<>#|!&]/g, "\\$&").replace(/^([^\S\r\n\u2028\u2029]*)([-+=:])/gm, "$1\\$2").replace(/^([^\S\r\n\u2028\u2029]*\d+)([.)])/gm, "$1\\$2");
}
function writeCode(text) {
  const marks = "`".repeat(findLongestMarks(text) + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${marks}${space}${text}${space}${marks}`;
}
function quoteLines(text) {
  return escapeMarkdown(text).split(/\r\n|\r|\n/).map((line) => `> ${line}`).join("\n");
}
function fenceExactly(text) {
  const marks = "`".repeat(Math.max(3, findLongestMarks(text) + 1));
  return `${marks}
${text}
${marks}`;
}
function findLongestMarks(text) {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}
var DIALOGS, NotAsked, ASKED_WHOLE, OTHER, SOMETHING_ELSE, UNSEEN, CHOOSE, URLS;
var init_hook_dialogs = __esm({
  "src/clients/hook-dialogs.ts"() {
    "use strict";
    init_hook_decisions();
    init_json_object();
    init_tool_calls();
    DIALOGS = {
      questions: "AskUserQuestion",
      plans: "ExitPlanMode",
      forms: "Elicitation"
    };
    NotAsked = class extends Error {
    };
    ASKED_WHOLE = { named_approvers: true, require_whole: true };
    OTHER = "other";
    SOMETHING_ELSE = "Something else";
    UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
    CHOOSE = "choose";
    URLS = /((?:[a-z][a-z\d+.-]{0,30}:\/\/|www\.)\S+)/i;
  }
});

// src/clients/client-settings.ts
import { accessSync, constants, lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
function readClientSettings(file, environment) {
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED?.trim() === "0")
    throw new ClientSettingsError("NODE_TLS_REJECT_UNAUTHORIZED is 0, so the bot could be anyone: unset it.");
  const values = file === void 0 ? environment : readConfigFile(file);
  return Object.fromEntries(
    NAMES.map((name) => [name, values[name]?.trim()]).filter(([, value]) => value)
  );
}
function requireBotAddress(settings, file) {
  const missing2 = NAMES.filter((name) => settings[name] === void 0);
  if (missing2.length > 0) {
    const [verb, pronoun] = missing2.length > 1 ? ["are", "them"] : ["is", "it"];
    const place = file === void 0 ? "the environment or in a file that --config names" : resolve(file);
    throw new ClientSettingsError(`${missing2.join(", ")} ${verb} not set: set ${pronoun} in ${place}.`);
  }
  const { BOT_URL: url = "", CREW_NAME: crew = "", ASK_SECRET: secret = "" } = settings;
  return { url, crew, secret };
}
function canReplaceFile(file) {
  const user = process.geteuid?.();
  if (user === void 0) return false;
  try {
    return [...listLinkedPaths(resolve(file))].some((path) => {
      const stat = lstatSync(path);
      const isOpen = !stat.isSymbolicLink() && !(stat.mode & 512) && isWritable(path);
      return stat.uid === user || isOpen;
    });
  } catch {
    return false;
  }
}
function* listLinkedPaths(path, links = MAX_LINKS) {
  yield path;
  if (lstatSync(path).isSymbolicLink() && links > 0)
    yield* listLinkedPaths(resolve(dirname(path), readlinkSync(path)), links - 1);
  if (path !== dirname(path)) yield* listLinkedPaths(dirname(path), links);
}
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
function readConfigFile(file) {
  const path = resolve(file);
  let text;
  try {
    if (process.platform !== "win32" && statSync(path).mode & 18)
      throw new ClientSettingsError(`${path} can be written by others: run chmod go-w on it.`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ClientSettingsError) throw error;
    throw new ClientSettingsError(`${path} cannot be read (${error.code}).`);
  }
  const settings = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, key = "", value = ""] = /^\s*([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const name = NAMES.find((setting) => setting === key);
    if (name === void 0)
      throw new ClientSettingsError(
        `${path}, line ${index + 1}: ${key === "" ? "a line is NAME=value" : `${key} is not a setting`}; the settings are ${NAMES.join(", ")}.`
      );
    settings[name] = /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
  }
  return settings;
}
var NAMES, MAX_LINKS, ClientSettingsError;
var init_client_settings = __esm({
  "src/clients/client-settings.ts"() {
    "use strict";
    NAMES = ["BOT_URL", "CREW_NAME", "ASK_SECRET"];
    MAX_LINKS = 40;
    ClientSettingsError = class extends Error {
    };
  }
});

// src/clients/exact-json.ts
function readExactMembers(text) {
  const value = JSON.parse(text);
  if (!isJsonObject(value)) throw new SyntaxError("It is not a JSON object.");
  const members = /* @__PURE__ */ new Map();
  const openObjects = [];
  let member;
  let previous = "";
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (member && openObjects.length === 1 && (token === "," || token === "}")) {
      members.set(member.name, text.slice(member.start, index).trim());
      member = void 0;
    }
    if (token === "{" || token === "[") openObjects.push(token === "{" ? /* @__PURE__ */ new Set() : void 0);
    if (token === "}" || token === "]") openObjects.pop();
    if (token === ":") {
      const name = JSON.parse(previous);
      if (openObjects.at(-1)?.has(name)) throw new SyntaxError(`The key ${previous} stands twice.`);
      openObjects.at(-1)?.add(name);
      if (openObjects.length === 1) member = { name, start: index + 1 };
    }
    previous = token;
  }
  return members;
}
var TOKENS;
var init_exact_json = __esm({
  "src/clients/exact-json.ts"() {
    "use strict";
    init_json_object();
    TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]/g;
  }
});

// src/clients/hook-payloads.ts
function readHookPayload(agent, text, dialogs = []) {
  const payload = readJsonObject(text ?? "");
  const dialogKind = payload && findDialogKind(payload);
  const name = payload?.hook_event_name;
  const event = agent.events.find((candidate) => candidate === name);
  const promptsInMode = event !== "PreToolUse" || ASKING_MODES.includes(payload?.permission_mode);
  const canPrompt = agent.canPrompt && promptsInMode;
  const isDialog2 = dialogKind !== void 0 && dialogs.includes(dialogKind);
  const reportUnreadable = (fault) => isDialog2 ? { kind: "dialog_left", fault } : { kind: "unread", fault, event, canPrompt };
  if (text === void 0) return reportUnreadable("It is larger than 2 MiB.");
  if (!payload) return reportUnreadable("It is not a JSON object.");
  let exact;
  try {
    exact = readExactMembers(text);
  } catch (error) {
    return reportUnreadable(
      error instanceof SyntaxError ? error.message : "Its arguments are too large or nested too deep."
    );
  }
  const { session_id: session, tool_name: tool, cwd: folder } = payload;
  if (!isName(session, LONGEST_RUN)) return reportUnreadable("It has no session_id.");
  const isResumed = name === "SessionStart" && payload.source === "resume";
  if (name === "SessionEnd" || isResumed) return { kind: "session_end", session };
  const where = { folder: asText(folder) };
  if (isDialog2) {
    try {
      const dialog = readDialog(dialogKind, payload, agent.name);
      return { kind: "dialog", dialog, session, ...where };
    } catch (error) {
      const fault = error instanceof NotAsked ? error.message : "Its dialog cannot be read.";
      return { kind: "dialog_left", fault };
    }
  }
  if (isOwnTool(payload)) return { kind: "own_tool" };
  if (event === void 0)
    return reportUnreadable(`${JSON.stringify(name)} is not an event that asks whether a tool may run.`);
  if (!isName(tool, LONGEST_TITLE)) return reportUnreadable("It has no tool_name.");
  const argumentsText = exact.get("tool_input") ?? "";
  if (!argumentsText.startsWith("{")) return reportUnreadable("It has no tool_input.");
  return { kind: "call", call: { event, session, tool, argumentsText, ...where }, canPrompt };
}
function isOwnTool({ tool_name: tool, mcp_server: server }) {
  if (!isJsonObject(server)) return false;
  const { name, source } = server;
  const isOfPlugin = source === "plugin" && name === "plugin:crew-approvals:crew-approvals";
  const isOfUser = USER_SOURCES.includes(source) && name === "crew-approvals";
  const prefix = isOfPlugin ? "plugin_crew-approvals_crew-approvals" : isOfUser ? name : void 0;
  return prefix !== void 0 && OWN_TOOLS.some((own) => tool === `mcp__${prefix}__${own}`);
}
function asText(value) {
  return typeof value === "string" ? value : void 0;
}
function isName(value, maxLength) {
  return typeof value === "string" && value.trim() !== "" && value.length <= maxLength;
}
var CODING_AGENTS, ASKING_MODES, LONGEST_RUN, LONGEST_TITLE, USER_SOURCES, OWN_TOOLS;
var init_hook_payloads = __esm({
  "src/clients/hook-payloads.ts"() {
    "use strict";
    init_exact_json();
    init_hook_dialogs();
    init_json_object();
    CODING_AGENTS = {
      // Claude Code sends PermissionRequest only before its own prompt. It starts in auto mode, which almost never prompts.
      claude: { name: "Claude Code", events: ["PreToolUse", "PermissionRequest"], canPrompt: true },
      // Codex runs the tool after a PreToolUse hook that answers allow, ask or nothing.
      codex: { name: "Codex", events: ["PermissionRequest"], canPrompt: true },
      // After a hook without a decision, Gemini CLI runs the tool if its policy allows the tool.
      gemini: { name: "Gemini CLI", events: ["BeforeTool"], canPrompt: false }
    };
    ASKING_MODES = ["default", "auto", "plan", "acceptEdits"];
    LONGEST_RUN = 255;
    LONGEST_TITLE = 300;
    USER_SOURCES = ["user", "local", "dynamic", "enterprise", "managed"];
    OWN_TOOLS = ["ask_human", "get_answer", "cancel"];
  }
});

// src/clients/hook-settings.ts
function matchOthers(names) {
  return `^(?!(?:${names.join("|")})$).*`;
}
function buildHookSettings(agent, { command, timeout, dialogs = {} }) {
  const run = (seconds) => runCommand(command, seconds);
  const decide = run(timeout + MARGIN);
  switch (agent) {
    case "claude":
      return {
        // In auto mode, a classifier can refuse a call that a person allowed, and a tool runs if its hook times out.
        permissions: { defaultMode: "default" },
        hooks: buildClaudeHooks({ command, endCommand: command, timeout, dialogs })
      };
    case "codex":
      return {
        hooks: { PermissionRequest: [{ hooks: decide }], ...buildSessionHooks(run(SESSION_END)) }
      };
    case "gemini": {
      const runNamed = (seconds) => run(seconds * 1e3).map((hook) => ({ name: "crew-approvals", ...hook }));
      return {
        hooks: {
          BeforeTool: [{ matcher: GEMINI_TOOLS, hooks: runNamed(timeout + MARGIN) }],
          ...buildSessionHooks(runNamed(SESSION_END))
        }
      };
    }
  }
}
function buildClaudeHooks({
  command,
  endCommand,
  timeout,
  dialogs = {}
}) {
  const { forms, ...tools } = dialogs;
  const runDialog = (line) => runCommand(line, timeout + MARGIN);
  return {
    PreToolUse: [
      { matcher: CLAUDE_TOOLS, hooks: runCommand(command, timeout + MARGIN) },
      ...Object.entries(tools).map(([kind, line]) => ({
        matcher: `^${DIALOGS[kind]}$`,
        hooks: runDialog(line)
      }))
    ],
    ...forms === void 0 ? {} : { Elicitation: [{ hooks: runDialog(forms) }] },
    ...buildSessionHooks(runCommand(endCommand, SESSION_END))
  };
}
function buildSessionHooks(hooks) {
  return {
    // A resumed session first ends its permissions: the agent may have been killed, or the bot unreachable, at the session's end.
    SessionStart: [{ matcher: "resume", hooks }],
    SessionEnd: [{ hooks }]
  };
}
function runCommand(command, timeout) {
  return [{ type: "command", command, timeout }];
}
function quoteCommand(words, platform = process.platform) {
  if (platform === "win32") return words.map((word) => `"${word.replaceAll("\\", "/")}"`).join(" ");
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}
var TIMEOUT, MARGIN, SESSION_END, CLAUDE_TOOLS, GEMINI_TOOLS;
var init_hook_settings = __esm({
  "src/clients/hook-settings.ts"() {
    "use strict";
    init_hook_dialogs();
    TIMEOUT = 570;
    MARGIN = 30;
    SESSION_END = 10;
    CLAUDE_TOOLS = matchOthers([
      ...["Read", "NotebookRead", "Glob", "Grep", "LS", "BashOutput", "TaskOutput", "ToolSearch"],
      ...["TodoRead", "TodoWrite", "TaskCreate", "TaskGet", "TaskList", "TaskUpdate"],
      ...["ListAgents", "CronList", "ReadNotifications", "ReportFindings"],
      ...["ListMcpResources(?:Tool)?", "ReadMcpResource(?:Dir)?(?:Tool)?"],
      ...["AskUserQuestion", "EnterPlanMode", "ExitPlanMode"]
    ]);
    GEMINI_TOOLS = matchOthers([
      ...["read_file", "read_many_files", "list_directory", "glob", "grep_search", "search_file_content"],
      ...["list_background_processes", "read_background_output"],
      ...["write_todos", "update_topic", "get_internal_docs", "ask_user", "enter_plan_mode", "exit_plan_mode"],
      "mcp_crew-approvals_(?:ask_human|get_answer|cancel)"
    ]);
  }
});

// src/clients/hook.ts
var hook_exports = {};
import { randomUUID as randomUUID2 } from "node:crypto";
import { resolve as resolve2 } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
function readHookOptions() {
  const { values } = parseArgs({
    options: {
      agent: { type: "string", default: "claude" },
      config: { type: "string" },
      timeout: { type: "string", default: String(TIMEOUT) },
      "no-prompt": { type: "boolean", default: false },
      questions: { type: "boolean", default: false },
      plans: { type: "boolean", default: false },
      forms: { type: "boolean", default: false },
      "print-config": { type: "string" },
      help: { type: "boolean", short: "h", default: false }
    }
  });
  try {
    if (values.help) {
      console.log(USAGE);
      return void 0;
    }
    const agent = values["print-config"] ?? values.agent;
    if (!isCodingAgent(agent)) throw new Undecided(`There is no hook for the agent "${agent}".`);
    if (!/^[1-9]\d{0,6}$/.test(values.timeout))
      throw new Undecided("--timeout must be a number of seconds from 1.");
    const dialogs = DIALOG_KINDS.filter((kind) => values[kind]);
    if (dialogs.length > 0 && agent !== "claude")
      throw new Undecided(`--${dialogs[0]} is possible for claude only.`);
    return {
      dialogs,
      agent,
      config: values.config,
      timeout: Number(values.timeout),
      noPrompt: values["no-prompt"],
      prints: values["print-config"] !== void 0
    };
  } catch (error) {
    console.error(`${error.message.split("\n")[0]}

${USAGE}`);
    process.exitCode = EXIT_BLOCK;
    return void 0;
  }
}
function isCodingAgent(name) {
  return Object.hasOwn(CODING_AGENTS, name);
}
function printHookSettings({ agent, config, timeout, noPrompt, dialogs }) {
  const start = fileURLToPath(new URL("../../src/start.mjs", import.meta.url));
  const write = (switches) => quoteCommand([
    // NODE_OPTIONS could load other code into the hook.
    ...process.platform === "win32" ? [] : ["/usr/bin/env", "-u", "NODE_OPTIONS"],
    process.execPath,
    start,
    "hook",
    ...agent === "claude" ? [] : ["--agent", agent],
    ...config === void 0 ? [] : ["--config", resolve2(config)],
    ...timeout === TIMEOUT ? [] : ["--timeout", String(timeout)],
    ...switches
  ]);
  const hook = write(noPrompt ? ["--no-prompt"] : []);
  const dialogCommands = Object.fromEntries(dialogs.map((kind) => [kind, write([`--${kind}`])]));
  const mustBlockOnFailure = noPrompt || CODING_AGENTS[agent].events[0] !== "PermissionRequest";
  const command = mustBlockOnFailure && process.platform !== "win32" ? `${hook} || exit ${EXIT_BLOCK}` : hook;
  console.log(
    JSON.stringify(buildHookSettings(agent, { command, timeout, dialogs: dialogCommands }), void 0, 2)
  );
  warnOfWritableSettings(config);
}
function warnOfWritableSettings(config) {
  if (config === void 0 || !canReplaceFile(config)) return;
  console.error(
    `Warning: the user of this process can change ${resolve2(config)}. An agent that runs as this user can name another bot in it and allow everything: give the file to another owner.`
  );
}
async function runHook(options2) {
  const agent = CODING_AGENTS[options2.agent];
  warnOfWritableSettings(options2.config);
  const payload = readHookPayload(agent, await readStdin(), options2.dialogs);
  if (payload.kind === "own_tool") {
    process.exitCode = 0;
    return;
  }
  if (payload.kind === "session_end") return endSession(options2, payload.session);
  if (payload.kind === "dialog" || payload.kind === "dialog_left") {
    process.exitCode = 0;
    if (payload.kind === "dialog_left") console.error(payload.fault);
    else await answerDialog(options2, payload);
    return;
  }
  const canPrompt = payload.canPrompt && !options2.noPrompt;
  if (payload.kind === "call") {
    const { event } = payload.call;
    const { decision, tellReceived } = await decideHookCall(options2, payload.call);
    if (await printDecision(event, decision, canPrompt)) await tellReceived?.();
    return;
  }
  const reason = `${agent.name} gave its hook something that cannot be read: ${payload.fault}`;
  if (payload.event && canPrompt) {
    await printDecision(payload.event, { kind: "prompt", reason }, canPrompt);
    return;
  }
  console.error(reason);
  process.exitCode = canPrompt ? EXIT_ERROR : EXIT_BLOCK;
}
async function decideHookCall(options2, call) {
  const stopped = stopWithAgent();
  try {
    const client = openClient(options2);
    const { id, answer } = await askAboutCall(client, options2, call, stopped.signal);
    const verdict = judgeCall(answer);
    if (!verdict) throw new Undecided(`The answer ${JSON.stringify(answer.option)} is unknown.`);
    return {
      decision: { kind: verdict.allowed ? "allow" : "deny", reason: verdict.reason },
      tellReceived: () => client.received(id, { within: REPORT_TIMEOUT }).catch(() => {
      })
    };
  } catch (error) {
    return { decision: { kind: "prompt", reason: describeUndecided(error) } };
  }
}
async function answerDialog(options2, payload) {
  const stopped = stopWithAgent();
  try {
    const client = openClient(options2);
    const { dialog } = payload;
    const message = describeFolder(payload);
    const asked = dialog.questions.map((question) => {
      const messages = [question.message, message].filter((text) => text !== void 0);
      const common = { agent: CODING_AGENTS[options2.agent].name, run: payload.session, lease: true };
      const body = {
        ...question,
        ...common,
        ...messages.length > 0 ? { message: messages.join("\n\n") } : {}
      };
      return { id: buildQuestionId(), body: serializeQuestion(body) };
    });
    const answers = await askAll(client, options2, asked, stopped);
    try {
      const output = dialog.write(answers.map(({ answer }) => answer));
      if (output === void 0) throw new Undecided("The answer is not one that the agent can use.");
      await new Promise(
        (resolve3, reject) => process.stdout.write(`${output}
`, (error) => error ? reject(error) : resolve3())
      );
    } catch (error) {
      await withdrawAll(client, answers);
      throw error;
    }
    await Promise.all(
      answers.map(({ id }) => client.received(id, { within: REPORT_TIMEOUT }).catch(() => {
      }))
    );
  } catch (error) {
    console.error(describeUndecided(error));
  }
}
async function askAll(client, options2, asked, stopped) {
  const ends = await Promise.allSettled(
    asked.map(
      (one) => askInSlack(client, options2, one, stopped.signal).catch((error) => {
        stopped.abort(error);
        throw error;
      })
    )
  );
  const answers = ends.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
  try {
    if (answers.length < asked.length) throw stopped.signal.reason;
    return await Promise.all(answers.map(({ id }) => readAnswer(client, id)));
  } catch (error) {
    await withdrawAll(client, answers);
    throw error;
  }
}
async function readAnswer(client, id) {
  const { status, answer, reason } = await client.read(id, 0, { within: REPORT_TIMEOUT });
  if (status === "answered" && answer) return { id, answer };
  if (status === "waiting" || status === "answered") throw new Undecided("An answer was taken back.");
  throw new QuestionClosed(id, status, reason);
}
async function withdrawAll(client, asked) {
  const options2 = { within: REPORT_TIMEOUT };
  await Promise.all(asked.map(({ id }) => client.withdraw(id, options2).catch(() => {
  })));
}
function stopWithAgent() {
  const stopped = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
    process.on(signal, () => stopped.abort(new Undecided(`The hook was stopped (${signal}).`)));
  setInterval(() => {
    if (process.ppid !== PARENT) stopped.abort(new Undecided("The hook was stopped."));
  }, PARENT_CHECK_INTERVAL * 1e3).unref();
  return stopped;
}
function askAboutCall(client, options2, call, signal) {
  const message = describeFolder(call);
  const question = {
    ...{ kind: "tool", title: call.tool, agent: CODING_AGENTS[options2.agent].name },
    ...{ run: call.session, lease: true },
    ...message === void 0 ? {} : { message }
  };
  const asked = { id: buildQuestionId(), body: serializeQuestion(question, call.argumentsText) };
  return askInSlack(client, options2, asked, signal);
}
async function askInSlack(client, { timeout }, { id, body }, signal) {
  const withdraw = (onRetry) => client.withdraw(id, { within: REPORT_TIMEOUT, onRetry });
  const lease = new QuestionLease(
    (questionId, renewalSignal) => client.alive(questionId, { signal: renewalSignal })
  );
  try {
    const within = Math.min(ASK_TIMEOUT, timeout);
    await client.put(id, body, { signal, within, onRetry: rethrowIfRejected });
    lease.begin(id);
    const remaining = timeout - performance.now() / 1e3;
    let state = await client.waitFor(id, { signal, wait: Math.max(0, remaining) });
    if (state.status === "waiting") state = await withdraw();
    if (state.status === "waiting" || state.status === "withdrawn")
      throw new Undecided(`Nobody decided in Slack within ${timeout} s.`);
    if (state.status !== "answered") throw new QuestionClosed(id, state.status, state.reason);
    if (!state.answer) throw new Undecided("The answer is unknown.");
    return { id, answer: state.answer };
  } catch (error) {
    const isOver = error instanceof Undecided || error instanceof QuestionClosed;
    if (signal.aborted || !(isOver || error instanceof QuestionRejected))
      await withdraw(rethrow).catch(() => {
      });
    throw error;
  } finally {
    lease.end();
  }
}
async function endSession(options2, session) {
  try {
    const callOptions = { within: REPORT_TIMEOUT, onRetry: rethrowIfRejected };
    await openClient(options2).endRun(session, { state: "finished" }, callOptions);
    process.exitCode = 0;
  } catch (error) {
    console.error(describeUndecided(error));
    process.exitCode = EXIT_ERROR;
  }
}
function openClient({ config }) {
  return new CrewApprovals({
    ...requireBotAddress(readClientSettings(config, process.env), config),
    onRetry: () => {
    }
  });
}
function rethrow(failure) {
  throw failure;
}
function buildQuestionId() {
  return `hook-${randomUUID2()}`;
}
function describeFolder({ folder }) {
  if (folder === void 0 || folder.length > 1e3) return void 0;
  const writeUnit = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const escapedFolder = folder.replace(
    new RegExp("[\\p{C}\\p{Zl}\\p{Zp}`]|(?! )\\p{Zs}", "gu"),
    (character) => character.split("").map(writeUnit).join("")
  );
  return `In \`${escapedFolder}\``;
}
async function printDecision(event, decision, canPrompt) {
  const { kind, reason } = decision;
  if (kind === "prompt") console.error(reason);
  const printedDecision = kind === "prompt" && !canPrompt ? { kind: "deny", reason: `The tool was not run. ${reason}` } : decision;
  const error = await new Promise(
    (resolve3) => process.stdout.write(`${writeHookDecision(event, printedDecision)}
`, resolve3)
  );
  process.exitCode = error ? canPrompt && printedDecision.kind !== "deny" ? EXIT_ERROR : EXIT_BLOCK : 0;
  return !error;
}
function describeUndecided(error) {
  if (error instanceof Undecided) return error.message;
  if (error instanceof QuestionClosed) return "The question in Slack was closed without a decision.";
  if (error instanceof QuestionRejected) return `The bot rejected the question: ${error.message}`;
  if (error instanceof BotUnavailable && error.status === 401) return "The bot rejected the ask secret.";
  if (error instanceof BotUnavailable)
    return `The bot could not be asked: ${error.message.replace(/\.$/, "")}.`;
  return error instanceof Error ? error.message.split("\n")[0] ?? "" : "The hook failed.";
}
async function readStdin() {
  const chunks = [];
  let size = 0;
  let drained;
  try {
    for await (const chunk of process.stdin) {
      size += chunk.length;
      if (size <= LARGEST_PAYLOAD) chunks.push(chunk);
      else drained ??= setTimeout(() => process.stdin.destroy(), DRAIN_TIMEOUT * 1e3);
    }
  } catch {
    if (size <= LARGEST_PAYLOAD) return "";
  }
  clearTimeout(drained);
  if (size > LARGEST_PAYLOAD) return void 0;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return "";
  }
}
var USAGE, ASK_TIMEOUT, REPORT_TIMEOUT, PARENT_CHECK_INTERVAL, PARENT, LARGEST_PAYLOAD, DRAIN_TIMEOUT, EXIT_BLOCK, EXIT_ERROR, DIALOG_KINDS, Undecided, options;
var init_hook = __esm({
  async "src/clients/hook.ts"() {
    "use strict";
    init_bot_calls();
    init_client();
    init_client_settings();
    init_hook_decisions();
    init_hook_dialogs();
    init_hook_payloads();
    init_hook_settings();
    init_tool_calls();
    USAGE = `usage: crew-approvals hook [options]

Asks people in Slack about the tool that a coding agent wants to run. The agent runs it as a hook.

  --agent NAME         claude (the default), codex or gemini
  --config FILE        read the bot's address, the crew and the ask secret from FILE
  --timeout SECONDS    how long people have; the default is 570
  --no-prompt          deny what nobody decides, instead of leaving it to the agent's own prompt
  --questions          also ask the agent's own questions in Slack (Claude Code)
  --plans              also ask if the agent may carry out its plan (Claude Code)
  --forms              also ask for the values that MCP servers ask for (Claude Code)
  --print-config NAME  print the settings for claude, codex or gemini, with the other options`;
    ASK_TIMEOUT = 10;
    REPORT_TIMEOUT = 5;
    PARENT_CHECK_INTERVAL = 1;
    PARENT = process.ppid;
    LARGEST_PAYLOAD = 2 * 1048576;
    DRAIN_TIMEOUT = 5;
    EXIT_BLOCK = 2;
    EXIT_ERROR = 1;
    DIALOG_KINDS = Object.keys(DIALOGS);
    Undecided = class extends Error {
    };
    process.stdout.on("error", () => {
    });
    process.on("uncaughtException", (error) => {
      console.error(describeUndecided(error));
      process.exit(EXIT_BLOCK);
    });
    options = readHookOptions();
    if (options?.prints) printHookSettings(options);
    else if (options) {
      process.exitCode = options.noPrompt || !CODING_AGENTS[options.agent].canPrompt ? EXIT_BLOCK : EXIT_ERROR;
      await runHook(options).catch((error) => console.error(describeUndecided(error)));
      process.exit();
    }
  }
});

// src/clients/claude-plugin/plugin-hook.ts
init_hook_dialogs();
var DRAIN_TIMEOUT2 = 5;
var SETTINGS = ["BOT_URL", "CREW_NAME", "ASK_SECRET"];
var readOption = (name) => (process.env[`CLAUDE_PLUGIN_OPTION_${name}`] ?? "").trim();
var [, , part = ""] = process.argv;
var missing = SETTINGS.filter((name) => readOption(name) === "");
var isDialog = Object.hasOwn(DIALOGS, part);
if (isDialog && readOption(part.toUpperCase()) !== "true") await leave();
else if (missing.length > 0)
  await leave(
    `The plugin crew-approvals does not know ${missing.join(", ").toLowerCase()}, so it allows no tool: run /plugin configure crew-approvals@crew-approvals.`
  );
else {
  for (const name of SETTINGS) process.env[name] = readOption(name);
  const switches = isDialog ? [`--${part}`] : readOption("NO_PROMPT") === "true" ? ["--no-prompt"] : [];
  process.argv.splice(2, Infinity, ...switches);
  await init_hook().then(() => hook_exports);
}
async function leave(reason) {
  if (reason !== void 0) console.error(reason);
  process.exitCode = part === "tools" ? 2 : 0;
  setTimeout(() => process.exit(), DRAIN_TIMEOUT2 * 1e3).unref();
  for await (const _ of process.stdin) ;
}
