import type { Compared } from '../../record-store.ts';

/** What is written in one piece, if each compared key still holds what was read. Plain data: it goes to another thread. */
export interface Write {
  compared: readonly Compared[];
  deletes: readonly string[];
  /** After the deletions. */
  puts: readonly { key: string; raw: string }[];
  /** Also delete the records whose keys begin so. */
  clear?: string;
  /** By `monotonicNow`: a write that begins later is not made. */
  deadline?: number;
}

/** `applied`: false if a compared key held something else. `deleted`: how many records there were to delete. */
export interface Written {
  applied: boolean;
  deleted: number;
}

/** Why nothing was written; unsure: it may have been. */
export type WriteFailure = 'late' | { summary: string; unsure: boolean };

export type Task = { write: Write } | 'check' | 'close';

/** What the store sends to its writer; each is replied to once, under its id. */
export interface Request {
  id: number;
  task: Task;
}

export type Reply = { id: number } & ({ result: Written | string | undefined } | { failure: WriteFailure });

/** What the writer sends to the store. `fault`: nothing is written from now on, and nothing may be read. */
export type WriterMessage =
  | { opened: true }
  | { refused: { code: 'store_locked' | 'store_unavailable'; message: string } }
  | { replies: Reply[] }
  | { fault: string };

export interface WriterSettings {
  file: string;
  /** Without the lock, while a bot holds it. */
  beside: boolean;
}

/** In milliseconds, the same in all threads of a process. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
