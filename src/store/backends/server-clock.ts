import { performance } from 'node:perf_hooks';
import type { Clock } from '../../approval/ports.ts';
import { after } from '../system-clock.ts';

const SYNC_INTERVAL = 10_000;

/**
 * The clock of a store's server: all replicas measure leases by the same clock. The bot asks the server regularly. Between two
 * answers this machine's monotonic clock counts, so its wall clock may jump.
 */
export class ServerClock implements Clock {
  private readonly serverTime: () => Promise<number>;
  private offset = 0;
  private stopped = false;
  private cancelSync = () => {};

  /** `serverTime`: asks the server for its time, in milliseconds since 1970. */
  constructor(serverTime: () => Promise<number>) {
    this.serverTime = serverTime;
  }

  /** Rejects if the server does not tell its time. */
  async start(): Promise<void> {
    await this.sync();
    this.syncLater();
  }

  now = (): number => Math.floor(performance.now() + this.offset);

  after = after;

  /** Returns how far this machine's wall clock is ahead of the server's, in milliseconds. */
  readSkew(): number {
    return Math.round(Date.now() - (performance.now() + this.offset));
  }

  stop(): void {
    this.stopped = true;
    this.cancelSync();
  }

  private async sync(): Promise<void> {
    const askedAt = performance.now();
    const time = await this.serverTime();
    this.offset = time - (askedAt + performance.now()) / 2;
  }

  private syncLater(): void {
    this.cancelSync = after(SYNC_INTERVAL, async () => {
      // The last offset stays valid while the server cannot be reached.
      await this.sync().catch(() => {});
      if (!this.stopped) this.syncLater();
    });
  }
}
