import { ClientOfflineError, createClient, ErrorReply } from '@redis/client';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../lib/errors.ts';
import { withTimeout } from '../../lib/time.ts';
import {
  buildNamespacePrefix,
  type Commit,
  listCompared,
  type RangeOptions,
  type RecordStore,
} from '../record-store.ts';
import { iterateRecords } from './iterate-records.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { COMMIT_SCRIPT } from './redis-commit.ts';
import { describeEviction, readInfo, readWarnings } from './redis-settings.ts';

const NAMESPACE = 'crew-approvals';
const CONNECT_WITHIN = 5_000;
/** A server that answers nothing for this long, pings included, counts as lost: calls fail and the client reconnects. */
const SILENT_FOR = 4_000;
const PING_EVERY = 1_500;
const LONGEST_PAUSE = 2_000;
const PAGE = 100;

type Client = ReturnType<typeof createRedisClient>;

export interface RedisStore {
  records: RecordStore;
  /** Milliseconds since 1970. */
  serverTime: () => Promise<number>;
  /** What the server's settings do not guarantee, in sentences. */
  warnings: string[];
}

/**
 * A store in Redis, for any number of processes; `?prefix=` in the URL separates bots that share one. Rejects with an
 * AppError in one sentence when the server cannot be reached, is a cluster, or may evict records.
 */
export async function openRedis(url: string, onError: (error: unknown) => void): Promise<RedisStore> {
  const address = new URL(url);
  const namespace = address.searchParams.get('prefix') || NAMESPACE;
  address.search = '';
  const client = createRedisClient(address.href);
  client.on('error', onError);
  const warnings = await connectRedis(client);
  const records = new RedisRecords({
    client,
    namespace,
    onError,
    scriptSha: await client.scriptLoad(COMMIT_SCRIPT),
  });
  return { records, serverTime: () => records.readServerTime(), warnings };
}

function createRedisClient(url: string) {
  return createClient({
    url,
    // A call made while the server is away fails at once: a queued call could be reported as done and lost with us.
    disableOfflineQueue: true,
    pingInterval: PING_EVERY,
    socket: {
      connectTimeout: CONNECT_WITHIN,
      socketTimeout: SILENT_FOR,
      reconnectStrategy: (attempts) => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(attempts, 10)),
    },
  });
}

async function connectRedis(client: Client): Promise<string[]> {
  try {
    return await withTimeout(CONNECT_WITHIN, async () => {
      await client.connect();
      return readWarnings(client);
    });
  } catch (error) {
    client.destroy();
    if (error instanceof AppError && !(error instanceof DeadlineError)) throw error;
    const reason = error instanceof DeadlineError ? 'no answer' : summarizeError(error);
    throw new AppError('store_unavailable', `Redis at STORE_URL cannot be reached (${reason}).`, {
      cause: error,
    });
  }
}

class RedisRecords implements RecordStore {
  readonly opts = { dialect: 'redis', url: '' };
  namespace?: string | undefined;
  private readonly client: Client;
  private readonly onError: (error: unknown) => void;
  private readonly scriptSha: string;
  private readonly prefix: string;
  /** The sorted set of all keys in byte order; its name is outside the prefix, so that it is not a record's key. */
  private readonly index: string;

  constructor({
    client,
    namespace,
    onError,
    scriptSha,
  }: {
    client: Client;
    namespace: string;
    onError: (error: unknown) => void;
    scriptSha: string;
  }) {
    this.client = client;
    this.onError = onError;
    this.scriptSha = scriptSha;
    this.prefix = `${namespace}::`;
    this.index = `${namespace}:index`;
  }

  async get(key: string) {
    return (await guard(this.client.get(this.prefix + key))) ?? undefined;
  }

  async getMany(keys: readonly string[]) {
    if (keys.length === 0) return [];
    const raws = await guard(this.client.mGet(keys.map((key) => this.prefix + key)));
    return raws.map((raw) => raw ?? undefined);
  }

