import type { App } from '../approval/app.ts';
import { maskUrl } from '../approval/model/crew/webhook-urls.ts';
import type { EventOutbox, Meter, PendingEvent } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { type EventOutcome, type Receiver, sendEvent } from './send-event.ts';

/** Interval between two looks for a receiver's events, in milliseconds. */
const SENT_EVERY = 1_000;
const PAGE = 100;
/** Number of runs whose events are sent to one receiver at the same time. */
const SENT_AT_ONCE = 8;
/** Lease of the process that sends a crew's events, in milliseconds. The process renews the lease after half of this time. */
const SENDS_FOR = 30_000;
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 60 * 60_000;
/** An event that its receiver has not accepted within this time is dropped, in milliseconds. */
const DROPPED_AFTER = 24 * 60 * 60_000;

type SenderApp = Pick<App, 'name' | 'sole' | 'clock' | 'log' | 'alert'>;

/** A wait that doubles with each failure. */
interface Backoff {
  failures: number;
  until: number;
}

/**
 * Sends the events of one crew to its receiver: at least once, and the events of one run in order. A run whose event is rejected
 * waits alone; a receiver that is down does not delay other receivers.
 */
export class EventSender {
  readonly #app: SenderApp;
  readonly #crew: string;
  readonly #receiver: Receiver;
  readonly #outbox: EventOutbox;
  readonly #dropped: Meter['eventDropped'];
  readonly #runs = new Map<string, Backoff>();
  #down: Backoff = { failures: 0, until: 0 };
  /** Time from `Retry-After`. Responses to calls that were already under way do not shorten it. */
  #notBefore = 0;
  #leasedUntil = 0;
  #claiming: Promise<boolean> | undefined;
  #cancel: (() => void) | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    app: SenderApp,
    crew: string,
    {
      receiver,
      outbox,
      dropped,
    }: { receiver: Receiver; outbox: EventOutbox; dropped: Meter['eventDropped'] },
  ) {
    this.#app = app;
    this.#crew = crew;
    this.#receiver = receiver;
    this.#outbox = outbox;
    this.#dropped = dropped;
  }

  start(): void {
    this.#cancel = this.#app.clock.after(SENT_EVERY, () => {
      this.#sending = this.#round()
        .catch((error: unknown) =>
          this.#app.log.error({ crew: this.#crew, error }, 'events not read, retrying'),
        )
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    });
  }

  /** Waits for the events that are being sent. Then another process can send at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#sending;
    if (this.#leasedUntil === 0) return;
    await this.#outbox
      .release(this.#crew, this.#app.name)
      .catch((error: unknown) =>
        this.#app.log.warn({ crew: this.#crew, error }, 'lease of events not released, it expires'),
      );
  }

  async #round(): Promise<void> {
    const { clock } = this.#app;
    if (clock.now() < this.#restsUntil()) return;
    let after: string | undefined;
    for (;;) {
      const page = await this.#outbox.pending(this.#crew, { after, limit: PAGE });
      if (page.length === 0) return;
      const byRun = new Map<string, PendingEvent[]>();
      for (const pending of page) byRun.set(pending.run, [...(byRun.get(pending.run) ?? []), pending]);
      const runs = [...byRun.values()];
      for (let at = 0; at < runs.length; at += SENT_AT_ONCE)
        await Promise.all(runs.slice(at, at + SENT_AT_ONCE).map((events) => this.#sendRun(events)));
      if (this.#stopped || clock.now() < this.#restsUntil() || page.length < PAGE) return;
      after = page.at(-1)?.place;
    }
  }

  /** True if this process has the lease for long enough to send an event, which takes less than half of the lease. */
  async #claim(): Promise<boolean> {
    if (this.#leasedUntil - this.#app.clock.now() > SENDS_FOR / 2) return true;
    this.#claiming ??= this.#renew().finally(() => {
      this.#claiming = undefined;
    });
    return this.#claiming;
  }

  async #renew(): Promise<boolean> {
    const { clock, name, sole } = this.#app;
    const now = clock.now();
    const soleWorker = sole ? name : undefined;
    const isOurs = await this.#outbox.claim(this.#crew, {
      owner: name,
      now,
      duration: SENDS_FOR,
      soleWorker,
    });
    this.#leasedUntil = isOurs ? now + SENDS_FOR : 0;
    return isOurs;
  }

  async #sendRun(events: readonly PendingEvent[]): Promise<void> {
    const { clock } = this.#app;
    for (const pending of events) {
      const { run, event, place } = pending;
      if (this.#stopped || clock.now() < Math.max(this.#restsUntil(), this.#runs.get(run)?.until ?? 0))
        return;
      if (!(await this.#claim())) return;
      const outcome = await sendEvent(this.#receiver, event, clock.now());
      const isOver = this.#learn(pending, outcome);
      if (!isOver) return;
      await this.#outbox.remove([place]);
    }
  }

  /** Records the outcome of an event. True if the event was accepted or is dropped. */
  #learn({ run, event }: PendingEvent, outcome: EventOutcome): boolean {
    const { clock, log } = this.#app;
    const logFields = { crew: this.#crew, event: event.id, type: event.type };
    if (outcome.kind !== 'unavailable') this.#down = { failures: 0, until: 0 };
    if (outcome.kind === 'accepted') {
      this.#runs.delete(run);
      return true;
    }
    const isLate = clock.now() - event.at > DROPPED_AFTER;
    if (outcome.kind === 'gone' || isLate) {
      this.#runs.delete(run);
      log.warn({ ...logFields, ...outcome }, 'event dropped');
      this.#dropped(this.#crew);
      this.#app.alert({ kind: 'events_dropped', receiver: maskUrl(this.#receiver.url) });
      return true;
    }
    log.warn({ ...logFields, ...outcome }, 'event not accepted, retrying');
    if (outcome.kind === 'unavailable') {
      this.#down = wait(this.#down, clock.now());
      this.#notBefore = Math.max(this.#notBefore, clock.now() + (outcome.later ?? 0));
    } else this.#runs.set(run, wait(this.#runs.get(run), clock.now()));
    return false;
  }

  #restsUntil(): number {
    return Math.max(this.#down.until, this.#notBefore);
  }
}

const LOOKED_FOR_EVERY = 60 * 60_000;

/**
 * Drops events older than a day of crews whose receiver was removed from the settings, since events may carry texts. A receiver
 * that accepts nothing loses its events after the same time. Runs now and each hour; returns a function that ends this.
 */
export function startDroppingUnclaimed(
  { clock, log }: SenderApp,
  crews: readonly string[],
  outbox: EventOutbox,
): () => void {
  return repeat(clock, LOOKED_FOR_EVERY, async () => {
    for (const crew of crews) {
      try {
        const dropped = await dropBefore(outbox, crew, clock.now() - DROPPED_AFTER);
        if (dropped > 0) log.warn({ crew, dropped }, 'events dropped: the crew has no EVENTS_URL any more');
      } catch (error) {
        log.error({ crew, error }, 'events not dropped, retrying in an hour');
      }
    }
  });
}

async function dropBefore(outbox: EventOutbox, crew: string, time: number): Promise<number> {
  let dropped = 0;
  let after: string | undefined;
  for (;;) {
    const page = await outbox.pending(crew, { after, limit: PAGE });
    const old = page.filter(({ event }) => event.at < time);
    if (old.length > 0) await outbox.remove(old.map(({ place }) => place));
    dropped += old.length;
    if (page.length < PAGE) return dropped;
    after = page.at(-1)?.place;
  }
}

function wait(before: Backoff | undefined, now: number): Backoff {
  const failures = (before?.failures ?? 0) + 1;
  const backoff = Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF);
  return { failures, until: now + backoff };
}
