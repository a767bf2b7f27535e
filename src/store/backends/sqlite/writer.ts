import type { Worker } from 'node:worker_threads';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../../lib/errors.ts';
import { startThread } from '../../../lib/start-thread.ts';
import { wrapOpenError } from './open-database.ts';
import type {
  Request,
  ThreadReply,
  ThreadTask,
  WriteFailure,
  WriterMessage,
  WriterSettings,
} from './statements.ts';

/** Size of the thread's young generation (V8's heap for new objects), in mebibytes. */
const YOUNG_MEMORY = 8;

interface Pending {
  resolve(result: unknown): void;
  reject(error: AppError): void;
}

/** The thread that writes a database. A commit waits for the disk; nothing else in the process has to. */
export class Writer {
  private readonly thread: Worker;
  private readonly file: string;
  private readonly onFault: (fault: string) => void;
  private readonly pending = new Map<number, Pending>();
  private outgoing: Request[] = [];
  private lastId = 0;
  private stopReason: string | undefined;
  private closing: Promise<void> | undefined;

  /** `onFault`: called when nothing can be written anymore. Rejects with an AppError that names the file. */
  static open(settings: WriterSettings, onFault: (fault: string) => void): Promise<Writer> {
    return new Promise((resolve, reject) => {
      const thread = startThread(new URL('./writer-thread.ts', import.meta.url), {
        workerData: settings,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY },
      });
      const fail = (error: Error) => reject(wrapOpenError(settings.file, error));
      thread.once('error', fail);
      thread.once('message', (message: WriterMessage) => {
        thread.off('error', fail);
        if ('refused' in message) {
          const { code, message: sentence } = message.refused;
          thread.terminate().then(() => reject(new AppError(code, sentence)));
        } else resolve(new Writer(thread, settings.file, onFault));
      });
    });
  }

  private constructor(thread: Worker, file: string, onFault: (fault: string) => void) {
    this.thread = thread;
    this.file = file;
    this.onFault = onFault;
    thread.unref();
    thread.on('message', (message: WriterMessage) => {
      if ('fault' in message) this.onFault(message.fault);
      if ('replies' in message) for (const reply of message.replies) this.settle(reply);
    });
    thread.on('error', (error) =>
      this.stop(`lost its writer (${summarizeError(error)}): start the bot again`),
    );
    thread.on('exit', () => this.stop('lost its writer: start the bot again'));
  }

  /** Makes the waiting writes, and frees the lock. */
  close(): Promise<void> {
    this.closing ??= this.stopReason === undefined ? this.endThread() : Promise.resolve();
    return this.closing;
  }

  private async endThread(): Promise<void> {
    const closing = this.ask('close');
    // The thread gets no requests after this one.
    this.stopReason = 'database is not open';
    // A thread that has ended has freed the lock.
    await closing.catch(() => {});
    await this.thread.terminate();
  }

  /**
   * Resolves with the thread's reply: to a commit once it is on disk, to a check with what is wrong with the files, in half a
   * sentence. Rejects with a StoreError, or with a DeadlineError for a commit that was too late.
   */
  ask<T>(task: ThreadTask): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.stopReason !== undefined)
        return reject(this.buildError({ summary: this.stopReason, unsure: false }));
      this.lastId += 1;
      // The process does not end while a caller waits for a reply.
      if (this.pending.size === 0) this.thread.ref();
      this.pending.set(this.lastId, { resolve: (result) => resolve(result as T), reject });
      // The requests of one turn of the event loop go in one message and share an fsync.
      if (this.outgoing.length === 0) setImmediate(() => this.send());
      this.outgoing.push({ id: this.lastId, task });
    });
  }

  private send(): void {
    this.thread.postMessage(this.outgoing);
    this.outgoing = [];
  }

  private settle(reply: ThreadReply): void {
    const pendingCall = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.thread.unref();
    if ('failure' in reply) pendingCall?.reject(this.buildError(reply.failure));
    else pendingCall?.resolve(reply.result);
  }

  private stop(reason: string): void {
    if (this.stopReason === undefined) {
      this.stopReason = `it ${reason}`;
      this.onFault(reason);
    }
    const lostWriterError = this.buildError({ summary: `it ${reason}`, unsure: true });
    for (const { reject } of this.pending.values()) reject(lostWriterError);
    this.pending.clear();
  }

  private buildError(failure: WriteFailure): DeadlineError | StoreError {
    if (failure === 'late') return new DeadlineError();
    const { summary, unsure } = failure;
    return new StoreError(`The database ${this.file} failed (${summary}).`, undefined, { unsure });
  }
}