  async has(key: string) {
    return (await guard(this.client.exists(this.prefix + key))) > 0;
  }

  async set(key: string, raw: string) {
    await guard(this.client.set(this.prefix + key, raw));
    await guard(this.client.zAdd(this.index, { score: 0, value: key }));
  }

  delete(key: string) {
    return this.deleteMany([key]);
  }

  async deleteMany(keys: readonly string[]) {
    if (keys.length === 0) return false;
    const deleted = await guard(this.client.unlink(keys.map((key) => this.prefix + key)));
    await guard(this.client.zRem(this.index, [...keys]));
    return deleted > 0;
  }

  async clear() {
    for await (const [key] of this.iterator(this.namespace)) await this.delete(key);
  }

  iterator(namespace?: string) {
    const prefix = buildNamespacePrefix(namespace);
    // No byte of UTF-8 is 0xff.
    const end = prefix === '' ? '+' : Buffer.concat([Buffer.from(`[${prefix}`), Buffer.from([0xff])]);
    return iterateRecords((after) => this.readEntries(after === '' ? `[${prefix}` : `(${after}`, end, PAGE));
  }

  async commit({ puts, deletes, deadline, ...compared }: Commit) {
    const records = listCompared(compared);
    const held = records.flatMap(({ previousRaw: raw }) => (raw === undefined ? ['0', ''] : ['1', raw]));
    const args = [
      deadline === undefined ? '' : String(deadline),
      this.prefix,
      ...held,
      String(puts.length),
      ...puts.flatMap((put) => [put.key, put.raw]),
      ...deletes,
    ];
    const keys = [...records.map(({ key }) => this.prefix + key), this.index];
    const done = await this.runCommitScript({ keys, arguments: args }).catch((error: unknown) => {
      // A command that was never sent, or that Redis rejected, was not executed.
      throw wrapRedisError(error, !(error instanceof ClientOfflineError || error instanceof ErrorReply));
    });
    if (done === -1) throw new DeadlineError();
    return done === 1;
  }

  range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    const LIMIT = { offset: 0, count: limit };
    return guard(
      reverse
        ? this.client.zRange(this.index, `(${high}`, `(${low}`, { BY: 'LEX', REV: true, LIMIT })
        : this.client.zRange(this.index, `(${low}`, `(${high}`, { BY: 'LEX', LIMIT }),
    );
  }

  entries(index: string, limit: number) {
    const { low, high } = buildRangeBounds(index);
    return this.readEntries(`(${low}`, `(${high}`, limit);
  }

  async fault() {
    const policy = readInfo(await guard(this.client.info('memory')), 'maxmemory_policy');
    return policy === undefined || policy === 'noeviction' ? undefined : describeEviction(policy);
  }

  async disconnect() {
    // A ping that is under way fails now, which is not a fault of the store.
    this.client.off('error', this.onError);
    this.client.on('error', () => {});
    this.client.destroy();
  }

  async readServerTime() {
    const [seconds = '0', microseconds = '0'] = await guard(this.client.sendCommand<string[]>(['TIME']));
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  }

  private async readEntries(low: string, high: string | Buffer, limit: number) {
    const LIMIT = { offset: 0, count: limit };
    const keys = await guard(this.client.zRange(this.index, low, high, { BY: 'LEX', LIMIT }));
    const raws = await this.getMany(keys);
    return keys.flatMap((key, at) => {
      const raw = raws[at];
      return raw === undefined ? [] : [{ key, raw }];
    });
  }

  private async runCommitScript(options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    try {
      return await this.client.evalSha(this.scriptSha, options);
    } catch (error) {
      // A Redis that was restarted has no scripts.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
        return this.client.eval(COMMIT_SCRIPT, options);
      }
      throw error;
    }
  }
}

async function guard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw wrapRedisError(error);
  }
}

function wrapRedisError(error: unknown, unsure = false): StoreError {
  return new StoreError(`Redis failed (${summarizeError(error)}).`, error, { unsure });
}
