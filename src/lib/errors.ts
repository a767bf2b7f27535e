/** What went wrong, for programs: nobody reads `message` to decide anything. */
export type ErrorCode =
  | 'settings_invalid'
  | 'slack_token_refused'
  | 'store_unavailable'
  | 'store_locked'
  | 'store_in_use'
  | 'port_taken'
  | 'body_unread'
  | 'deadline_passed'
  | 'slack_call_failed';

/** An error of ours: a code for programs, one plain sentence for people. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** The store could not read or write: nothing was recorded, unless it is `unsure`. */
export class StoreError extends AppError {
  /** A write was sent and its answer was lost: it may have been made. */
  readonly unsure: boolean;

  constructor(sentence: string, cause?: unknown, { unsure = false }: { unsure?: boolean } = {}) {
    super('store_unavailable', sentence, { cause });
    this.name = 'StoreError';
    this.unsure = unsure;
  }
}

/** A record that a newer version of the bot wrote. It stands in nobody else's way. */
export class RecordError extends StoreError {
  readonly key: string;

  constructor(key: string, cause: unknown) {
    super(`The record ${key} cannot be read here.`, cause);
    this.name = 'RecordError';
    this.key = key;
  }
}

/** A time limit passed before the work was done; nothing was done, nor will be. */
export class DeadlineError extends AppError {
  constructor() {
    super('deadline_passed', 'It was not done in time.');
    this.name = 'DeadlineError';
  }
}

/**
 * An error in a few harmless words, for a log line: never a header, a URL or a body, since those carry secrets
 * (an axios error holds the whole request).
 */
export function summarizeError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const message = error instanceof AppError ? error.message : error.message.replace(/\S+:\/\/\S+/g, '<url>');
  return [code, message].filter(Boolean).join(': ').slice(0, 300);
}
