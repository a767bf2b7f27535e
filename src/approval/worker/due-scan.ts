import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { reportUnseenPauses } from '../intake/unseen-pauses.ts';
import { LEASE } from '../lifecycle/lanes.ts';
import { sendNotices } from './absence-notices.ts';
import { BLOCKED_FOR } from './slack-steps.ts';
import type { Work, Workable, WorkStep } from './work.ts';

/** How often the store is scanned, for what another process left and what becomes due later. */
export const SWEEP_EVERY = 5_000;
/** After so many records others have their turn. */
const GIVES_WAY_EVERY = 200;
/** After the clock was set back, by then every replica has read it, and what they held meanwhile is over, in milliseconds. */
const CLOCK_KNOWN_AFTER = 60_000;
/** Longer ago is a fault, in milliseconds. */
const SWEPT_WITHIN = 30_000;

/** What is done with each record of which something is due. */
interface Scanned {
  work: Pick<Work<Workable, WorkStep>, 'list'>;
  look(id: string): Promise<void>;
  unblock(id: string, channel: string | undefined): Promise<void>;
  extendLeases(): void;
}

/** Looks in the store, again and again, for what is due. */
export class DueScan {
  private readonly app: App;
  private readonly scanned: readonly Scanned[];
  private stopped = false;
  private cancelSweep: (() => void) | undefined;
  private sweptAt: number | undefined;
  private failed = false;
  /** From when all records are looked at: what a clock recorded that was set back since is listed under times far ahead. */
  private allLookedAtFrom = Number.NEGATIVE_INFINITY;

  constructor(app: App, scanned: readonly Scanned[]) {
    this.app = app;
    this.scanned = scanned;
  }

  /** Each record that has something due by then. */
  private async eachDue(until: number, work: (of: Scanned, id: string) => Promise<void>): Promise<void> {
    for (const of of this.scanned) {
      let looked = 0;
      for await (const { id } of eachEntry(this.app.store, of.work.list, 'all', { until })) {
        if (this.stopped) return;
        await work(of, id);
        looked += 1;
        // Clicks are answered meanwhile.
        if (looked % GIVES_WAY_EVERY === 0) await sleep(this.app.clock, 0);
      }
    }
  }

  /** Beside the scans, for there may be many. */
  private lookAtAll(): void {
    if (this.app.clock.now() < this.allLookedAtFrom) return;
    this.allLookedAtFrom = Number.POSITIVE_INFINITY;
    this.eachDue(Number.MAX_SAFE_INTEGER, (of, id) => of.look(id)).catch((error) => {
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
      return of.look(id);
    })
      .then(storeIsBack)
      .then(() => reportUnseenPauses(this.app))
      .then(() => {
        sendNotices(this.app);
        this.sweptAt = this.app.clock.now();
        this.lookAtAll();
      })
      .catch((error) => {
        this.app.log.error({ error }, 'due scan failed, retrying');
        this.app.alarm({ kind: 'store_failed', operation: 'read' });
        this.failed = true;
      })
      .finally(() => {
        if (!this.stopped)
          this.cancelSweep = this.app.clock.after(SWEEP_EVERY, () => this.sweepAgain(this.app.clock.now()));
      });
  }

  /**
   * Starts with everything that is due, including the leases of a process that no longer runs. What Slack had blocked
   * becomes due too: a restart may mean that a person has fixed it.
   */
  start(): void {
    this.sweepAgain(this.app.clock.now() + (this.app.sole ? LEASE : 0));
    this.unblock();
  }

  /** What Slack had blocked becomes due, in one channel or in all. */
  unblock(channel?: string): void {
    this.eachDue(this.app.clock.now() + BLOCKED_FOR, (of, id) => of.unblock(id, channel)).catch((error) =>
      this.app.log.error({ channel, error }, 'what Slack had blocked was not scanned'),
    );
  }

  stop(): void {
    this.stopped = true;
    this.cancelSweep?.();
  }

  /** What is wrong with it, in a sentence. */
  fault(): string | undefined {
    if (this.sweptAt === undefined) return 'has not looked for what is due yet';
    const late = Math.round((this.app.clock.now() - this.sweptAt) / 1_000);
    return late * 1_000 > SWEPT_WITHIN ? `has not looked for what is due for ${late} s` : undefined;
  }
}
