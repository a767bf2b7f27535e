import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { reportUnseenPauses } from '../intake/unseen-pauses.ts';
import { LEASE } from '../lifecycle/lanes.ts';
import { sendNotices } from './absence-notices.ts';
import { BLOCKED_FOR } from './slack-steps.ts';
import type { Work, Workable, WorkStep } from './work.ts';

/** Pause between scans, in milliseconds. A scan finds steps that another process left and steps that have become due. */
export const SWEEP_EVERY = 5_000;
/** Number of records after which the scan yields to the event loop. */
const GIVES_WAY_EVERY = 200;
/**
 * Wait after the clock was set back, in milliseconds. By then every replica has read it, and the leases taken meanwhile are over.
 */
const CLOCK_KNOWN_AFTER = 60_000;
/** Longest time since the last scan before the scan counts as failing, in milliseconds. */
const SWEPT_WITHIN = 30_000;

/** Runner of one kind of record, as the scan uses it. */
interface Scanned {
  work: Pick<Work<Workable, WorkStep>, 'list'>;
  check(id: string): Promise<void>;
  unblock(id: string, channel: string | undefined): Promise<void>;
  extendLeases(): void;
}

/** Scans the store for due records, again and again. */
export class DueScan {
  private readonly app: App;
  private readonly scanned: readonly Scanned[];
  private stopped = false;
  private cancelSweep: (() => void) | undefined;
  private sweptAt: number | undefined;
  private failed = false;
  /** When to look at all records next: those recorded before the clock was set back are listed under times far ahead. */
  private allLookedAtFrom = Number.NEGATIVE_INFINITY;

  constructor(app: App, scanned: readonly Scanned[]) {
    this.app = app;
    this.scanned = scanned;
  }

  /** Runs `work` for each record that is due by then. */
  private async eachDue(until: number, work: (of: Scanned, id: string) => Promise<void>): Promise<void> {
    for (const of of this.scanned) {
      let looked = 0;
      for await (const { id } of eachEntry(this.app.store, of.work.list, 'all', { until })) {
        if (this.stopped) return;
        await work(of, id);
        looked += 1;
        // Let the process answer clicks in between.
        if (looked % GIVES_WAY_EVERY === 0) await sleep(this.app.clock, 0);
      }
    }
  }

  /** Looks at all records, after the start and after the clock was set back. Not part of a scan: there may be many. */
  private checkAll(): void {
    if (this.app.clock.now() < this.allLookedAtFrom) return;
    this.allLookedAtFrom = Number.POSITIVE_INFINITY;
    this.eachDue(Number.MAX_SAFE_INTEGER, (of, id) => of.check(id)).catch((error) => {
      if (this.stopped) return;
      this.app.log.error({ error }, 'not all records were looked at, retrying');
      this.allLookedAtFrom = Number.NEGATIVE_INFINITY;
    });
  }

  private sweepAgain(until: number): void {
    if (this.stopped) return;
    const now = this.app.clock.now();
    if (now < (this.sweptAt ?? now)) this.allLookedAtFrom = now + CLOCK_KNOWN_AFTER;
    const storeIsBack = () => {
      if (this.failed) for (const of of this.scanned) of.extendLeases();
      this.failed = false;
    };
    this.eachDue(until, (of, id) => {
      storeIsBack();
      return of.check(id);
    })
      .then(storeIsBack)
      .then(() => reportUnseenPauses(this.app))
      .then(() => {
        sendNotices(this.app);
        this.sweptAt = this.app.clock.now();
        this.checkAll();
      })
      .catch((error) => {
        this.app.log.error({ error }, 'due scan failed, retrying');
        this.app.alert({ kind: 'store_failed', operation: 'read' });
        this.failed = true;
      })
      .finally(() => {
        if (!this.stopped)
          this.cancelSweep = this.app.clock.after(SWEEP_EVERY, () => this.sweepAgain(this.app.clock.now()));
      });
  }

  /**
   * Starts scanning. On a store for one process, the first scan includes records leased by a process that no longer runs. Blocked
   * records become due, too: a restart may mean that a person has fixed the cause.
   */
  start(): void {
    this.sweepAgain(this.app.clock.now() + (this.app.sole ? LEASE : 0));
    this.unblock();
  }

  /** Makes records due that Slack had blocked, in one channel or in all. */
  unblock(channel?: string): void {
    this.eachDue(this.app.clock.now() + BLOCKED_FOR, (of, id) => of.unblock(id, channel)).catch((error) =>
      this.app.log.error({ channel, error }, 'what Slack had blocked was not scanned'),
    );
  }

  stop(): void {
    this.stopped = true;
    this.cancelSweep?.();
  }

  /** Describes what is wrong with the scan; undefined: nothing. */
  fault(): string | undefined {
    if (this.sweptAt === undefined) return 'has not looked for what is due yet';
    const late = Math.round((this.app.clock.now() - this.sweptAt) / 1_000);
    return late * 1_000 > SWEPT_WITHIN ? `has not looked for what is due for ${late} s` : undefined;
  }
}
