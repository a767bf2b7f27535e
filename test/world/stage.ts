import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../src/approval/ports.ts';

/** An accident of a process at its n-th write or call from now, before or after the operation is carried out. */
export interface Fate {
  at: number;
  when: 'before' | 'after';
  /** Freezes the process for this many milliseconds; absent: the process dies. */
  freezeFor?: number;
}

/** A process of the bot, or the outside: Slack and CrewAI. */
export interface Actor {
  name: string;
  alive: boolean;
  frozen: boolean;
  fate?: Fate | undefined;
  /** Writes and calls of the process that were carried out, in order. */
  done: string[];
}

type Kind = 'read' | 'write' | 'call';

interface Waiting {
  actor: Actor;
  run: () => void;
}

interface Timer {
  at: number;
  actor: Actor;
  /** True for a scan of the store, which finds nothing while nothing is due. */
  idle: boolean;
  callback: () => void;
}

/** Delay between a worker's scans for due work, in milliseconds. Scans that would find nothing are skipped. */
const IDLE_TIMER = 5_000;
/** A drain with more operations than this would never end. */
const MAX_OPERATIONS = 50_000;
/** More timers than this at one moment would never end. */
const MAX_AT_ONCE = 1_000;
/** Turns of the event loop without an operation, after which the world counts as at rest. */
const IDLE_TURNS = 6;

/** Creates a source of numbers from 0 up to 1, 1 excluded. The same seed gives the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Called when an actor's fate is reached. */
interface Befalls {
  death: (actor: Actor) => void;
  freeze: (actor: Actor, milliseconds: number) => void;
}

/** Shared by all stages: on Node 20 each storage slows down every promise of the process forever. */
const running = new AsyncLocalStorage<{ stage: Stage; actor: Actor }>();

/**
 * Time and order of a world: every operation of every process waits here for its turn. `order`: 0 runs operations as
 * they came; another number shuffles them, the same way each time.
 */
export class Stage {
  readonly outside: Actor = { name: 'outside', alive: true, frozen: false, done: [] };
  readonly #random: () => number;
  #time: number;
  #timers: Timer[] = [];
  #waiting: Waiting[] = [];
  /** Timers that fell due in a process while it was frozen. */
  #held: Timer[] = [];
  readonly #order: number;
  readonly #befalls: Befalls;
  /** Finds the time of the store's next work. */
  readonly #dueAt: () => number | undefined;

  constructor(
    order: number,
    befalls: Befalls,
    dueAt: () => number | undefined,
    time = Date.UTC(2026, 10, 2, 12),
  ) {
    this.#time = time;
    this.#order = order;
    this.#random = seeded(order);
    this.#befalls = befalls;
    this.#dueAt = dueAt;
  }

  now = (): number => this.#time;

  /** Runs work as part of a process: calls and timers that it starts belong to that process. */
  as<T>(actor: Actor, work: () => T): T {
    return running.run({ stage: this, actor }, work);
  }

  actor(): Actor {
    const here = running.getStore();
    // Work that a former stage began and that still runs belongs to the outside.
    return here?.stage === this ? here.actor : this.outside;
  }

  after = (milliseconds: number, callback: () => void, actor = this.actor()): (() => void) => {
    const idle = milliseconds === IDLE_TIMER;
    const timer = { at: this.#time + Math.max(0, Math.ceil(milliseconds)), actor, idle, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#held = this.#held.filter((other) => other !== timer);
    };
  };

  clockOf = (actor: Actor): Clock => ({
    now: this.now,
    after: (milliseconds, callback) => this.after(milliseconds, () => this.as(actor, callback), actor),
  });

