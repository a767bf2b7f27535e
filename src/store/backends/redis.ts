import KeyvRedis, { createClient, type RedisClientType } from '@keyv/redis';
import { ClientOfflineError, ErrorReply } from '@redis/client';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../lib/errors.ts';
import { listCompared, type RecordStore } from '../record-store.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { COMMIT_SCRIPT } from './redis-commit.ts';

const NAMESPACE = 'crew-approvals';
const CONNECT_WITHIN = 5_000;
/** A server that says nothing for so long, pings included, is taken for dead: its calls fail and it is called anew. */
const SILENT_FOR = 4_000;
const PING_EVERY = 1_500;
const LONGEST_PAUSE = 2_000;

export interface RedisStore {
  records: RecordStore;
  /** Milliseconds since 1970. */
  serverTime: () => Promise<number>;
  /** What its settings do not promise, in sentences. */
  warnings: string[];
}

/**
 * A store in Redis, for any number of processes; `?prefix=` in the URL keeps bots apart that share one. Rejects with an AppError in one sentence when it cannot be reached,
 * is a cluster, or may evict what it holds.
 */
export async function openRedis(url: string, onError: (error: unknown) => void): Promise<RedisStore> {
  const address = new URL(url);
  const namespace = address.searchParams.get('prefix') || NAMESPACE;
  address.search = '';
  const prefix = `${namespace}::`;
  // All keys in byte order; its name is outside the prefix of the records, so that no record can be called so.
  const index = `${namespace}:index`;
  const client = createClient({
    url: address.href,
    // A call made while it is away fails at once: what waits in a queue would be told as done or lost with us.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY,
    socket: {
      connectTimeout: CONNECT_WITHIN,
      socketTimeout: SILENT_FOR,
      reconnectStrategy: (attempts) => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(attempts, 10)),
    },
  }) as RedisClientType;
  client.on('error', onError);
  const warnings = await connect(client);

  const adapter = new KeyvRedis<string>(client, { namespace, throwOnErrors: true });
  adapter.on('error', () => {});
  const failed = (error: unknown, unsure = false) =>
    new StoreError(`Redis failed (${summarizeError(error)}).`, error, { unsure });
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw failed(error);
    }
  };
  const sha = await client.scriptLoad(COMMIT_SCRIPT);

  async function run(keys: string[], args: string[]): Promise<unknown> {
    try {
      return await client.evalSha(sha, { keys, arguments: args });
    } catch (error) {
      // A Redis that was started anew knows no script.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
        return client.eval(COMMIT_SCRIPT, { keys, arguments: args });
      }
      throw error;
    }
  }

  const { get, getMany, has, set, delete: remove } = adapter;
  const operations = {
    get: (key: string) => guarded(get.call(adapter, key)),
    getMany: (keys: string[]) => guarded(getMany.call(adapter, keys)),
    has: (key: string) => guarded(has.call(adapter, key)),

    // The product writes by commits alone; what Keyv writes by itself is listed all the same.
    async set(key: string, value: string, ttl?: number) {
      await guarded(set.call(adapter, key, value, ttl));
      await guarded(client.zAdd(index, { score: 0, value: key }));
    },
    async delete(key: string) {
      const gone = await guarded(remove.call(adapter, key));
      await guarded(client.zRem(index, key));
      return gone;
    },

    async commit({ puts, deletes, deadline, ...compared }: Parameters<RecordStore['commit']>[0]) {
      const records = listCompared(compared);
      const held = records.flatMap(({ previousRaw: raw }) => (raw === undefined ? ['0', ''] : ['1', raw]));
      const pairs = puts.flatMap((put) => [put.key, put.raw]);
      const args = [
        deadline === undefined ? '' : String(deadline),
        prefix,
        ...held,
        String(puts.length),
        ...pairs,
        ...deletes,
      ];
      const keys = records.map(({ key }) => prefix + key);
      const done = await run([...keys, index], args).catch((error: unknown) => {
        // What was never sent, and what Redis itself refused, was not done.
        throw failed(error, !(error instanceof ClientOfflineError || error instanceof ErrorReply));
      });
      if (done === -1) throw new DeadlineError();
      return done === 1;
    },

    async entries(among: string, limit: number) {
      const { low, high } = buildRangeBounds(among, undefined, false);
      const LIMIT = { offset: 0, count: limit };
      const keys = await guarded(client.zRange(index, `(${low}`, `(${high}`, { BY: 'LEX', LIMIT }));
      if (keys.length === 0) return [];
      const raws = await guarded(client.mGet(keys.map((key) => prefix + key)));
      return keys.flatMap((key, at) => {
        const raw = raws[at];
        return raw == null ? [] : [{ key, raw }];
      });
    },

    range(among: string, { after, limit, reverse }: Parameters<RecordStore['range']>[1]) {
      const { low, high } = buildRangeBounds(among, after, reverse);
      const LIMIT = { offset: 0, count: limit };
      const range = reverse
        ? client.zRange(index, `(${high}`, `(${low}`, { BY: 'LEX', REV: true, LIMIT })
        : client.zRange(index, `(${low}`, `(${high}`, { BY: 'LEX', LIMIT });
      return guarded(range);
    },

    async fault() {
      const policy = fieldOf(await guarded(client.info('memory')), 'maxmemory_policy');
      return policy === undefined || policy === 'noeviction' ? undefined : evictionFault(policy);
    },

    async disconnect() {
      // A ping that is under way fails now, and that is no fault of the store.
      client.off('error', onError);
      client.on('error', () => {});
      client.destroy();
    },
  };

  const serverTime = async () => {
    const [seconds = '0', microseconds = '0'] = await guarded(client.sendCommand<string[]>(['TIME']));
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  };
  return { records: Object.assign(adapter, operations) as unknown as RecordStore, serverTime, warnings };
}

/** A field of Redis's INFO. */
function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

function evictionFault(policy: string): string {
  return `Redis may evict approvals (maxmemory-policy ${policy}); set maxmemory-policy noeviction`;
}

async function connect(client: RedisClientType): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer')), CONNECT_WITHIN);
    });
    return await Promise.race([client.connect().then(() => settingsOf(client)), late]);
  } catch (error) {
    client.destroy();
    if (error instanceof AppError) throw error;
    throw new AppError(
      'store_unavailable',
      `Redis at STORE_URL cannot be reached (${summarizeError(error)}).`,
      {
        cause: error,
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Reads what Redis promises: an evicting one loses approvals and is refused, one that writes late is warned of. */
async function settingsOf(client: RedisClientType): Promise<string[]> {
  const info = await client.info();
  const field = (name: string) => fieldOf(info, name);
  if (field('cluster_enabled') === '1') {
    throw new AppError(
      'store_unavailable',
      'STORE_URL is a Redis Cluster, which cannot commit several keys at once; use a single Redis.',
    );
  }
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new AppError('store_unavailable', `${evictionFault(policy)}.`);
  }
  const warnings: string[] = [];
  if (field('aof_enabled') === '0')
    warnings.push('Redis has appendonly no: what it answered can be lost when it dies');
  else {
    const fsync = await client
      .configGet('appendfsync')
      .then(({ appendfsync }) => appendfsync)
      .catch(() => undefined);
    if (fsync !== 'always')
      warnings.push(
        `Redis has appendfsync ${fsync ?? 'unknown'}, not always: the last second can be lost when it dies`,
      );
  }
  return warnings;
}
