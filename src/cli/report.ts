import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { listSecrets } from '../approval/model/crew/hide-secrets.ts';
import { AppError, summarizeError } from '../lib/errors.ts';
import { countFaults, describeNewest, summarizeCheck } from '../report/describe-check.ts';
import { writeReport } from '../report/write-report.ts';
import { buildCrew } from '../settings/build-crew.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import { createHistoryReader } from '../store/history-reader.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';
import { parsePeriod, UsageError } from './read-period.ts';
import { ReportFile } from './report-file.ts';

// `npm run report`: writes a page about the requests and decisions of a period, even while the bot runs.
const USAGE = `usage: npm run report -- [--since 2026-01-01] [--until 2026-02-01] [--crew name] [--per-person] [--out report.html]
As a package: npx --no-install crew-approvals report, with the same.
Days are in UTC; --until is not included. The exit code is 1 if the history check finds a problem; the page says where.`;
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };
// With much free memory, V8 collects garbage late, but the bot runs on the same machine.
setFlagsFromString('--optimize-for-size');

/** Longest text in the report, in characters. */
const LONGEST_TEXT = 100_000;

const [text, flag] = [{ type: 'string' } as const, { type: 'boolean' } as const];
const { values: commandOptions } = parseArgs({
  options: {
    since: text,
    until: text,
    crew: text,
    out: text,
    'per-person': flag,
    // A removed option: one sentence explains why.
    pseudonyms: flag,
    help: { ...flag, short: 'h' },
  },
});

try {
  if (commandOptions.help) console.log(USAGE);
  else await writeReportFile(readReportOptions(commandOptions));
} catch (error) {
  const sentence =
    error instanceof AppError || error instanceof UsageError ? error.message : summarizeError(error);
  console.error(error instanceof UsageError ? `${sentence}\n${USAGE}` : sentence);
  process.exitCode = 1;
}

function readReportOptions({
  crew,
  'per-person': perPerson,
  pseudonyms = false,
  out = 'report.html',
  ...period
}: typeof commandOptions) {
  if (pseudonyms)
    throw new AppError(
      'settings_invalid',
      '--pseudonyms was removed: a search cannot find every name in a text, so the report names people by their Slack member IDs.',
    );
  if (out === '') throw new UsageError('--out must be the name of a file');
  return { ...parsePeriod(period), crew, perPerson, out };
}

async function writeReportFile({
  crew,
  out,
  ...options
}: ReturnType<typeof readReportOptions>): Promise<void> {
  const settings = loadSettings(readEnvironment(process.env));
  const names = settings.crews.map(({ name }) => name);
  if (crew !== undefined && !names.includes(crew))
    throw new UsageError(`--crew must be one of ${names.join(', ')}`);
  requireDatabase(settings.storeUrl);
  const file = new ReportFile(out);
  const { records, clock, close } = await openStore(settings.storeUrl, LOG, { besideBot: true });
  try {
    const pieces = writeReport(createHistoryReader(records), {
      ...options,
      crews: crew === undefined ? undefined : new Set([crew]),
      madeAt: clock.now(),
      secrets: settings.crews.flatMap((crewSettings) => listSecrets(buildCrew(crewSettings, settings))),
      longestText: LONGEST_TEXT,
    });
    let piece = await pieces.next();
    for (; !piece.done; piece = await pieces.next()) file.write(piece.value);
    file.finish();
    const { approvals, check } = piece.value;
    console.log(`${out}: approvals and starts of runs: ${approvals}.`);
    if (check.newest) console.log(describeNewest(check.newest));
    console.log(summarizeCheck(check));
    if (countFaults(check) > 0) process.exitCode = 1;
  } finally {
    file.discard();
    await close();
  }
}
