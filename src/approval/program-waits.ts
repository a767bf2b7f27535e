import { createGiveWay } from '../lib/time.ts';
import type { App } from './app.ts';
import type { Approval } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import type { Stored } from './ports.ts';
import { describeQuestion, type QuestionLookup, readQuestions } from './questions.ts';
import { countFetchableStarts, fetchStart, type ProgramStart } from './starts/program-starts.ts';

/** Most requests of one crew that wait for answers in this process, and most that wait for starts. */
const MAX_WAITS = 64;
/** Pause between two reads of all that requests wait for, in milliseconds: other replicas record answers and starts, too. */
const READ_INTERVAL = 1_000;

/** Number of approvals that are read in one turn of the event loop. */
const READ_AT_ONCE = 100;
/** Time without a poll after which a question is no longer read for its pollers, in milliseconds. */
const POLLED_FOR = 30_000;

/** A waiting question whose state programs poll. */
interface Polled {
  id: string;
  approvalId: string;
  state: QuestionLookup;
  polledAt: number;
}

interface Wait {
  crew: string;
  /** Ids of the approvals of the questions, by question id. Undefined: the request waits for a start. */
  approvals: ReadonlyMap<string, string> | undefined;
  ended: Promise<void>;
  end: () => void;
}

type WaitApp = Pick<App, 'store' | 'clock' | 'log'>;

/**
 * Requests of programs that wait until one of their questions is answered or closed, or until there is a start. A record from
 * this process ends their wait at once. One read per second, for all requests, finds what other replicas recorded.
 */
export class ProgramWaits {
  readonly #app: WaitApp;
  readonly #waits = new Set<Wait>();
  readonly #polled = new Map<string, Polled>();
  readonly #countByKind = new Map<string, number>();
  readonly #giveWay = createGiveWay();
  /** Approvals by id, as last read. */
  #lastRead: ReadonlyMap<string, Stored<Approval>> = new Map();
  #cancelTick: (() => void) | undefined;
  #closed = false;

  constructor(app: WaitApp) {
    this.#app = app;
  }

