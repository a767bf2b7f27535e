import { AppError } from '../../lib/errors.ts';

/** Builds the error of a server that cannot be reached. `reason`: a few words. */
export function buildConnectError(server: 'Postgres' | 'Redis', reason: string, cause: unknown): AppError {
  return new AppError(
    'store_unavailable',
    `Can't connect to ${server} at STORE_URL (${reason}). Check that it is running and that STORE_URL is right.`,
    { cause },
  );
}
