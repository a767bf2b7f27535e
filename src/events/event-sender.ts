import type { App } from '../approval/app.ts';
import { maskUrl } from '../approval/model/crew/webhook-urls.ts';
import type { EventOutbox, Meter, PendingEvent } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { type EventOutcome, type Receiver, sendEvent } from './send-event.ts';

/** Interval between two looks for a receiver's events, in milliseconds. */
const SEND_INTERVAL = 1_000;
const PAGE_SIZE = 100;
/** Number of runs whose events are sent to one receiver at the same time. */
const RUNS_AT_ONCE = 8;
/** Lease of the process that sends a crew's events, in milliseconds. The process renews the lease after half of this time. */
const LEASE_TIME = 30_000;
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 60 * 60_000;
/** An event that its receiver has not accepted within this time is dropped, in milliseconds. */
const LONGEST_EVENT_AGE = 24 * 60 * 60_000;

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
  readonly #countDropped: Meter['eventDropped'];
  readonly #runBackoffs = new Map<string, Backoff>();
  #receiverBackoff: Backoff = { failures: 0, until: 0 };
  /** Time from `Retry-After`. Responses to calls that were already under way do not shorten it. */
  #notBefore = 0;
  #leasedUntil = 0;
  #claiming: Promise<boolean> | undefined;
  #cancelRound: (() => void) | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    app: SenderApp,
    crew: string,
    {
      receiver,
      outbox,
      countDropped,
    }: { receiver: Receiver; outbox: EventOutbox; countDropped: Meter['eventDropped'] },
  ) {
    this.#app = app;
    this.#crew = crew;
    this.#receiver = receiver;
    this.#outbox = outbox;
    this.#countDropped = countDropped;
  }

  start(): void {
    this.#cancelRound = this.#app.clock.after(SEND_INTERVAL, () => {
      this.#sending = this.#sendPending()
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
    this.#cancelRound?.();
    await this.#sending;
    if (this.#leasedUntil === 0) return;
    await this.#outbox
      .release(this.#crew, this.#app.name)
      .catch((error: unknown) =>
        this.#app.log.warn({ crew: this.#crew, error }, 'lease of events not released, it expires'),
      );
  }

  async #sendPending(): Promise<void> {
    const { clock } = this.#app;
    if (clock.now() < this.#waitsUntil()) return;
    let after: string | undefined;
    for (;;) {
      const page = await this.#outbox.pending(this.#crew, { after, limit: PAGE_SIZE });
      if (page.length === 0) return;
      const eventsByRun = new Map<string, PendingEvent[]>();
      for (const pending of page)
        eventsByRun.set(pending.run, [...(eventsByRun.get(pending.run) ?? []), pending]);
      const runs = [...eventsByRun.values()];
      for (let at = 0; at < runs.length; at += RUNS_AT_ONCE)
        await Promise.all(runs.slice(at, at + RUNS_AT_ONCE).map((events) => this.#sendRun(events)));
      if (this.#stopped || clock.now() < this.#waitsUntil() || page.length < PAGE_SIZE) return;
      after = page.at(-1)?.place;
    }
  }

  /** True if this process has the lease for long enough to send an event, which takes less than half of the lease. */
  async #claim(): Promise<boolean> {
    if (this.#leasedUntil - this.#app.clock.now() > LEASE_TIME / 2) return true;
    this.#claiming ??= this.#renew().finally(() => {
      this.#claiming = undefined;
    });
    return this.#claiming;
  }

  async #renew(): Promise<boolean> {
    const { clock, name, sole } = this.#app;
    const now = clock.now();
    const soleWorkerId = sole ? name : undefined;
    const isOurs = await this.#outbox.claim(this.#crew, {
      owner: name,
      now,
      duration: LEASE_TIME,
      soleWorkerId,
    });
    this.#leasedUntil = isOurs ? now + LEASE_TIME : 0;
    return isOurs;
  }

  async #sendRun(events: readonly PendingEvent[]): Promise<void> {
    const { clock } = this.#app;
    for (const pending of events) {
      const { run, event, place } = pending;
      if (this.#stopped || clock.now() < Math.max(this.#waitsUntil(), this.#runBackoffs.get(run)?.until ?? 0))
        return;
      if (!(await this.#claim())) return;
      const outcome = await sendEvent(this.#receiver, event, clock.now());
      const isOver = this.#recordOutcome(pending, outcome);
      if (!isOver) return;
      await this.#outbox.remove([place]);
    }
  }

  /** Records the outcome of an event. True if the event was accepted or is dropped. */
  #recordOutcome({ run, event }: PendingEvent, outcome: EventOutcome): boolean {
    const { clock, log } = this.#app;
    const logFields = { crew: this.#crew, event: event.id, type: event.type };
    if (outcome.kind !== 'unavailable') this.#receiverBackoff = { failures: 0, until: 0 };
    if (outcome.kind === 'accepted') {
      this.#runBackoffs.delete(run);
      return true;
    }
    const isLate = clock.now() - event.at > LONGEST_EVENT_AGE;
    if (outcome.kind === 'gone' || isLate) {
      this.#runBackoffs.delete(run);
      log.warn({ ...logFields, ...outcome }, 'event dropped');
      this.#countDropped(this.#crew);
      this.#app.alert({ kind: 'events_dropped', receiver: maskUrl(this.#receiver.url) });
      return true;
    }
    log.warn({ ...logFields, ...outcome }, 'event not accepted, retrying');
    if (outcome.kind === 'unavailable') {
      this.#receiverBackoff = increaseBackoff(this.#receiverBackoff, clock.now());
      this.#notBefore = Math.max(this.#notBefore, clock.now() + (outcome.later ?? 0));
    } else this.#runBackoffs.set(run, increaseBackoff(this.#runBackoffs.get(run), clock.now()));
    return false;
  }

  #waitsUntil(): number {
    return Math.max(this.#receiverBackoff.until, this.#notBefore);
  }
}

const DROP_INTERVAL = 60 * 60_000;

/**
 * Drops events older than a day of crews whose receiver was removed from the settings, since events may carry texts. A receiver
 * that accepts nothing loses its events after the same time. Runs now and each hour; returns a function that ends this.
 */
export function startDroppingUnclaimed(
  { clock, log }: SenderApp,
  crews: readonly string[],
  outbox: EventOutbox,
): () => void {
  return repeat(clock, DROP_INTERVAL, async () => {
    for (const crew of crews) {
      try {
        const dropped = await dropBefore(outbox, crew, clock.now() - LONGEST_EVENT_AGE);
        if (dropped > 0) log.warn({ crew, dropped }, 'events dropped: the crew has no EVENTS_URL any more');
      } catch (error) {
        log.error({ crew, error }, 'events not dropped, retrying in an hour');
      }
    }
  });
}

async function dropBefore(outbox: EventOutbox, crew: string, time: number): Promise<number> {
  let droppedCount = 0;
  let after: string | undefined;
  for (;;) {
    const page = await outbox.pending(crew, { after, limit: PAGE_SIZE });
    const oldEvents = page.filter(({ event }) => event.at < time);
    if (oldEvents.length > 0) await outbox.remove(oldEvents.map(({ place }) => place));
    droppedCount += oldEvents.length;
    if (page.length < PAGE_SIZE) return droppedCount;
    after = page.at(-1)?.place;
  }
}

function increaseBackoff(previous: Backoff | undefined, now: number): Backoff {
  const failures = (previous?.failures ?? 0) + 1;
  const duration = Math.min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF);
  return { failures, until: now + duration };
}
