import type { App } from '../app.ts';
import { createStartWork } from '../starts/start-work.ts';
import { createApprovalWork } from './approval-work.ts';
import { BlockedChannels } from './blocked-channels.ts';
import { DueScan } from './due-scan.ts';
import { StepRunner } from './step-runner.ts';

const STOP_TIMEOUT = 10_000;

/** Carries out the due steps of approvals and of the runs that people start. */
export class Worker {
  private readonly app: App;
  readonly approvals;
  readonly starts;
  private readonly dueScan: DueScan;
  private readonly blocked = new BlockedChannels();

  constructor(app: App) {
    this.app = app;
    this.approvals = new StepRunner(app, createApprovalWork(app), this.blocked);
    this.starts = new StepRunner(app, createStartWork(app), this.blocked);
    this.dueScan = new DueScan(app, [this.approvals, this.starts]);
    this.blocked.reopened = (channel) => this.dueScan.unblock(channel);
  }

  /** Starts with everything that is due; on a store for one process, also what a process that no longer runs has leased. */
  start(): void {
    this.approvals.start();
    this.starts.start();
    this.dueScan.start();
  }

  /** Starts no further steps, and waits up to 10 s for the running ones. */
  async stop(): Promise<void> {
    this.dueScan.stop();
    this.approvals.stop();
    this.starts.stop();
    let cancelDeadline = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancelDeadline = this.app.clock.after(STOP_TIMEOUT, resolve);
    });
    await Promise.race([this.app.rateLimits.stop(), deadline]);
    cancelDeadline();
  }

  /** Lists the channels that Slack rejects, with the reason. */
  blockedChannels(): string[] {
    return this.blocked.list();
  }

  /** Describes what is wrong with the due scan; undefined: nothing. */
  fault(): string | undefined {
    return this.dueScan.fault();
  }
}
