/** Codes of expected errors. The bot compares these codes, never the message of an AppError. */
export type ErrorCode =
  | 'settings_invalid'
  | 'slack_token_refused'
  | 'store_unavailable'
  | 'store_locked'
  | 'store_in_use'
  | 'port_taken'
  | 'body_unread'
  | 'deadline_passed';

/** An expected error: a code for programs and one sentence for people. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** The store could not read or write. Nothing was recorded, unless the error is `unsure`. */
export class StoreError extends AppError {
  /** A write was sent and the answer was lost: the write may have been made. */
  readonly unsure: boolean;

  constructor(sentence: string, cause?: unknown, { unsure = false }: { unsure?: boolean } = {}) {
    super('store_unavailable', sentence, { cause });
    this.name = 'StoreError';
    this.unsure = unsure;
  }
}

/** A time limit passed before the work began or ended. */
export class DeadlineError extends AppError {
  constructor() {
    super('deadline_passed', 'The time limit passed.');
    this.name = 'DeadlineError';
  }
}

/**
 * Describes an error in a few words for a log line, without headers, URLs and bodies: they contain secrets, and an axios error
 * contains the whole request. For an AppError, returns its sentence without the code, which is for programs.
 */
export function summarizeError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error instanceof AppError) return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const message = error.message.replace(/\S+:\/\/\S+/g, '<url>');
  const codePrefix = code !== undefined && message.startsWith(code) ? undefined : code;
  return [codePrefix, message].filter(Boolean).join(': ').slice(0, 300);
}
