import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../lib/errors.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import { copyDatabase } from '../store/backends/sqlite/copy-database.ts';
import { requireWriteAheadLog } from '../store/backends/sqlite/open-database.ts';
import { summarizeSqliteError } from '../store/backends/sqlite/sqlite-error.ts';
import { resolveRealFile } from '../store/backends/sqlite/sqlite-files.ts';
import { requireDatabase } from '../store/open-store.ts';
import { USAGE_KEY } from '../store/usage.ts';

// `npm run backup -- FILE`: copies a SQLite store into one file while the bot runs.
const USAGE =
  'usage: npm run backup -- FILE   (as a package: npx --no-install crew-approvals backup FILE)\nRestore it as the file of STORE_URL and start once with: npm start -- --restored';
const OTHER_STORES = {
  postgres:
    'STORE_URL is Postgres: back it up with `pg_dump --table=crew_approvals_records "$STORE_URL" > backup.sql`.',
  redis:
    'STORE_URL is Redis: back it up with `redis-cli -u "$STORE_URL" --rdb backup.rdb`, or copy its append-only files.',
} as const;

const help = { type: 'boolean', short: 'h' } as const;
const { values, positionals } = parseArgs({ options: { help }, allowPositionals: true });

try {
  const [target, ...extraArguments] = positionals;
  if (values.help) console.log(USAGE);
  else if (target === undefined || extraArguments.length > 0) throw new AppError('settings_invalid', USAGE);
  else backup(loadSettings(readEnvironment(process.env)).storeUrl, resolve(target));
} catch (error) {
  console.error(
    error instanceof AppError ? error.message : `The backup failed: ${summarizeSqliteError(error)}.`,
  );
  process.exitCode = 1;
}

function backup(storeUrl: string, target: string): void {
  const file = requireDatabase(storeUrl);
  if (file === undefined)
    throw new AppError(
      'settings_invalid',
      storeUrl.startsWith('redis') ? OTHER_STORES.redis : OTHER_STORES.postgres,
    );
  if (existsSync(target))
    throw new AppError('settings_invalid', `${target} already exists: name a new file.`);
  requireWriteAheadLog(resolveRealFile(file));
  // The copy gets no record of usage: otherwise, a start with --restored would mistake it for a store in use.
  copyDatabase(file, target, [USAGE_KEY]);
  console.log(`The database was copied to ${target}.`);
}
