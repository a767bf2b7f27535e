import { DeadlineError } from '../errors.ts';

/** Slack takes an ack for 3 s; a decision that is not on disk after 2 is not made. */
export const DECISION_DEADLINE = 2_000;

/**
 * Gives work so many milliseconds. Afterwards its signal aborts and the promise rejects with a DeadlineError: work
 * that heeds the signal is not done then.
 */
export async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DeadlineError(milliseconds);
      controller.abort(error);
      reject(error);
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
