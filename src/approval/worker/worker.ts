import type { App } from '../app.ts';
import { createStartWork } from '../starts/start-work.ts';
import { createApprovalWork } from './approval-work.ts';
import { BlockedChannels } from './blocked-channels.ts';
import { DueScan } from './due-scan.ts';
import { StepRunner } from './step-runner.ts';

const STOP_WITHIN = 10_000;

/** Carries out what is due of approvals and of the runs that people start. */
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

  /** Starts with everything that is due, including the leases of a process that no longer runs. */
  start(): void {
    this.approvals.start();
    this.starts.start();
    this.dueScan.start();
  }

  /** Starts nothing more and gives what is under way 10 s to end. */
  async stop(): Promise<void> {
    this.dueScan.stop();
    this.approvals.stop();
    this.starts.stop();
    let cancelDeadline = () => {};
    const deadline = new Promise<void>((resolve) => {
      cancelDeadline = this.app.clock.after(STOP_WITHIN, resolve);
    });
    await Promise.race([this.app.turns.stop(), deadline]);
    cancelDeadline();
  }

  /** Channels that Slack rejects, and why. */
  blockedChannels(): string[] {
    return this.blocked.list();
  }

  /** What is wrong with the scan for what is due, in a sentence. */
  fault(): string | undefined {
    return this.dueScan.fault();
  }
}