  /** Runs an operation of the running process. Carrying it out and telling the process are two steps. */
  operation<T>(
    kind: Kind,
    work: () => T | Promise<T>,
    { actor = this.actor(), name = kind as string } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deliverAnswer = (answer: () => void) => {
        if (kind === 'read' && !actor.frozen) answer();
        else this.#waiting.push({ actor, run: answer });
      };
      const run = () => {
        const fate = kind === 'read' ? undefined : takeFate(actor);
        const freezeFor = fate?.freezeFor;
        if (fate?.when === 'before') {
          if (freezeFor === undefined) return this.kill(actor);
          this.#waiting.push({ actor, run });
          return this.#befalls.freeze(actor, freezeFor);
        }
        const done = this.as(this.outside, () => startWork(work));
        // A killed process gets no answers anymore.
        done.catch(() => {});
        if (kind !== 'read' && actor !== this.outside) actor.done.push(name);
        if (fate) {
          if (freezeFor === undefined) return this.kill(actor);
          this.#befalls.freeze(actor, freezeFor);
        }
        done.then(
          (value) => deliverAnswer(() => resolve(value)),
          (error: unknown) => deliverAnswer(() => reject(error)),
        );
      };
      this.#waiting.push({ actor, run });
    });
  }

  kill(actor: Actor) {
    actor.alive = false;
    this.#befalls.death(actor);
  }

  /** Runs everything that does not wait for a timer. */
  async drain() {
    let idle = 0;
    for (let done = 0; done < MAX_OPERATIONS; done += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#waiting = this.#waiting.filter(({ actor }) => actor.alive);
      const ready = this.#waiting.filter(({ actor }) => !actor.frozen);
      if (ready.length === 0) {
        idle += 1;
        if (idle > IDLE_TURNS) return;
        continue;
      }
      idle = 0;
      const next = ready[this.#order === 0 ? 0 : Math.floor(this.#random() * ready.length)] as Waiting;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next.run();
    }
    throw new Error('it never comes to rest: an endless loop');
  }

  #fire(timer: Timer) {
    if (!timer.actor.alive) return;
    if (timer.actor.frozen) this.#held.push(timer);
    else timer.callback();
  }

  #fireDue() {
    const due = this.#timers.filter(({ at }) => at <= this.#time).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      // An earlier timer may have cancelled this one.
      if (!this.#timers.includes(timer)) continue;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#fire(timer);
    }
  }

  /** Advances time timer by timer, with everything that each timer starts. */
  async advance(milliseconds: number) {
    const until = this.#time + milliseconds;
    await this.drain();
    for (let timersAtOnce = 0; ; timersAtOnce += 1) {
      if (timersAtOnce > MAX_AT_ONCE)
        throw new Error('time stands still: a timer of 0 ms is set again and again');
      this.#timers = this.#timers.filter(({ actor }) => actor.alive);
      const due = Math.ceil(this.#dueAt() ?? Number.POSITIVE_INFINITY);
      const times = this.#timers.filter(({ idle }) => !idle || due <= this.#time).map(({ at }) => at);
      const next = Math.min(...times, due > this.#time ? due : Number.POSITIVE_INFINITY);
      if (next > until) break;
      if (next > this.#time) timersAtOnce = 0;
      this.#time = Math.max(this.#time, next);
      this.#fireDue();
      await this.drain();
    }
    this.#time = until;
  }

  /** Lets the whole machine stand still. Timers that fell due meanwhile are due now. */
  async jump(milliseconds: number) {
    await this.drain();
    this.#time += milliseconds;
    this.#fireDue();
    await this.drain();
  }

  thaw(actor: Actor) {
    actor.frozen = false;
    const heldTimers = this.#held.filter((timer) => timer.actor === actor);
    this.#held = this.#held.filter((timer) => timer.actor !== actor);
    for (const timer of heldTimers) this.#fire(timer);
  }
}

async function startWork<T>(work: () => T | Promise<T>): Promise<T> {
  return work();
}

function takeFate(actor: Actor): Fate | undefined {
  const { fate } = actor;
  if (!fate) return undefined;
  fate.at -= 1;
  if (fate.at > 0) return undefined;
  delete actor.fate;
  return fate;
}
