import type { Clock } from '../../../src/approval/ports.ts';

/** What befalls a process at its so many-th write or call from now, before or after it is carried out. */
export interface Fate {
  at: number;
  when: 'before' | 'after';
  /** It stands still for so many milliseconds; absent: it dies. */
  freezeFor?: number;
}

/** A process of the world. */
export interface Actor {
  name: string;
  alive: boolean;
  frozen: boolean;
  fate?: Fate | undefined;
}

type Kind = 'read' | 'write' | 'call' | 'answer';

interface Waiting {
  actor: Actor;
  run: () => void;
}

interface Timer {
  at: number;
  actor: Actor | undefined;
  /** A look at the store that finds nothing while nothing is due. */
  idle: boolean;
  callback: () => void;
}

/** How often a worker asks the store; nothing is lost by skipping those that find nothing. */
const IDLE_TIMER = 5_000;
/** A drain that takes more operations than this never ends. */
const MOST_OPERATIONS = 20_000;

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

/**
 * Time and order: every operation of every process waits here until it is its turn. `order`: 0 takes them as they
 * came, another number shuffles them, the same way each time.
 */
export function createStage(
  order: number,
  befalls: { death: (actor: Actor) => void; freeze: (actor: Actor, milliseconds: number) => void },
) {
  const nobody: Actor = { name: 'nobody', alive: true, frozen: false };
  const random = seeded(order);
  let time = 1_700_000_000_000;
  let timers: Timer[] = [];
  let waiting: Waiting[] = [];
  /** What fell due in a process while it was frozen. */
  let held: Timer[] = [];

  const now = () => time;

  function after(milliseconds: number, callback: () => void, actor?: Actor): () => void {
    const idle = actor !== undefined && milliseconds === IDLE_TIMER;
    const timer = { at: time + Math.max(0, milliseconds), actor, idle, callback };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
      held = held.filter((other) => other !== timer);
    };
  }

  /** The clock that one process sees. */
  const clockOf = (actor: Actor): Clock => ({
    now,
    after: (milliseconds, callback) => after(milliseconds, callback, actor),
  });

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => void after(milliseconds, () => resolve()));

  function enqueue(actor: Actor, run: () => void) {
    waiting.push({ actor, run });
  }

  function kill(actor: Actor) {
    actor.alive = false;
    befalls.death(actor);
  }

  function fateOf(actor: Actor, kind: Kind): Fate | undefined {
    const { fate } = actor;
    if (!fate || (kind !== 'write' && kind !== 'call')) return undefined;
    fate.at -= 1;
    if (fate.at > 0) return undefined;
    delete actor.fate;
    return fate;
  }

  /** One operation of a process. That it was carried out and that the process hears of it are two steps. */
  function operation<T>(actor: Actor, kind: Kind, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = () => {
        const fate = fateOf(actor, kind);
        const freezeFor = fate?.freezeFor;
        if (fate?.when === 'before') {
          if (freezeFor === undefined) return kill(actor);
          enqueue(actor, run);
          return befalls.freeze(actor, freezeFor);
        }
        let hear: () => void;
        try {
          const value = work();
          hear = () => resolve(value);
        } catch (error) {
          hear = () => reject(error);
        }
        if (fate && freezeFor === undefined) return kill(actor);
        if (kind === 'read' || kind === 'answer') hear();
        else enqueue(actor, hear);
        if (freezeFor !== undefined) befalls.freeze(actor, freezeFor);
      };
      enqueue(actor, run);
    });
  }

  /** Lets everything run that waits for no timer. */
  async function drain() {
    for (let done = 0; done < MOST_OPERATIONS; done += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      waiting = waiting.filter(({ actor }) => actor.alive);
      const ready = waiting.filter(({ actor }) => !actor.frozen);
      if (ready.length === 0) return;
      const next = ready[order === 0 ? 0 : Math.floor(random() * ready.length)] as Waiting;
      waiting.splice(waiting.indexOf(next), 1);
      next.run();
    }
    throw new Error('it never comes to rest: an endless loop');
  }

  function fire(timer: Timer) {
    if (timer.actor?.alive === false) return;
    if (timer.actor?.frozen) held.push(timer);
    else timer.callback();
  }

  function fireDue() {
    const due = timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      // An earlier one may have cancelled it.
      if (!timers.includes(timer)) continue;
      timers = timers.filter((other) => other !== timer);
      fire(timer);
    }
  }

  /** Moves on timer by timer. `dueAt`: when the store next has work; until then the idle looks at it are left out. */
  async function advance(milliseconds: number, dueAt?: () => number | undefined) {
    const until = time + milliseconds;
    await drain();
    for (;;) {
      timers = timers.filter(({ actor }) => actor?.alive !== false);
      const due = dueAt?.() ?? Number.POSITIVE_INFINITY;
      const skipIdle = dueAt !== undefined && due > time;
      const times = timers.filter(({ idle }) => !skipIdle || !idle).map(({ at }) => at);
      const next = Math.min(...times, skipIdle ? due : Number.POSITIVE_INFINITY);
      if (next > until) break;
      time = Math.max(time, next);
      fireDue();
      await drain();
    }
    time = until;
  }

  /** The whole machine stood still: what fell due meanwhile is due now. */
  async function jump(milliseconds: number) {
    await drain();
    time += milliseconds;
    fireDue();
    await drain();
  }

  function thaw(actor: Actor) {
    actor.frozen = false;
    const mine = held.filter((timer) => timer.actor === actor);
    held = held.filter((timer) => timer.actor !== actor);
    for (const timer of mine) fire(timer);
  }

  return { nobody, now, after, clockOf, sleep, enqueue, operation, drain, advance, jump, thaw };
}

export type Stage = ReturnType<typeof createStage>;