  /**
   * Reads questions once one of them no longer waits for an answer, or after this many milliseconds. Reads them at once if too
   * many requests wait already. Rejects with a StoreError.
   */
  readQuestions(
    crew: Crew,
    ids: readonly string[],
    milliseconds: number,
    disconnect: AbortSignal,
  ): Promise<QuestionLookup[]> {
    return this.#limit(`question ${crew.name}`, async (mayWait) => {
      const states = await this.#read(crew, ids);
      const isOver = states.some(({ status }) => status !== 'waiting');
      if (isOver || !mayWait || milliseconds <= 0 || this.#closed || disconnect.aborted) return states;
      const pointers = await Promise.all(ids.map((id) => this.#app.store.question(crew.name, id)));
      const approvals = new Map(
        ids.flatMap((id, at) => (pointers[at] ? [[id, pointers[at].record] as const] : [])),
      );
      const wait = this.#addWait({ crew: crew.name, approvals }, milliseconds, disconnect);
      try {
        // A change since the first read has ended no wait, and the tick may know it already.
        const newStates = await this.#read(crew, ids);
        if (newStates.some(({ status }) => status !== 'waiting')) return newStates;
        await wait.ended;
      } finally {
        wait.end();
      }
      return readQuestions(this.#app, crew, ids);
    });
  }

  /**
   * Returns the state of a question that is read every few seconds. It may be a second old: all such questions are read together.
   * Rejects with a StoreError.
   */
  async pollQuestion(crew: Crew, id: string): Promise<QuestionLookup> {
    const key = JSON.stringify([crew.name, id]);
    const polled = this.#polled.get(key);
    if (polled) {
      polled.polledAt = this.#app.clock.now();
      return polled.state;
    }
    const pointer = await this.#app.store.question(crew.name, id);
    const state = await this.#readOne(crew, id);
    if (state.status !== 'waiting' || !pointer || this.#closed) return state;
    this.#polled.set(key, { id, approvalId: pointer.record, state, polledAt: this.#app.clock.now() });
    this.#tickLater();
    // The tick may know a change since the first read already.
    const newState = await this.#readOne(crew, id);
    if (newState.status !== 'waiting') this.#polled.delete(key);
    return newState;
  }

  async #readOne(crew: Crew, id: string): Promise<QuestionLookup> {
    const [state = { id, status: 'unknown' as const }] = await this.#read(crew, [id]);
    return state;
  }

  /**
   * Fetches a start once there is one; undefined: none after this many milliseconds, or at once if too many requests wait.
   * Rejects with a StoreError.
   */
  fetchStart(crew: Crew, milliseconds: number, disconnect: AbortSignal): Promise<ProgramStart | undefined> {
    const { clock } = this.#app;
    const until = clock.now() + milliseconds;
    return this.#limit(`start ${crew.name}`, async (mayWait) => {
      for (;;) {
        // A program that has disconnected would not carry out the start.
        const start = disconnect.aborted ? undefined : await fetchStart(this.#app, crew);
        const timeLeft = until - clock.now();
        if (start || timeLeft <= 0 || !mayWait || this.#closed || disconnect.aborted) return start;
        await this.#addWait({ crew: crew.name, approvals: undefined }, timeLeft, disconnect).ended;
      }
    });
  }

  /** Called with each approval that was stored here, or that a read found changed. */
  heard(approval: Approval): void {
    for (const wait of [...this.#waits])
      for (const [id, approvalId] of wait.approvals ?? [])
        if (approvalId === approval.id && describeQuestion(approval, id).status !== 'waiting') wait.end();
    // The next poll reads the question itself.
    for (const [key, { id, approvalId }] of this.#polled)
      if (approvalId === approval.id && describeQuestion(approval, id).status !== 'waiting')
        this.#polled.delete(key);
  }

  /** Called when starts of a crew were recorded here, or found by a read. */
  startReported(crew: string, count = 1): void {
    const waiting = [...this.#waits].filter((wait) => wait.crew === crew && !wait.approvals);
    for (const wait of waiting.slice(0, count)) wait.end();
  }

  /** Ends all waits: each request is answered with the present state. */
  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    for (const wait of [...this.#waits]) wait.end();
  }

  /** Reads questions in a turn of the event loop of their own: of many requests that come at once, a click waits for one only. */
  async #read(crew: Crew, ids: readonly string[]): Promise<QuestionLookup[]> {
    await this.#giveWay();
    return readQuestions(this.#app, crew, ids);
  }

  /** Runs work and tells it if it may wait: fewer than the limit of its kind are under way. */
  async #limit<T>(kind: string, work: (mayWait: boolean) => Promise<T>): Promise<T> {
    const underWayCount = this.#countByKind.get(kind) ?? 0;
    this.#countByKind.set(kind, underWayCount + 1);
    try {
      return await work(underWayCount < MAX_WAITS);
    } finally {
      this.#countByKind.set(kind, (this.#countByKind.get(kind) ?? 1) - 1);
    }
  }

  #addWait(target: Pick<Wait, 'crew' | 'approvals'>, milliseconds: number, disconnect: AbortSignal): Wait {
    let resolve = () => {};
    const ended = new Promise<void>((end) => {
      resolve = end;
    });
    const wait: Wait = {
      ...target,
      ended,
      end: () => {
        this.#waits.delete(wait);
        cancel();
        disconnect.removeEventListener('abort', wait.end);
        resolve();
      },
    };
    const cancel = this.#app.clock.after(milliseconds, wait.end);
    disconnect.addEventListener('abort', wait.end);
    this.#waits.add(wait);
    if (this.#closed || disconnect.aborted) wait.end();
    else this.#tickLater();
    return wait;
  }

  #tickLater(): void {
    this.#cancelTick ??= this.#app.clock.after(READ_INTERVAL, () => void this.#tick());
  }

  /** Reads once for all waits. */
  async #tick(): Promise<void> {
    try {
      await this.#readApprovals();
      const crews = new Set([...this.#waits].flatMap(({ crew, approvals }) => (approvals ? [] : [crew])));
      for (const crew of crews) this.startReported(crew, await countFetchableStarts(this.#app, crew));
    } catch (error) {
      this.#app.log.error({ error }, 'answers and starts not read, retrying');
    }
    this.#cancelTick = undefined;
    if (this.#waits.size + this.#polled.size > 0 && !this.#closed) this.#tickLater();
    else this.#lastRead = new Map();
  }

  async #readApprovals(): Promise<void> {
    const now = this.#app.clock.now();
    for (const [key, { polledAt }] of this.#polled) if (now - polledAt > POLLED_FOR) this.#polled.delete(key);
    const ids = new Set([
      ...[...this.#waits].flatMap(({ approvals }) => [...(approvals?.values() ?? [])]),
      ...[...this.#polled.values()].map(({ approvalId }) => approvalId),
    ]);
    const approvals = await this.#readTogether([...ids]);
    for (const { record, raw } of approvals)
      if (this.#lastRead.get(record.id)?.raw !== raw) this.heard(record);
    this.#lastRead = new Map(approvals.map((stored) => [stored.record.id, stored]));
    for (const [key, { approvalId }] of this.#polled)
      if (ids.has(approvalId) && !this.#lastRead.has(approvalId)) this.#polled.delete(key);
  }

  /** Reads approvals in groups, each in a turn of the event loop of its own: a click must not wait for hundreds of them. */
  async #readTogether(ids: readonly string[]): Promise<Stored<Approval>[]> {
    const approvals: Stored<Approval>[] = [];
    for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
      if (at > 0) await this.#giveWay();
      approvals.push(...(await this.#app.store.approvals(ids.slice(at, at + READ_AT_ONCE), this.#lastRead)));
    }
    return approvals;
  }
}
