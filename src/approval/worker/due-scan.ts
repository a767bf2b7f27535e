import { RecordError } from '../../lib/errors.ts';
import { LEASE, unblockLanes } from '../lifecycle/lanes.ts';
import type { AlertOperators, ApprovalStore, Clock, Log } from '../ports.ts';
import { updateApproval } from '../update.ts';
import { limitTimes } from './clock-set-back.ts';
import { BLOCKED_FOR } from './steps.ts';

/** How often the store is asked: for what another process left, and what comes due later. */
export const SWEEP_EVERY = 5_000;
const SWEEP_PAGE = 200;
/** A fact this much later than now was recorded by a clock that has been set back since, in milliseconds. */
const CLOCK_AHEAD = 60_000;
/** Longer ago is a fault, in milliseconds. */
const SWEPT_WITHIN = 30_000;

/** Looks in the store, again and again, for approvals of which something is due. */
export function createDueSearch({
  sole,
  store,
  clock,
  log,
  alarm,
  checkRuns,
  clockReached = 0,
  look,
}: {
  sole: boolean;
  store: ApprovalStore;
  clock: Clock;
  log: Log;
  alarm: AlertOperators;
  /** Looks for runs of which something is to be told. Rejects with a StoreError. */
  checkRuns: () => Promise<void>;
  /** The latest time that the store's clock is known to have shown before the start, in milliseconds since 1970. */
  clockReached?: number | undefined;
  /** Called with each of them; never rejects. */
  look: (id: string) => Promise<void>;
}) {
  let stopped = false;
  let cancelSweep: (() => void) | undefined;
  let sweptAt: number | undefined;

  /** Each approval that has something due by then, a page at a time. */
  async function eachDue(until: number, work: (id: string) => Promise<void>): Promise<void> {
    let after: string | undefined;
    do {
      const page = await store.due(until, { limit: SWEEP_PAGE, ...(after === undefined ? {} : { after }) });
      for (const id of page.ids) await work(id);
      // Everything else goes on between two pages.
      await new Promise<void>((resolve) => clock.after(0, resolve));
      after = page.next;
    } while (after !== undefined && !stopped);
  }

  async function unblock(id: string): Promise<void> {
    try {
      if (await updateApproval(store, id, unblockLanes)) await look(id);
    } catch (error) {
      log.error({ approval: id, error }, 'an approval could not be looked at; tried again later');
    }
  }

  /** How far the clock had been ahead when all times were looked at last. */
  let correctedAt: number | undefined;

  /** Times that a clock recorded before it was set back are in the future now: nothing waits for them. */
  async function correctTimes(): Promise<void> {
    // Not everything that is recorded is a fact, such as a card that Slack did not take.
    const newest = Math.max((await store.newestFactAt()) ?? 0, clockReached);
    if (newest <= clock.now() + CLOCK_AHEAD || newest === correctedAt) return;
    log.warn({ aheadInMs: newest - clock.now() }, 'clock was set back; recorded times are corrected');
    alarm('clock', 'The clock was ahead and was set back: what was recorded meanwhile is carried out now.');
    await eachDue(Number.MAX_SAFE_INTEGER, async (id) => {
      try {
        await updateApproval(store, id, (approval) => limitTimes(approval, clock.now()));
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        log.error({ approval: id, error }, 'approval not readable');
      }
    });
    correctedAt = newest;
  }

  function sweepAgain(until: number): void {
    if (stopped) return;
    correctTimes()
      .then(() => eachDue(until, look))
      .then(checkRuns)
      .then(() => {
        sweptAt = clock.now();
      })
      .catch((error) => {
        log.error({ error }, 'the store could not be asked for what is due; asked again soon');
        alarm('store', 'The store cannot be read: nothing is carried out until it is back.');
      })
      .finally(() => {
        if (!stopped) cancelSweep = clock.after(SWEEP_EVERY, () => sweepAgain(clock.now()));
      });
  }

  /**
   * Begins with everything that is due, leases of a dead process on this store included. Beside it, what Slack had
   * refused becomes due: a start may be the sign that a person has mended it.
   */
  function start(): void {
    sweepAgain(clock.now() + (sole ? LEASE : 0));
    eachDue(clock.now() + BLOCKED_FOR, unblock).catch((error) =>
      log.error({ error }, 'what Slack had refused could not be asked for'),
    );
  }

  function stop(): void {
    stopped = true;
    cancelSweep?.();
  }

  /** What is wrong with it, in a sentence. */
  function fault(): string | undefined {
    if (sweptAt === undefined) return 'has not looked for what is due yet';
    const late = Math.round((clock.now() - sweptAt) / 1_000);
    return late * 1_000 > SWEPT_WITHIN ? `has not looked for what is due for ${late} s` : undefined;
  }

  return { start, stop, fault };
}
