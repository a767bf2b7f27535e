import { KeyvPostgres } from '@keyv/postgres';
import pg from 'pg';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../lib/errors.ts';
import { listCompared, type RecordStore } from '../record-store.ts';
import { buildRangeBounds } from './range-bounds.ts';

const CONNECT_WITHIN = 5_000;
const QUERY_WITHIN = 5_000;
const CONNECTIONS = 10;
const TABLE = 'crew_approvals_records';
/** Another one with other parameters has another name: replicas of the version before go on calling theirs. */
const COMMIT = `${TABLE}_commit_compared`;
/** Of our own, for pg_advisory_lock: two replicas that start at once must not make the table twice. */
const MAKING_TABLES = 0x63726577;

const MAKE_TABLES = `
CREATE TABLE IF NOT EXISTS ${TABLE} (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE OR REPLACE FUNCTION ${COMMIT}(
  records text[], previous text[], put_keys text[], put_values text[], gone text[], deadline double precision
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  record text;
  held text;
BEGIN
  -- In one order for all, so that no two commits wait for each other.
  FOR record IN SELECT one FROM unnest(records) AS one ORDER BY one COLLATE "C" LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(record, 0));
  END LOOP;
  IF extract(epoch FROM clock_timestamp()) * 1000 > deadline THEN RETURN -1; END IF;
  FOR i IN 1..cardinality(records) LOOP
    SELECT value INTO held FROM ${TABLE} WHERE key = records[i];
    IF held IS DISTINCT FROM previous[i] THEN RETURN 0; END IF;
  END LOOP;
  DELETE FROM ${TABLE} WHERE key = ANY(gone);
  INSERT INTO ${TABLE} (key, value) SELECT * FROM unnest(put_keys, put_values)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
  RETURN 1;
END $$;
`;

/** Keyv's adapter on a pool of ours: its own would end the process when an idle connection breaks. */
class PostgresRecords extends KeyvPostgres {
  override async connect() {
    const { pool } = this.opts as unknown as { pool: pg.Pool };
    return async (sql: string, values?: unknown[]) => (await pool.query(sql, values)).rows;
  }
}

export interface PostgresStore {
  records: RecordStore;
  /** Milliseconds since 1970. */
  serverTime: () => Promise<number>;
  /** What its settings do not promise, in sentences. */
  warnings: string[];
}

/**
 * A store in Postgres, for any number of processes. Rejects with an AppError in one sentence when it cannot be reached
 * or its table cannot be made.
 */
export async function openPostgres(url: string, onError: (error: unknown) => void): Promise<PostgresStore> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN,
    query_timeout: QUERY_WITHIN,
    statement_timeout: QUERY_WITHIN,
    // A commit is on disk when it is answered, whatever the server's own default is.
    options: '-c synchronous_commit=on',
  });
  pool.on('error', onError);
  await makeTables(pool);

  const adapter = new PostgresRecords({ dialect: 'postgres', table: TABLE, pool } as never);
  adapter.on('error', onError);
  const failed = (error: unknown, unsure = false) =>
    new StoreError(`Postgres failed (${summarizeError(error)}).`, error, { unsure });
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw failed(error);
    }
  };

  const { get, getMany, has } = adapter;
  const operations = {
    get: (key: string) => guarded(get.call(adapter, key)),
    getMany: (keys: string[]) => guarded(getMany.call(adapter, keys)),
    has: (key: string) => guarded(has.call(adapter, key)),

    async commit({ puts, deletes, deadline, ...compared }: Parameters<RecordStore['commit']>[0]) {
      const records = listCompared(compared);
      const query = {
        name: 'commit',
        text: `SELECT ${COMMIT}($1, $2, $3, $4, $5, $6) AS done`,
        values: [
          records.map(({ key }) => key),
          records.map(({ previousRaw }) => previousRaw ?? null),
          puts.map((put) => put.key),
          puts.map((put) => put.raw),
          deletes,
          deadline ?? null,
        ],
      };
      const { rows } = await pool.query<{ done: number }>(query).catch((error: unknown) => {
        throw failed(error, mayHaveCommitted(error));
      });
      if (rows[0]?.done === -1) throw new DeadlineError();
      return rows[0]?.done === 1;
    },

    async range(index: string, { after, limit, reverse }: Parameters<RecordStore['range']>[1]) {
      const { low, high } = buildRangeBounds(index, after, reverse);
      const text = `SELECT key FROM ${TABLE} WHERE key > $1 AND key < $2 ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT $3`;
      const { rows } = await guarded(pool.query<{ key: string }>(text, [low, high, limit]));
      return rows.map((row) => row.key);
    },

    async entries(index: string, limit: number) {
      const { low, high } = buildRangeBounds(index, undefined, false);
      const text = `SELECT key, value AS raw FROM ${TABLE} WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3`;
      return (await guarded(pool.query<{ key: string; raw: string }>(text, [low, high, limit]))).rows;
    },

    fault: async () => undefined,

    async disconnect() {
      await pool.end();
    },
  };

  const serverTime = async () => {
    const text = 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now';
    const { rows } = await guarded(pool.query<{ now: string }>(text));
    return Number(rows[0]?.now);
  };
  return {
    records: Object.assign(adapter, operations) as unknown as RecordStore,
    serverTime,
    warnings: await settingsOf(pool),
  };
}

/** False when the query was never sent, or Postgres itself refused it; class 57P is a server that goes down. */
function mayHaveCommitted(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (
    typeof code === 'string' &&
    /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/.test(code)
  ) {
    return false;
  }
  if (error instanceof pg.DatabaseError) return /^(57P|08)/.test(error.code ?? '');
  return !/timeout exceeded when trying to connect/.test(String(message));
}

async function makeTables(pool: pg.Pool): Promise<void> {
  try {
    const client = await pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MAKING_TABLES]);
      await client.query(MAKE_TABLES);
      await client.query('SELECT pg_advisory_unlock($1)', [MAKING_TABLES]);
    } finally {
      client.release(true);
    }
  } catch (error) {
    await pool.end().catch(() => {});
    throw new AppError(
      'store_unavailable',
      `Postgres at STORE_URL cannot be used (${summarizeError(error)}).`,
      {
        cause: error,
      },
    );
  }
}

async function settingsOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ fsync: string }>("SELECT current_setting('fsync') AS fsync");
  return rows[0]?.fsync === 'on'
    ? []
    : ['Postgres has fsync off: what it answered can be lost when its machine dies'];
}
