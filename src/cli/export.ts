import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'csv-stringify';
import { AppError, summarizeError } from '../lib/errors.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import { createApprovalStore } from '../store/approval-store.ts';
import { type AuditLine, readAuditTrail } from '../store/audit.ts';
import { restrictFile } from '../store/backends/sqlite/sqlite-files.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';
import { parsePeriod, UsageError } from './read-period.ts';

// `npm run export`: writes every fact of every approval to stdout or a file, even while the bot runs.
const USAGE =
  'npm run --silent export -- [--since 2026-01-01] [--until 2026-02-01] [--format csv|jsonl] [--crew name] [--out file]';
const COLUMNS = [
  'time',
  'approval',
  'crew',
  'execution',
  'task',
  'round',
  'what',
  'by',
  'origin',
  'detail',
  'text',
  // `verify` uses these columns to check the history.
  'kickoff',
  'outcome',
  'status',
  'output',
  'texts',
  'seq',
  'previous',
  'hash',
  'remark',
  'edited',
  'asked',
  'option',
  'rule',
  'votes',
  'follows',
  'record',
  'values',
  'seen',
] as const;
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };

const text = { type: 'string' } as const;
const { values: commandOptions } = parseArgs({
  options: {
    since: text,
    until: text,
    format: text,
    crew: text,
    out: text,
    help: { type: 'boolean', short: 'h' },
  },
});

try {
  if (commandOptions.help)
    console.log(`${USAGE}\nAs a package: npx --no-install crew-approvals export, with the same.`);
  else await exportFacts(readOptions(commandOptions));
} catch (error) {
  const sentence =
    error instanceof AppError || error instanceof UsageError ? error.message : summarizeError(error);
  console.error(error instanceof UsageError ? `${sentence}\n${USAGE}` : sentence);
  process.exitCode = 1;
}

interface Options {
  since: number;
  until: number;
  format: 'csv' | 'jsonl';
  crew?: string | undefined;
  /** File to write; undefined: stdout. */
  file?: string | undefined;
}

function readOptions({ since, until, format = 'csv', crew, out: file }: typeof commandOptions): Options {
  if (format !== 'csv' && format !== 'jsonl') throw new UsageError('--format must be csv or jsonl');
  return {
    ...parsePeriod({ since, until }),
    format,
    crew,
    file,
  };
}

async function exportFacts({ format, crew, file, ...period }: Options): Promise<void> {
  const { storeUrl, crews } = loadSettings(readEnvironment(process.env));
  if (crew !== undefined && !crews.some(({ name }) => name === crew))
    throw new UsageError(`--crew must be one of ${crews.map(({ name }) => name).join(', ')}`);
  requireDatabase(storeUrl);
  const { records, close } = await openStore(storeUrl, LOG, { besideBot: true });
  try {
    const store = createApprovalStore(records, LOG);
    const onUnreadable = (key: string) => LOG.error({}, `${key} cannot be read and was skipped`);
    const lines = readAuditTrail(records, store, { ...period, crew }, onUnreadable);
    if (file !== undefined) restrictFile(file, { warn: LOG.error });
    const out = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 });
    await pipeline(buildCsvRows(lines), format === 'csv' ? createCsv() : writeJsonLines, out, {
      end: file !== undefined,
    });
  } catch (error) {
    // A reader of only the first lines, such as head, closes the pipe.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  } finally {
    await close();
  }
}

/** Escapes formulas with an apostrophe, since spreadsheets would run them. */
function createCsv() {
  return stringify({ header: true, columns: [...COLUMNS], escape_formulas: true });
}

async function* writeJsonLines(source: AsyncIterable<Record<string, unknown>>) {
  // Keys in the order of the columns.
  for await (const row of source)
    yield `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, row[name]])))}\n`;
}

async function* buildCsvRows(lines: AsyncIterable<AuditLine>) {
  for await (const { at, origin = 'bot', ...line } of lines)
    yield { time: new Date(at).toISOString(), ...line, origin };
}
