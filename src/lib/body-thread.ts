import { parentPort, type Worker } from 'node:worker_threads';
import { AppError, DeadlineError } from './errors.ts';
import type { BodyRejection } from './json-text.ts';
import { startThread } from './start-thread.ts';
import { withTimeout } from './time.ts';

/** Longest time for one body, in milliseconds: a read that never ends would block all later bodies. */
const LONGEST_READ = 60_000;
/** Memory limit of the thread, in mebibytes. A body that needs more is rejected; without a limit, the process would end. */
const MAX_MEMORY = 512;

/** A body for the thread, with its kind. */
interface BodyMessage<Kind> {
  kind: Kind;
  body: Uint8Array;
}

/** Runs in the thread's file: reads each body and posts the result. */
export function answerBodies<Kind>(readBody: (kind: Kind, text: string) => unknown): void {
  parentPort?.on('message', ({ kind, body }: BodyMessage<Kind>) => {
    parentPort?.postMessage(readBody(kind, new TextDecoder().decode(body)));
  });
}

/** Reads bodies one after another in a separate thread, which ends when no body is left. */
export class BodyThread<Kind, Read> {
  private readonly startThread: () => Worker;
  private readonly timeLimit: number;
  private worker: Worker | undefined;
  private lastRead: Promise<unknown> = Promise.resolve();
  private unreadCount = 0;
  private isClosed = false;

  /** `thread`: the thread's file, or a function that starts the thread. */
  constructor(thread: URL | (() => Worker), timeLimit = LONGEST_READ) {
    this.startThread = thread instanceof URL ? () => startReader(thread) : thread;
    this.timeLimit = timeLimit;
  }

  /** Rejects with an AppError if the thread failed. */
  read(message: BodyMessage<Kind>): Promise<Read | { rejection: BodyRejection }> {
    this.unreadCount += 1;
    const reading = this.lastRead.then(() => this.readNext(message));
    // An idle thread would keep the memory of its largest body.
    this.lastRead = reading
      .catch(() => {})
      .then(() => {
        this.unreadCount -= 1;
        return this.unreadCount === 0 ? this.endThread() : undefined;
      });
    return reading;
  }

  /** Ends the thread. The reads of bodies that are not finished reject. */
  close(): Promise<void> {
    this.isClosed = true;
    return this.endThread();
  }

  private async endThread(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }

  private async readNext(message: BodyMessage<Kind>): Promise<Read | { rejection: BodyRejection }> {
    try {
      if (this.isClosed) throw new Error('the bot stops');
      this.worker ??= this.startThread();
      const { worker } = this;
      // The sender's connection keeps the process alive: the thread does not have to.
      worker.unref();
      return await withTimeout(
        this.timeLimit,
        () =>
          new Promise<Read>((resolve, reject) => {
            worker.removeAllListeners().once('message', resolve).on('error', reject).on('exit', reject);
            worker.postMessage(message);
          }),
      );
    } catch (error) {
      await this.endThread();
      const { code } = error as { code?: unknown };
      if (error instanceof DeadlineError || code === 'ERR_WORKER_OUT_OF_MEMORY')
        return { rejection: 'too_large' };
      throw new AppError('body_unread', 'A large body could not be read.', { cause: error });
    }
  }
}

function startReader(entry: URL): Worker {
  return startThread(entry, {
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY },
  });
}
