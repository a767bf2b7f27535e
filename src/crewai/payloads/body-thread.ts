import type { Worker } from 'node:worker_threads';
import type { ReadBody } from '../../approval/model/run/webhook.ts';
import { AppError, DeadlineError } from '../../lib/errors.ts';
import { startThread } from '../../lib/start-thread.ts';
import { withTimeout } from '../../lib/time.ts';
import type { BodyMessage } from './body-worker.ts';

/** Longest time for one body, in milliseconds: a read that never ends would block all later bodies. */
const LONGEST_READ = 60_000;
/** In mebibytes. A body that needs more is rejected; without a limit it would end the process. */
const MAX_MEMORY = 512;

/** Reads bodies one after another in a separate thread, which lives as long as there are any. */
export class BodyThread {
  private readonly startThread: () => Worker;
  private readonly longest: number;
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private unread = 0;

  constructor(startThread: () => Worker = startWorker, longest = LONGEST_READ) {
    this.startThread = startThread;
    this.longest = longest;
  }

  /** Rejects with an AppError when the thread failed. */
  read(message: BodyMessage): Promise<ReadBody> {
    this.unread += 1;
    const read = this.last.then(() => this.readNext(message));
    // An idle thread would keep the memory of its largest body.
    this.last = read
      .catch(() => {})
      .then(() => {
        this.unread -= 1;
        return this.unread === 0 ? this.close() : undefined;
      });
    return read;
  }

  async close(): Promise<void> {
    const stopped = this.worker;
    this.worker = undefined;
    await stopped?.terminate();
  }

  private async readNext(message: BodyMessage): Promise<ReadBody> {
    try {
      this.worker ??= this.startThread();
      const { worker } = this;
      // The connection of the sender keeps the process alive, so the thread does not have to.
      worker.unref();
      return await withTimeout(
        this.longest,
        () =>
          new Promise<ReadBody>((resolve, reject) => {
            worker.removeAllListeners().once('message', resolve).on('error', reject).on('exit', reject);
            worker.postMessage(message);
          }),
      );
    } catch (error) {
      await this.close();
      const { code } = error as { code?: unknown };
      if (error instanceof DeadlineError || code === 'ERR_WORKER_OUT_OF_MEMORY')
        return { rejection: 'too_large' };
      throw new AppError('body_unread', 'A large body could not be read.', { cause: error });
    }
  }
}

function startWorker(): Worker {
  return startThread(new URL('./body-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY },
  });
}
