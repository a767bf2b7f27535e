import { createGiveWay } from '../lib/time.ts';
import type { App } from './app.ts';
import type { Approval } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import { describeQuestion, type KnownQuestion, readQuestions } from './questions.ts';
import { countFetchableStarts, fetchStart, type ProgramStart } from './starts/program-starts.ts';

/** Most requests of one crew that wait for answers here, and most that wait for starts. */
const MOST_WAITS = 64;
/** Other replicas record answers and starts too: all that is waited for is read so often, in milliseconds. */
const READ_EVERY = 1_000;

interface Wait {
  crew: string;
  /** By question: the approval that it is of, as it was read last. Undefined: a start is waited for. */
  approvals: ReadonlyMap<string, string> | undefined;
  over: Promise<void>;
  end: () => void;
}

type WaitApp = Pick<App, 'store' | 'clock' | 'log'>;

/**
 * All requests of programs that wait: until one of their questions is answered or closed, or until there is a start. What is
 * recorded here ends them at once, and one read a second finds what other replicas recorded, however many wait.
 */
export class ProgramWaits {
  readonly #app: WaitApp;
  readonly #waits = new Set<Wait>();
  readonly #underWay = new Map<string, number>();
  readonly #giveWay = createGiveWay();
  /** Approvals by id, as they were read last. */
  #known = new Map<string, string>();
  #cancelTick: (() => void) | undefined;
  #closed = false;

  constructor(app: WaitApp) {
    this.#app = app;
  }

  /**
   * The questions, once one of them does not wait for an answer any more, or after so many milliseconds. At once where too
   * many wait already. Rejects with a StoreError.
   */
  readQuestions(
    crew: Crew,
    ids: readonly string[],
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<KnownQuestion[]> {
    return this.#limit(`question ${crew.name}`, async (mayWait) => {
      const states = await this.#read(crew, ids);
      const isOver = states.some(({ status }) => status !== 'waiting');
      if (isOver || !mayWait || milliseconds <= 0 || this.#closed || gone.aborted) return states;
      const pointers = await Promise.all(ids.map((id) => this.#app.store.question(crew.name, id)));
      const approvals = new Map(
        ids.flatMap((id, at) => (pointers[at] ? [[id, pointers[at].record] as const] : [])),
      );
      const wait = this.#addWait({ crew: crew.name, approvals }, milliseconds, gone);
      try {
        // What was recorded since the first read has ended no wait, and may be known to the tick.
        const again = await this.#read(crew, ids);
        if (again.some(({ status }) => status !== 'waiting')) return again;
        await wait.over;
      } finally {
        wait.end();
      }
      return readQuestions(this.#app, crew, ids);
    });
  }

  /** A start, once there is one, or undefined after so many milliseconds; at once where too many wait. Rejects with a StoreError. */
  fetchStart(crew: Crew, milliseconds: number, gone: AbortSignal): Promise<ProgramStart | undefined> {
    const { clock } = this.#app;
    const until = clock.now() + milliseconds;
    return this.#limit(`start ${crew.name}`, async (mayWait) => {
      for (;;) {
        // A program that is gone would not carry it out.
        const start = gone.aborted ? undefined : await fetchStart(this.#app, crew);
        const left = until - clock.now();
        if (start || left <= 0 || !mayWait || this.#closed || gone.aborted) return start;
        await this.#addWait({ crew: crew.name, approvals: undefined }, left, gone).over;
      }
    });
  }

  /** Called with each approval that was stored here. */
  heard(approval: Approval): void {
    for (const wait of [...this.#waits])
      for (const [id, of] of wait.approvals ?? [])
        if (of === approval.id && describeQuestion(approval, id).status !== 'waiting') wait.end();
  }

  /** Called when a start of a crew was recorded here; with its number when there are several. */
  heardStart(crew: string, count = 1): void {
    const waiting = [...this.#waits].filter((wait) => wait.crew === crew && !wait.approvals);
    for (const wait of waiting.slice(0, count)) wait.end();
  }

  /** Ends all waits: each is answered as it is. */
  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    for (const wait of [...this.#waits]) wait.end();
  }

  /** Many that come at once take a turn of the event loop each: a click waits for one of them only. */
  async #read(crew: Crew, ids: readonly string[]): Promise<KnownQuestion[]> {
    await this.#giveWay(() => {});
    return readQuestions(this.#app, crew, ids);
  }

  /** Each is told whether it may wait: whether fewer of its kind are being answered. */
  async #limit<T>(of: string, work: (mayWait: boolean) => Promise<T>): Promise<T> {
    const before = this.#underWay.get(of) ?? 0;
    this.#underWay.set(of, before + 1);
    try {
      return await work(before < MOST_WAITS);
    } finally {
      this.#underWay.set(of, (this.#underWay.get(of) ?? 1) - 1);
    }
  }

  #addWait(about: Pick<Wait, 'crew' | 'approvals'>, milliseconds: number, gone: AbortSignal): Wait {
    let resolve = () => {};
    const over = new Promise<void>((end) => {
      resolve = end;
    });
    const wait: Wait = {
      ...about,
      over,
      end: () => {
        this.#waits.delete(wait);
        cancel();
        gone.removeEventListener('abort', wait.end);
        resolve();
      },
    };
    const cancel = this.#app.clock.after(milliseconds, wait.end);
    gone.addEventListener('abort', wait.end);
    this.#waits.add(wait);
    if (this.#closed || gone.aborted) wait.end();
    else this.#tickLater();
    return wait;
  }

  #tickLater(): void {
    this.#cancelTick ??= this.#app.clock.after(READ_EVERY, () => void this.#tick());
  }

  /** One read for all waits. */
  async #tick(): Promise<void> {
    try {
      await this.#readApprovals();
      const crews = new Set([...this.#waits].flatMap(({ crew, approvals }) => (approvals ? [] : [crew])));
      for (const crew of crews) this.heardStart(crew, await countFetchableStarts(this.#app, crew));
    } catch (error) {
      this.#app.log.error({ error }, 'answers and starts not read, retrying');
    }
    this.#cancelTick = undefined;
    if (this.#waits.size > 0 && !this.#closed) this.#tickLater();
    else this.#known.clear();
  }

  async #readApprovals(): Promise<void> {
    const ids = new Set([...this.#waits].flatMap(({ approvals }) => [...(approvals?.values() ?? [])]));
    const known = new Map(
      [...ids].flatMap((id) => {
        const raw = this.#known.get(id);
        return raw === undefined ? [] : [[id, raw] as const];
      }),
    );
    const read = ids.size > 0 ? await this.#app.store.approvals([...ids]) : [];
    for (const { record, raw } of read) {
      if (known.get(record.id) === raw) continue;
      known.set(record.id, raw);
      this.heard(record);
    }
    this.#known = known;
  }
}
