import { IncomingMessage, type RequestListener } from 'node:http';
import perfHooks from 'node:perf_hooks';
import axios, { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import inject, { type DispatchFunc } from 'light-my-request';
import type { LocalServer } from '../../src/sandbox/crewai/server/local-server.ts';
import { type Actor, type Stage, seeded } from './stage.ts';

export interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Finds the server of a host at this moment; undefined: nobody listens. */
type Host = () => { app: RequestListener; actor: Actor } | undefined;

/** Timeouts, in milliseconds of the world: of Slack for an ack, CrewAI for a webhook, a program, and the bot. */
const PATIENCE = { ack: 3_000, webhook: 10_000, program: 40_000, bot: 8_000 };

/**
 * The network of a world: hosts with their own names. While it is installed, `fetch` and axios reach them without
 * sockets. Each request is an operation of the stage, by the process that makes it.
 */
export class Network {
  /** Requests held back while `holds` says so, oldest first. */
  readonly held: { sent: Sent; release: () => void }[] = [];
  holds: (sent: Sent) => boolean = () => false;
  /** Delay of the answer to a request, in milliseconds. */
  delays: (sent: Sent) => number = () => 0;
  /** Called with each request when it is made. */
  readonly requestWatchers: ((sent: Sent) => void)[] = [];
  /** Called with each request and its answer. */
  readonly watchers: ((sent: Sent, answer: Answered | undefined, by: Actor) => void)[] = [];
  readonly #hosts = new Map<string, Host>();
  readonly #open = new Set<{ actor: Actor; cut: () => void }>();
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Serves an app under a host name until the world ends. */
  serve =
    (host: string) =>
    async (app: RequestListener): Promise<LocalServer> => {
      this.#hosts.set(host, () => ({ app, actor: this.#stage.outside }));
      return { baseUrl: `http://${host}`, close: async () => {} };
    };

  balance(host: string, choose: Host): void {
    this.#hosts.set(host, choose);
  }

  /** Ends the requests to a killed process without an answer. */
  cut(actor: Actor): void {
    for (const request of this.#open) if (request.actor === actor) request.cut();
  }

  async #fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { method = 'GET', headers, body } = init;
    const fields = Object.fromEntries(new Headers(headers as HeadersInit));
    const answer = await this.request({
      url: String(input),
      method,
      headers: fields,
      body: body ? String(body) : undefined,
    });
    if (!answer) throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    return new Response(answer.body, answer);
  }

  async #axios(config: InternalAxiosRequestConfig) {
    const { url = '', method = 'get', data, headers } = config;
    const fields = Object.entries(headers.toJSON()).map(([name, value]) => [
      name.toLowerCase(),
      String(value),
    ]);
    const sent = { url, method: method.toUpperCase(), headers: Object.fromEntries(fields), body: data };
    const answer = await this.request(sent);
    if (!answer) throw new AxiosError('no answer', 'ECONNRESET', config);
    return { data: answer.body, status: answer.status, statusText: '', headers: answer.headers, config };
  }

  /** Makes a request as the running process; undefined if no answer came. */
  async request(sent: Sent): Promise<Answered | undefined> {
    const by = this.#stage.actor();
    for (const watch of this.requestWatchers) watch(sent);
    if (this.holds(sent)) await new Promise<void>((release) => this.held.push({ sent, release }));
    const { host, pathname } = new URL(sent.url);
    // Chosen here, so that simultaneous requests can reach different processes.
    const chosen = this.#hosts.get(host)?.();
    const answer = await this.#stage.operation('call', () => this.#reach(sent, chosen), { name: pathname });
    const delay = this.delays(sent);
    if (delay > 0) await new Promise<void>((arrive) => this.#stage.after(delay, arrive, by));
    for (const watch of this.watchers) watch(sent, answer, by);
    return answer;
  }

  async #reach(sent: Sent, chosen: ReturnType<Host>): Promise<Answered | undefined> {
    const { host, pathname } = new URL(sent.url);
    const reached = chosen?.actor.alive ? chosen : this.#hosts.get(host)?.();
    if (!reached) return undefined;
    const { app, actor } = reached;
    const botPatience = pathname.startsWith('/webhooks/')
      ? 'webhook'
      : pathname.startsWith('/crews/')
        ? 'program'
        : 'ack';
    const patience = PATIENCE[host === BOT_HOST ? botPatience : 'bot'];
    return new Promise((resolve) => {
      const cancel = this.#stage.after(patience, () => end(undefined), this.#stage.outside);
      const open = { actor, cut: () => end(undefined) };
      const end = (answer: Answered | undefined) => {
        cancel();
        this.#open.delete(open);
        resolve(answer);
      };
      this.#open.add(open);
      this.#stage.as(actor, () => dispatch(app, sent)).then(end, () => end(undefined));
    });
  }

  /**
   * Replaces `fetch`, the adapter of axios, and the clocks, timers and randomness of this Node process. Returns a
   * function that restores them.
   */
  install(): () => void {
    const { fetch, setTimeout, clearTimeout, setInterval } = globalThis;
    const { adapter } = axios.defaults;
    const { PerformanceObserver, monitorEventLoopDelay } = perfHooks;
    const stage = this.#stage;
    const wall = Date.now;
    const monotonic = performance.now;
    const chance = Math.random;
    const { timeout } = AbortSignal;
    const began = stage.now();
    const isPlayed = () => stage.actor() !== stage.outside;
    const wrapTimer = (cancel: () => void): NodeJS.Timeout => {
      const timer = { cancel, unref: () => timer, ref: () => timer, hasRef: () => false };
      return timer as unknown as NodeJS.Timeout;
    };
    Date.now = stage.now;
    performance.now = () => stage.now() - began;
    // The network itself ends a call that takes too long, by the played clock.
    AbortSignal.timeout = (milliseconds) =>
      isPlayed() ? new AbortController().signal : timeout(milliseconds);
    // A fixed seed: a history that is played again has the same delays after each failure.
    Math.random = seeded(1);
    globalThis.fetch = (input, init) => this.#fetch(input, init);
    axios.defaults.adapter = (config) => this.#axios(config);
    globalThis.setTimeout = ((
      callback: (...args: unknown[]) => void,
      milliseconds = 0,
      ...args: unknown[]
    ) =>
      isPlayed()
        ? wrapTimer(stage.after(milliseconds, () => callback(...args)))
        : setTimeout(callback, milliseconds, ...args)) as typeof setTimeout;
    globalThis.clearTimeout = ((timer?: NodeJS.Timeout & { cancel?: () => void }) =>
      timer?.cancel ? timer.cancel() : clearTimeout(timer)) as typeof clearTimeout;
    // Intervals of a process only measure stalls of a real event loop, so they never fire here.
    globalThis.setInterval = ((callback: () => void, milliseconds: number) =>
      isPlayed() ? wrapTimer(() => {}) : setInterval(callback, milliseconds)) as typeof setInterval;
    // Observers of the real process never end, and would keep each world in memory.
    Object.assign(perfHooks, { PerformanceObserver: IdleObserver, monitorEventLoopDelay: undefined });
    return () => {
      Object.assign(perfHooks, { PerformanceObserver, monitorEventLoopDelay });
      Object.assign(globalThis, { fetch, setTimeout, clearTimeout, setInterval });
      if (adapter) axios.defaults.adapter = adapter;
      Date.now = wall;
      performance.now = monotonic;
      Math.random = chance;
      AbortSignal.timeout = timeout;
    };
  }
}

class IdleObserver {
  observe() {}
}

/** The host of the bot, whichever of its processes answers. */
export const BOT_HOST = 'bot.test';
export const SLACK_HOST = 'slack.test';

async function dispatch(app: RequestListener, { url, method, headers, body }: Sent): Promise<Answered> {
  const response = await inject(app as DispatchFunc, {
    url,
    method: method as 'GET',
    headers,
    Request: IncomingMessage,
    ...(body === undefined ? {} : { payload: body }),
  });
  const fields = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return { status: response.statusCode, headers: Object.fromEntries(fields), body: response.payload };
}
