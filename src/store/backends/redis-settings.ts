import { AppError } from '../../lib/errors.ts';

interface InfoClient {
  info(): Promise<string>;
  configGet(name: string): Promise<Record<string, string>>;
}

/**
 * Returns warnings about commits that a crash of this Redis can lose, because Redis writes them to disk late or never.
 * Rejects with an AppError for a cluster,
 * and for a Redis that may evict records.
 */
export async function readWarnings(client: InfoClient): Promise<string[]> {
  const info = await client.info();
  if (readInfo(info, 'cluster_enabled') === '1') {
    throw new AppError(
      'store_unavailable',
      'STORE_URL is a Redis Cluster, which cannot commit several keys at once; use a single Redis.',
    );
  }
  const policy = readInfo(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new AppError('store_unavailable', `${describeEviction(policy)}.`);
  }
  if (readInfo(info, 'aof_enabled') === '0')
    return ['Redis has appendonly no: commits can be lost when it crashes'];
  const fsync = await client
    .configGet('appendfsync')
    .then(({ appendfsync }) => appendfsync)
    .catch(() => undefined);
  return fsync === 'always'
    ? []
    : [
        `Redis has appendfsync ${fsync ?? 'unknown'}, not always: commits of the last second can be lost when it crashes`,
      ];
}

/** Finds a field in Redis's INFO. */
export function readInfo(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

export function describeEviction(policy: string): string {
  return `Redis may evict approvals (maxmemory-policy ${policy}); set maxmemory-policy noeviction`;
}
