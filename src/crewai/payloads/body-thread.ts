import { extname } from 'node:path';
import { type TransferListItem, Worker } from 'node:worker_threads';
import type { Clock } from '../../approval/ports.ts';
import { AppError } from '../../lib/errors.ts';
import type { BodyMessage } from './body-worker.ts';
import type { ReadBody } from './read-body.ts';

/** Longest time for one body, in milliseconds: a reader that never ends would hold up all bodies after it. */
const LONGEST_READ = 60_000;
/** A thread without work is stopped after this long, in milliseconds: it keeps the memory of its largest body. */
const LONGEST_IDLE = 60_000;
/** In mebibytes. A body that needs more is refused; without a limit it would end the process. */
const MOST_MEMORY = 512;

interface Job {
  message: BodyMessage;
  transfer: readonly TransferListItem[];
  resolve(read: ReadBody): void;
  reject(error: Error): void;
}

export interface BodyThread {
  /** Rejects with an AppError when the thread failed. What is in `transfer` is not kept here. */
  read(message: BodyMessage, transfer?: readonly TransferListItem[]): Promise<ReadBody>;
  close(): Promise<void>;
}

/** Reads bodies one after the other in a separate thread, which is started for the first one. */
export function createBodyThread(clock: Clock, start: () => Worker = startWorker): BodyThread {
  const waiting: Job[] = [];
  let current: Job | undefined;
  let worker: Worker | undefined;
  let cancelTimer = () => {};

  function readNext(): void {
    cancelTimer();
    current = waiting.shift();
    if (!current) {
      cancelTimer = clock.after(LONGEST_IDLE, () => void stop());
      return;
    }
    cancelTimer = clock.after(LONGEST_READ, () => {
      void stop();
      settle((job) => job.resolve({ rejection: 'too_large' }));
    });
    try {
      worker ??= listenTo(start());
      worker.postMessage(current.message, [...current.transfer]);
    } catch (error) {
      settle((job) => job.reject(error as Error));
    }
  }

  function settle(how: (job: Job) => void): void {
    const job = current;
    current = undefined;
    if (job) how(job);
    readNext();
  }

  function listenTo(started: Worker): Worker {
    // The connection of the sender keeps the process alive, not this thread.
    started.unref();
    started.on('message', (read: ReadBody) => {
      if (worker === started) settle((job) => job.resolve(read));
    });
    started.on('error', (error: Error & { code?: string }) => {
      if (worker !== started) return;
      worker = undefined;
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') settle((job) => job.resolve({ rejection: 'too_large' }));
      else settle((job) => job.reject(failure(error)));
    });
    return started;
  }

  async function stop(): Promise<void> {
    const stopped = worker;
    worker = undefined;
    await stopped?.terminate();
  }

  return {
    read: (message, transfer = []) =>
      new Promise((resolve, reject) => {
        waiting.push({ message, transfer, resolve, reject });
        if (!current) readNext();
      }),
    async close() {
      cancelTimer();
      for (const job of [current, ...waiting.splice(0)]) job?.reject(failure(undefined));
      current = undefined;
      await stop();
    },
  };
}

function failure(cause: unknown): AppError {
  return new AppError('body_unread', 'A large body could not be read.', { cause });
}

/** The worker lies beside this file: as JavaScript in a build, as TypeScript under tsx and vitest. */
function startWorker(): Worker {
  const type = extname(import.meta.url);
  const entry = new URL(`./body-worker${type}`, import.meta.url);
  const options = { resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY }, execArgv: [] };
  if (type !== '.ts') return new Worker(entry, options);
  // Node 20 does not read TypeScript by itself.
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import('${entry.href}')))`;
  return new Worker(code, { ...options, eval: true });
}
