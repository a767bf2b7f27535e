import type { TransferListItem, Worker } from 'node:worker_threads';
import type { Clock } from '../../approval/ports.ts';
import { AppError } from '../../lib/errors.ts';
import { startThread } from '../../lib/start-thread.ts';
import type { BodyMessage } from './body-worker.ts';
import type { ReadBody } from './read-body.ts';

/** Longest time for one body, in milliseconds: a read that never ends would block all later bodies. */
const LONGEST_READ = 60_000;
/** An idle thread keeps the memory of its largest body, so it is stopped after this time, in milliseconds. */
const LONGEST_IDLE = 60_000;
/** In mebibytes. A body that needs more is rejected; without a limit it would end the process. */
const MAX_MEMORY = 512;

interface Job {
  message: BodyMessage;
  transfer: readonly TransferListItem[];
  resolve(read: ReadBody): void;
  reject(error: Error): void;
}

/** Reads bodies one after another in a separate thread, which is started for the first one. */
export class BodyThread {
  private readonly clock: Clock;
  private readonly startThread: () => Worker;
  private readonly waiting: Job[] = [];
  private current: Job | undefined;
  private worker: Worker | undefined;
  private cancelTimer = () => {};

  constructor(clock: Clock, startThread: () => Worker = startWorker) {
    this.clock = clock;
    this.startThread = startThread;
  }

  /** Rejects with an AppError when the thread failed. What is in `transfer` is moved to the thread. */
  read(message: BodyMessage, transfer: readonly TransferListItem[] = []): Promise<ReadBody> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, transfer, resolve, reject });
      if (!this.current) this.readNext();
    });
  }

  async close(): Promise<void> {
    this.cancelTimer();
    for (const job of [this.current, ...this.waiting.splice(0)]) job?.reject(wrapThreadError(undefined));
    this.current = undefined;
    await this.stop();
  }

  private readNext(): void {
    this.cancelTimer();
    this.current = this.waiting.shift();
    if (!this.current) {
      this.cancelTimer = this.clock.after(LONGEST_IDLE, () => void this.stop());
      return;
    }
    this.cancelTimer = this.clock.after(LONGEST_READ, () => {
      void this.stop();
      this.settle((job) => job.resolve({ rejection: 'too_large' }));
    });
    try {
      this.worker ??= this.listenTo(this.startThread());
      this.worker.postMessage(this.current.message, [...this.current.transfer]);
    } catch (error) {
      this.settle((job) => job.reject(error as Error));
    }
  }

  private settle(end: (job: Job) => void): void {
    const job = this.current;
    this.current = undefined;
    if (job) end(job);
    this.readNext();
  }

  private listenTo(started: Worker): Worker {
    // The connection of the sender keeps the process alive, so the thread does not have to.
    started.unref();
    started.on('message', (read: ReadBody) => {
      if (this.worker === started) this.settle((job) => job.resolve(read));
    });
    started.on('error', (error: Error & { code?: string }) => {
      if (this.worker !== started) return;
      this.worker = undefined;
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        this.settle((job) => job.resolve({ rejection: 'too_large' }));
      else this.settle((job) => job.reject(wrapThreadError(error)));
    });
    return started;
  }

  private async stop(): Promise<void> {
    const stopped = this.worker;
    this.worker = undefined;
    await stopped?.terminate();
  }
}

function wrapThreadError(cause: unknown): AppError {
  return new AppError('body_unread', 'A large body could not be read.', { cause });
}

function startWorker(): Worker {
  return startThread(new URL('./body-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY },
  });
}
