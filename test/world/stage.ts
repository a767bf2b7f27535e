import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../src/approval/ports.ts';

/** What befalls a process at its n-th write or call from now, before or after it is carried out. */
export interface Fate {
  at: number;
  when: 'before' | 'after';
  /** It stands still for this many milliseconds; absent: it dies. */
  freezeFor?: number;
}

/** A process of the bot, or Slack and CrewAI. */
export interface Actor {
  name: string;
  alive: boolean;
  frozen: boolean;
  fate?: Fate | undefined;
  /** Its writes and calls that were carried out, in order. */
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
  /** A look at the store that finds nothing while nothing is due. */
  idle: boolean;
  callback: () => void;
}

/** How often a worker scans the store for due work; scans that would find nothing are skipped. */
const IDLE_TIMER = 5_000;
/** A drain that takes more operations than this never ends. */
const MOST_OPERATIONS = 50_000;
/** More timers than this at one moment never end. */
const MOST_AT_ONCE = 1_000;
/** The event loop turns this often without an operation before the world counts as at rest. */
const IDLE_TURNS = 6;

/** Numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What happens when an actor's fate is reached. */
interface Befalls {
  death: (actor: Actor) => void;
  freeze: (actor: Actor, milliseconds: number) => void;
}

/** One for all stages: on Node 20 each storage slows down every promise of the process for ever. */
const running = new AsyncLocalStorage<{ stage: Stage; actor: Actor }>();

/**
 * Time and order: every operation of every process waits here for its turn. `order`: 0 takes operations as they came,
 * another number shuffles them, the same way each time.
 */
export class Stage {
  readonly outside: Actor = { name: 'outside', alive: true, frozen: false, done: [] };
  readonly #random: () => number;
  #time: number;
  #timers: Timer[] = [];
  #waiting: Waiting[] = [];
  /** What fell due in a process while it was frozen. */
  #held: Timer[] = [];
  readonly #order: number;
  readonly #befalls: Befalls;
  /** When the store next has work. */
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

  /** Runs work as a part of a process: its calls and timers are that process's from then on. */
  as<T>(actor: Actor, work: () => T): T {
    return running.run({ stage: this, actor }, work);
  }

  actor(): Actor {
    const here = running.getStore();
    // What a former stage began, and is still there, is outside.
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

  /** One operation of the running process. That it was carried out and that the process hears of it are two steps. */
  operation<T>(
    kind: Kind,
    work: () => T | Promise<T>,
    { actor = this.actor(), name = kind as string } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const hear = (answer: () => void) => {
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
        // A process that dies hears of nothing anymore.
        done.catch(() => {});
        if (kind !== 'read' && actor !== this.outside) actor.done.push(name);
        if (fate) {
          if (freezeFor === undefined) return this.kill(actor);
          this.#befalls.freeze(actor, freezeFor);
        }
        done.then(
          (value) => hear(() => resolve(value)),
          (error: unknown) => hear(() => reject(error)),
        );
      };
      this.#waiting.push({ actor, run });
    });
  }

  kill(actor: Actor) {
    actor.alive = false;
    this.#befalls.death(actor);
  }

  /** Lets everything run that waits for no timer. */
  async drain() {
    let idle = 0;
    for (let done = 0; done < MOST_OPERATIONS; done += 1) {
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
      // An earlier one may have cancelled it.
      if (!this.#timers.includes(timer)) continue;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#fire(timer);
    }
  }

  /** Moves on timer by timer, with everything that each starts. */
  async advance(milliseconds: number) {
    const until = this.#time + milliseconds;
    await this.drain();
    for (let still = 0; ; still += 1) {
      if (still > MOST_AT_ONCE) throw new Error('time stands still: a timer of 0 ms is set again and again');
      this.#timers = this.#timers.filter(({ actor }) => actor.alive);
      const due = Math.ceil(this.#dueAt() ?? Number.POSITIVE_INFINITY);
      const times = this.#timers.filter(({ idle }) => !idle || due <= this.#time).map(({ at }) => at);
      const next = Math.min(...times, due > this.#time ? due : Number.POSITIVE_INFINITY);
      if (next > until) break;
      if (next > this.#time) still = 0;
      this.#time = Math.max(this.#time, next);
      this.#fireDue();
      await this.drain();
    }
    this.#time = until;
  }

  /** The whole machine stood still: what fell due meanwhile is due now. */
  async jump(milliseconds: number) {
    await this.drain();
    this.#time += milliseconds;
    this.#fireDue();
    await this.drain();
  }

  thaw(actor: Actor) {
    actor.frozen = false;
    const mine = this.#held.filter((timer) => timer.actor === actor);
    this.#held = this.#held.filter((timer) => timer.actor !== actor);
    for (const timer of mine) this.#fire(timer);
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
