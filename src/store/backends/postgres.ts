import pg from 'pg';
import { AppError, DeadlineError, StoreError, summarizeError } from '../../lib/errors.ts';
import type { Commit, RangeOptions, RawRecord, RecordStore, ServerRecords } from '../record-store.ts';
import { buildConnectError } from './connect-error.ts';
import { buildRangeBounds } from './range-bounds.ts';

const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 5_000;
const CONNECTIONS = 10;
/** Key of pg_advisory_lock: two replicas that start at once must not both create the table. */
const CREATING_TABLES = 0x63726577;

const TABLE = 'crew_approvals_records';
/** Replicas of an earlier version still call their own function, so a function with other parameters needs another name. */
const COMMIT = `${TABLE}_commit_compared`;

const CREATE_TABLES = `
CREATE TABLE IF NOT EXISTS ${TABLE} (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE OR REPLACE FUNCTION ${COMMIT}(
  records text[], previous text[], put_keys text[], put_values text[], gone text[], deadline double precision
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  record text;
  held text;
BEGIN
  -- In one order for all, so that no two commits wait for each other. What is only compared, as the format is by all commits,
  -- is locked against its writers alone.
  FOR record IN SELECT one FROM unnest(records) AS one ORDER BY one COLLATE "C" LOOP
    IF record = ANY(put_keys) OR record = ANY(gone) THEN
      PERFORM pg_advisory_xact_lock(hashtextextended(record, 0));
    ELSE
      PERFORM pg_advisory_xact_lock_shared(hashtextextended(record, 0));
    END IF;
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

/**
 * Opens a store in Postgres, for any number of processes. Rejects with an AppError in one sentence if the server cannot be
 * reached or the table cannot be created.
 */
export async function openPostgres(url: string, onError: (error: unknown) => void): Promise<ServerRecords> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    statement_timeout: QUERY_TIMEOUT,
    // Postgres answers a commit once it is on disk, whatever the server's own default is.
    options: '-c synchronous_commit=on',
  });
  // Without a listener, a broken idle connection would end the process.
  pool.on('error', onError);
  await createTables(pool);
  const records = new PostgresRecords(pool);
  return { records, serverTime: () => records.readServerTime(), warnings: await listWarnings(pool) };
}

class PostgresRecords implements RecordStore {
  private readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  async get(key: string) {
    const [row] = await this.query<{ raw: string }>(`SELECT value AS raw FROM ${TABLE} WHERE key = $1`, [
      key,
    ]);
    return row?.raw;
  }

  async getMany(keys: readonly string[]) {
    const text = `SELECT key, value AS raw FROM ${TABLE} WHERE key = ANY($1)`;
    const rows = await this.query<RawRecord>(text, [keys]);
    const rawByKey = new Map(rows.map(({ key, raw }) => [key, raw]));
    return keys.map((key) => rawByKey.get(key));
  }

  async commit({ compare, puts, deletes, deadline }: Commit) {
    const query = {
      name: 'commit',
      text: `SELECT ${COMMIT}($1, $2, $3, $4, $5, $6) AS done`,
      values: [
        compare.map(({ key }) => key),
        compare.map(({ previousRaw }) => previousRaw ?? null),
        puts.map((put) => put.key),
        puts.map((put) => put.raw),
        deletes,
        deadline ?? null,
      ],
    };
    const { rows } = await this.pool.query<{ done: number }>(query).catch((error: unknown) => {
      throw wrapPostgresError(error, mayHaveCommitted(error));
    });
    if (rows[0]?.done === -1) throw new DeadlineError();
    return rows[0]?.done === 1;
  }

  range(index: string, { after, limit, reverse }: RangeOptions) {
    const { low, high } = buildRangeBounds(index, after, reverse);
    const text = `SELECT key, value AS raw FROM ${TABLE} WHERE key > $1 AND key < $2 ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT $3`;
    return this.query<RawRecord>(text, [low, high, limit]);
  }

  async fault() {
    return undefined;
  }

  async disconnect() {
    await this.pool.end();
  }

  async readServerTime() {
    const text = 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now';
    const [row] = await this.query<{ now: string }>(text);
    return Number(row?.now);
  }

  private async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw wrapPostgresError(error);
    }
  }
}

function wrapPostgresError(error: unknown, unsure = false): StoreError {
  return new StoreError(`Postgres failed (${summarizeError(error)}).`, error, { unsure });
}

/**
 * False if the query was never sent or Postgres rejected it. Classes 57P (server shutdown) and 08 (lost connection) prove
 * nothing.
 */
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

async function createTables(pool: pg.Pool): Promise<void> {
  try {
    const client = await pool.connect().catch((error: unknown) => {
      throw buildConnectError('Postgres', summarizeError(error), error);
    });
    try {
      await client.query('SELECT pg_advisory_lock($1)', [CREATING_TABLES]);
      await client.query(CREATE_TABLES);
      await client.query('SELECT pg_advisory_unlock($1)', [CREATING_TABLES]);
    } finally {
      client.release(true);
    }
  } catch (error) {
    await pool.end().catch(() => {});
    if (error instanceof AppError) throw error;
    throw new AppError(
      'store_unavailable',
      `Can't connect to Postgres at STORE_URL (${summarizeError(error)}). Check that it is running and that STORE_URL is right.`,
      { cause: error },
    );
  }
}

async function listWarnings(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ fsync: string }>("SELECT current_setting('fsync') AS fsync");
  return rows[0]?.fsync === 'on'
    ? []
    : ['Postgres has fsync off: commits can be lost when its machine crashes'];
}
