import { ClientOfflineError, createClient, ErrorReply } from '@redis/client';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../lib/errors.ts';
import { withTimeout } from '../../lib/time.ts';
import type { Commit, RangeOptions, RecordStore, ServerRecords } from '../record-store.ts';
import { buildConnectError } from './connect-error.ts';
import { buildRangeBounds } from './range-bounds.ts';
import { COMMIT_SCRIPT, RANGE_SCRIPT } from './redis-scripts.ts';
import { describeEviction, readInfo, readWarnings } from './redis-settings.ts';

const NAMESPACE = 'crew-approvals';
const CONNECT_TIMEOUT = 5_000;
/** A server that answers nothing for this long, not even pings, counts as lost: calls fail and the client reconnects. */
const LONGEST_SILENCE = 4_000;
const PING_INTERVAL = 1_500;
const LONGEST_PAUSE = 2_000;

type Client = ReturnType<typeof createRedisClient>;

/**
 * Opens a store in Redis, for any number of processes. `?prefix=` in the URL separates bots that share a Redis. Rejects with an
 * AppError in one sentence if the server cannot be reached, is a cluster, or may evict records.
 */
export async function openRedis(url: string, onError: (error: unknown) => void): Promise<ServerRecords> {
  const address = new URL(url);
  const namespace = address.searchParams.get('prefix') || NAMESPACE;
  address.search = '';
  const client = createRedisClient(address.href);
  client.on('error', onError);
  const warnings = await connectRedis(client);
  const records = new RedisRecords(client, namespace, onError);
  return { records, serverTime: () => records.readServerTime(), warnings };
}

function createRedisClient(url: string) {
  return createClient({
    url,
    // Calls fail at once while the server is away. A queued call could be reported as done and lost when the bot ends.
    disableOfflineQueue: true,
    pingInterval: PING_INTERVAL,
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      socketTimeout: LONGEST_SILENCE,
      reconnectStrategy: (attempts) => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(attempts, 10)),
    },
  });
}

async function connectRedis(client: Client): Promise<string[]> {
  try {
    return await withTimeout(CONNECT_TIMEOUT, async () => {
      await client.connect();
      return readWarnings(client);
    });
  } catch (error) {
    client.destroy();
    if (error instanceof AppError && !(error instanceof DeadlineError)) throw error;
    const reason = error instanceof DeadlineError ? 'no answer' : summarizeError(error);
    throw buildConnectError('Redis', reason, error);
  }
}

class RedisRecords implements RecordStore {
  private readonly client: Client;
  private readonly onError: (error: unknown) => void;
  private readonly prefix: string;
  /** Name of the sorted set of all keys in byte order. The name is outside the prefix, so no record can have it as its key. */
  private readonly index: string;

  constructor(client: Client, namespace: string, onError: (error: unknown) => void) {
    this.client = client;
    this.onError = onError;
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

  async commit({ compare, puts, deletes, deadline }: Commit) {
    const previousValues = compare.flatMap(({ previousRaw: raw }) =>
      raw === undefined ? ['0', ''] : ['1', raw],
    );
    const args = [
      deadline === undefined ? '' : String(deadline),
      this.prefix,
      ...previousValues,
      String(puts.length),
      ...puts.flatMap((put) => [put.key, put.raw]),
      ...deletes,
    ];
    const keys = [...compare.map(({ key }) => this.prefix + key), this.index];
    const outcome = await this.run(COMMIT_SCRIPT, { keys, arguments: args }).catch((error: unknown) => {
      // Redis did not execute a command that was never sent or that it rejected.
      throw wrapRedisError(error, !(error instanceof ClientOfflineError || error instanceof ErrorReply));
    });
    if (outcome === -1) throw new DeadlineError();
    return outcome === 1;
  }

  async range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    const bounds = reverse
      ? ['ZREVRANGEBYLEX', `(${high}`, `(${low}`]
      : ['ZRANGEBYLEX', `(${low}`, `(${high}`];
    const options = { keys: [this.index], arguments: [this.prefix, String(limit), ...bounds] };
    const keysAndValues = (await guard(this.run(RANGE_SCRIPT, options))) as string[];
    return keysAndValues.flatMap((key, at) =>
      at % 2 === 0 ? [{ key, raw: keysAndValues[at + 1] ?? '' }] : [],
    );
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

  private async run(
    { text, sha }: typeof COMMIT_SCRIPT,
    options: { keys: string[]; arguments: string[] },
  ): Promise<unknown> {
    try {
      return await this.client.evalSha(sha, options);
    } catch (error) {
      // A new or restarted Redis does not have the scripts.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT'))
        return this.client.eval(text, options);
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
