import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { AppError, summarizeError } from '../lib/errors.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import {
  checkExportedHistory,
  checkStoredHistory,
  type HistoryCheck,
  type HistoryFault,
} from '../store/check-history.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';

// `npm run verify [-- FILE]`: checks the history of the store beside a running bot, or of an export as JSON lines.
const USAGE = `usage: npm run verify [-- FILE] [--expect HASH]   (as a package: npx --no-install crew-approvals verify [FILE] [--expect HASH])
FILE is an export with --format jsonl; without it the store of STORE_URL is checked.
HASH is that of an entry that has to be there, from a signed event or an earlier check. It can be given several times.`;
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };
const MOST_TOLD = 20;

type Tell = (fault: HistoryFault) => string;
const entry =
  (what: string): Tell =>
  ({ place, subject }) =>
    `The entry ${place} of ${subject} ${what}.`;
const compare = 'Compare it with an export, signed events or a backup from before.';

/** What was found, where, and what to do. */
const SENTENCES: Readonly<Record<HistoryFault['why'], Tell>> = {
  changed: entry(`was changed. ${compare.slice(0, -1)}`),
  moved: entry('is not where its time and its number belong: its key was changed'),
  text_changed: entry('has another text than the one that was recorded: the text was changed'),
  missing_before: entry('does not follow the entry before it: an entry was removed, inserted or moved'),
  approval_missing: entry('follows an approval of its run that is missing: its lines were removed'),
  twice: entry('stands in the place of another one: one of them was inserted'),
  appended: entry('is newer than the last one that its record knows: it was added'),
  cut_off: ({ place, subject }) =>
    place === undefined
      ? `The history of ${subject} is missing. ${compare}`
      : `The entry ${place} of ${subject} is not the last entry: newer ones were removed.`,
  newest_missing: ({ subject }) =>
    `The approval that the run ${subject} opened last is missing: its record and its history were removed.`,
  opened_twice: entry('opens an approval in the place of another one of its run: one of them was added'),
  opened_after: entry('opens an approval that its run does not know: it was added'),
  record_moved: ({ place }) =>
    `The record ${place} is that of another approval or start: it was moved or copied.`,
  record_changed: ({ subject, about }) =>
    `The record of ${subject} does not say what its history says (${about}): it was changed. Its history is what was decided.`,
  output_changed: ({ place }) => `${place} is not the text that was recorded: it was changed.`,
  output_missing: ({ subject, about }) => `The text ${about} of ${subject} is missing: it was removed.`,
  not_found: ({ subject }) =>
    `The entry with the hash ${subject} is not there: entries were removed, or this is another or an older history.`,
};

try {
  const { values, positionals } = readArguments();
  const [file, ...more] = positionals;
  const expected = values.expect ?? [];
  if (values.help) console.log(USAGE);
  else if (more.length > 0 || !expected.every((hash) => /^[0-9a-f]{64}$/.test(hash)))
    throw new AppError('settings_invalid', USAGE);
  else report(file === undefined ? await verifyStore(expected) : await checkFile(file, expected));
} catch (error) {
  console.error(error instanceof AppError ? error.message : summarizeError(error));
  process.exitCode = 1;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { expect: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
    });
  } catch {
    throw new AppError('settings_invalid', USAGE);
  }
}

async function verifyStore(expected: readonly string[]): Promise<HistoryCheck> {
  const { storeUrl } = loadSettings(readEnvironment(process.env));
  requireDatabase(storeUrl);
  const { records, close } = await openStore(storeUrl, LOG, { beside: true });
  return checkStoredHistory(records, expected).finally(close);
}

async function checkFile(file: string, expected: readonly string[]): Promise<HistoryCheck> {
  if (!existsSync(file)) throw new AppError('settings_invalid', `The file ${file} does not exist.`);
  const checked = await checkExportedHistory(createInterface({ input: createReadStream(file) }), expected);
  if (checked.entries === 0 && checked.unreadable.length > 0)
    throw new AppError('settings_invalid', `${file} is not an export with --format jsonl.`);
  return checked;
}

function report({ entries, histories, late, faults, unreadable, newest }: HistoryCheck): void {
  const told = [
    ...unreadable.map((place) => `${place} cannot be read: it was changed.`),
    ...faults.map((fault) => SENTENCES[fault.why](fault)),
  ];
  for (const fault of told.slice(0, MOST_TOLD)) console.log(fault);
  if (told.length > MOST_TOLD) console.log(`… and ${told.length - MOST_TOLD} more.`);
  if (late > 0) console.log(`${late} of the histories begin before this export.`);
  if (newest)
    console.log(
      `Newest entry: ${newest.hash}. Keep it elsewhere, and pass it to the next check with --expect.`,
    );
  const what = `${entries} entries of ${histories} histories`;
  console.log(told.length === 0 ? `${what}: nothing was changed.` : `${what}: ${told.length} do not fit.`);
  if (told.length > 0) process.exitCode = 1;
}
