import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { reportUnseenPauses } from '../intake/unseen-pauses.ts';
import { LEASE } from '../lifecycle/lanes.ts';
import { sendNotices } from './absence-notices.ts';
import { BLOCKED_RETRY_WAIT } from './slack-steps.ts';
import type { Work, Workable, WorkStep } from './work.ts';

/** Pause between scans, in milliseconds. A scan finds steps that another process left and steps that have become due. */
export const SCAN_INTERVAL = 5_000;
/** Number of records after which the scan yields to the event loop. */
const RECORDS_PER_TURN = 200;
/**
 * Wait after the clock was set back, in milliseconds. By then every replica has read it, and the leases taken meanwhile are over.
 */
const CLOCK_KNOWN_AFTER = 60_000;
/** Longest time since the last scan before the scan counts as failing, in milliseconds. */
const LONGEST_SCAN_GAP = 30_000;

/** Runner of one kind of record, as the scan uses it. */
interface ScannedRunner {
  work: Pick<Work<Workable, WorkStep>, 'list'>;
  check(id: string): Promise<void>;
  unblock(id: string, channel: string | undefined): Promise<void>;
  extendLeases(): void;
}

/** Scans the store for due records, again and again. */
export class DueScan {
  private readonly app: App;
  private readonly runners: readonly ScannedRunner[];
  private stopped = false;
  private cancelScan: (() => void) | undefined;
  private scannedAt: number | undefined;
  private failed = false;
  /** When to look at all records next: those recorded before the clock was set back are listed under times far ahead. */
  private nextFullLookAt = Number.NEGATIVE_INFINITY;

  constructor(app: App, runners: readonly ScannedRunner[]) {
    this.app = app;
    this.runners = runners;
  }

  /** Runs `work` for each record that is due by then. */
  private async forEachDue(
    until: number,
    work: (runner: ScannedRunner, id: string) => Promise<void>,
  ): Promise<void> {
    for (const runner of this.runners) {
      let count = 0;
      for await (const { id } of eachEntry(this.app.store, runner.work.list, 'all', { until })) {
        if (this.stopped) return;
        await work(runner, id);
        count += 1;
        // Let the process answer clicks in between.
        if (count % RECORDS_PER_TURN === 0) await sleep(this.app.clock, 0);
      }
    }
  }

  /** Looks at all records, after the start and after the clock was set back. Not part of a scan: there may be many. */
  private checkAll(): void {
    if (this.app.clock.now() < this.nextFullLookAt) return;
    this.nextFullLookAt = Number.POSITIVE_INFINITY;
    this.forEachDue(Number.MAX_SAFE_INTEGER, (runner, id) => runner.check(id)).catch((error) => {
      if (this.stopped) return;
      this.app.log.error({ error }, 'not all records were checked, retrying');
      this.nextFullLookAt = Number.NEGATIVE_INFINITY;
    });
  }

  private scanAgain(until: number): void {
    if (this.stopped) return;
    const now = this.app.clock.now();
    if (now < (this.scannedAt ?? now)) this.nextFullLookAt = now + CLOCK_KNOWN_AFTER;
    const noteStoreIsBack = () => {
      if (this.failed) for (const runner of this.runners) runner.extendLeases();
      this.failed = false;
    };
    this.forEachDue(until, (runner, id) => {
      noteStoreIsBack();
      return runner.check(id);
    })
      .then(noteStoreIsBack)
      .then(() => reportUnseenPauses(this.app))
      .then(() => {
        sendNotices(this.app);
        this.scannedAt = this.app.clock.now();
        this.checkAll();
      })
      .catch((error) => {
        this.app.log.error({ error }, 'due scan failed, retrying');
        this.app.alert({ kind: 'store_failed', operation: 'read' });
        this.failed = true;
      })
      .finally(() => {
        if (!this.stopped)
          this.cancelScan = this.app.clock.after(SCAN_INTERVAL, () => this.scanAgain(this.app.clock.now()));
      });
  }

  /**
   * Starts scanning. On a store for one process, the first scan includes records leased by a process that no longer runs. Blocked
   * records become due, too: a restart may mean that a person has fixed the cause.
   */
  start(): void {
    this.scanAgain(this.app.clock.now() + (this.app.sole ? LEASE : 0));
    this.unblock();
  }

  /** Makes records due that Slack had blocked, in one channel or in all. */
  unblock(channel?: string): void {
    this.forEachDue(this.app.clock.now() + BLOCKED_RETRY_WAIT, (runner, id) =>
      runner.unblock(id, channel),
    ).catch((error) => this.app.log.error({ channel, error }, 'records blocked by Slack not scanned'));
  }

  stop(): void {
    this.stopped = true;
    this.cancelScan?.();
  }

  /** Describes what is wrong with the scan; undefined: nothing. */
  fault(): string | undefined {
    if (this.scannedAt === undefined) return 'has not scanned for due work yet';
    const delaySeconds = Math.round((this.app.clock.now() - this.scannedAt) / 1_000);
    return delaySeconds * 1_000 > LONGEST_SCAN_GAP
      ? `has not scanned for due work for ${delaySeconds} s`
      : undefined;
  }
}
