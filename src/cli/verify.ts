import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError, summarizeError } from '../lib/errors.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import type { ChainFault } from '../store/chain.ts';
import { checkExportedHistory, checkStoredHistory, type HistoryCheck } from '../store/check-history.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';

// `npm run verify [-- FILE]`: checks the history of the store beside a running bot, or of an export as JSON lines.
const USAGE =
  'usage: npm run verify [-- FILE]   (as a package: npx --no-install crew-approvals verify [FILE])\nFILE is an export with --format jsonl; without it the store of STORE_URL is checked.';
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };
const MOST_TOLD = 20;

const WHY: Readonly<Record<ChainFault['why'], string>> = {
  changed: 'was changed',
  missing_before: 'does not follow the entry before it: an entry was removed, inserted or moved',
  twice: 'is there twice',
  cut_off: 'is not the last entry: newer ones were removed',
};

try {
  const [file, ...more] = process.argv.slice(2);
  if (file === '--help' || file === '-h') console.log(USAGE);
  else if (more.length > 0 || file?.startsWith('-')) throw new AppError('settings_invalid', USAGE);
  else report(file === undefined ? await verifyStore() : await checkFile(file));
} catch (error) {
  console.error(error instanceof AppError ? error.message : summarizeError(error));
  process.exitCode = 1;
}

async function verifyStore(): Promise<HistoryCheck> {
  const { storeUrl } = loadSettings(readEnvironment(process.env));
  requireDatabase(storeUrl);
  const { records, close } = await openStore(storeUrl, LOG, { beside: true });
  return checkStoredHistory(records).finally(close);
}

async function checkFile(file: string): Promise<HistoryCheck> {
  if (!existsSync(file)) throw new AppError('settings_invalid', `The file ${file} does not exist.`);
  const checked = await checkExportedHistory(createInterface({ input: createReadStream(file) }));
  if (checked.entries === 0 && checked.unreadable.length > 0)
    throw new AppError('settings_invalid', `${file} is not an export with --format jsonl.`);
  return checked;
}

function report({ entries, histories, late, faults, unreadable }: HistoryCheck): void {
  const told = [
    ...unreadable.map((place) => `${place} is not an entry of a history.`),
    ...faults.map(({ subject, place, why }) =>
      place === undefined
        ? `The history of ${subject} is missing.`
        : `The entry ${place} of ${subject} ${WHY[why]}.`,
    ),
  ];
  for (const fault of told.slice(0, MOST_TOLD)) console.log(fault);
  if (told.length > MOST_TOLD) console.log(`… and ${told.length - MOST_TOLD} more.`);
  if (late > 0) console.log(`${late} of the histories begin before this export.`);
  const what = `${entries} entries of ${histories} histories`;
  console.log(told.length === 0 ? `${what}: nothing was changed.` : `${what}: ${told.length} do not fit.`);
  if (told.length > 0) process.exitCode = 1;
}
