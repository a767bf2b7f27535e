import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { HistoryCheck } from '../approval/ports.ts';
import { AppError, summarizeError } from '../lib/errors.ts';
import {
  countFaults,
  describeFaults,
  describeLate,
  describeNewest,
  summarizeCheck,
} from '../report/describe-check.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import { checkExportedHistory, checkStoredHistory } from '../store/check-history.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';

// `npm run verify -- [FILE]`: checks the history in the store, even while the bot runs, or in an export as JSON lines.
const USAGE = `usage: npm run verify -- [FILE] [--expect HASH]   (as a package: npx --no-install crew-approvals verify [FILE] [--expect HASH])
FILE is an export with --format jsonl; without it the store of STORE_URL is checked.
HASH is the whole hash of an entry that must be there, 64 characters, from a signed event or an earlier check. It can be
given several times. verify receipt --help: how to check a signed receipt.`;
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };
const MAX_TOLD = 20;

// A receipt is checked without the bot, by the same function that programs use.
if (process.argv[2] === 'receipt') {
  await import('../clients/verify-receipt.ts');
  process.exit();
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { expect: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
});

try {
  const [file, ...extraArguments] = positionals;
  const expected = values.expect ?? [];
  if (values.help) console.log(USAGE);
  else if (extraArguments.length > 0) throw new AppError('settings_invalid', USAGE);
  else if (!expected.every((hash) => /^[0-9a-f]{64}$/.test(hash)))
    throw new AppError('settings_invalid', '--expect takes a whole hash: 64 characters, 0 to 9 and a to f.');
  else printCheck(file === undefined ? await verifyStore(expected) : await checkFile(file, expected));
} catch (error) {
  console.error(error instanceof AppError ? error.message : summarizeError(error));
  process.exitCode = 1;
}

async function verifyStore(expected: readonly string[]): Promise<HistoryCheck> {
  const { storeUrl } = loadSettings(readEnvironment(process.env));
  requireDatabase(storeUrl);
  const { records, close } = await openStore(storeUrl, LOG, { besideBot: true });
  return checkStoredHistory(records, expected).finally(close);
}

async function checkFile(file: string, expected: readonly string[]): Promise<HistoryCheck> {
  if (!existsSync(file)) throw new AppError('settings_invalid', `The file ${file} does not exist.`);
  const checked = await checkExportedHistory(createInterface({ input: createReadStream(file) }), expected);
  if (checked.entries === 0 && checked.unreadable.length > 0)
    throw new AppError('settings_invalid', `${file} is not an export with --format jsonl.`);
  return checked;
}

function printCheck(check: HistoryCheck): void {
  for (const sentence of describeFaults(check, MAX_TOLD)) console.log(sentence);
  if (check.late > 0) console.log(describeLate(check.late, 'export'));
  if (check.newest) console.log(describeNewest(check.newest));
  console.log(summarizeCheck(check));
  if (countFaults(check) > 0) process.exitCode = 1;
}
