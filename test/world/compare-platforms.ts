import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { COUNTED, type Counted } from './counts.ts';
import { CALLED } from './sent-urls.ts';

/**
 * Lets the same stories happen on each platform that a played CrewAI can be, and prints which fail there and what they lead
 * to: npx tsx test/world/compare-platforms.ts [files]
 */
const STORIES = [
  'which-approval',
  'which-run',
  'tickets',
  'approvals',
  'late-answers',
  'failed-runs',
  'sending',
  'starts',
  'registrations',
  'dialects',
].map((name) => `test/world/${name}.test.ts`);

interface Report {
  numPassedTests: number;
  numTotalTests: number;
  testResults: {
    name: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : STORIES;
const folder = mkdtempSync(join(tmpdir(), 'platforms-'));
const rows = CALLED.map((called) => {
  const [counts, report] = ['counts', 'report'].map((what) => join(folder, `${called}-${what}`)) as [
    string,
    string,
  ];
  // Some of the stories are played with CI=true only.
  const env = { ...process.env, CI: 'true', CREWAI_CALLS: called, WORLD_COUNTS: counts };
  const args = ['vitest', 'run', '--reporter=json', `--outputFile=${report}`, ...files];
  spawnSync('npx', args, { env, stdio: 'ignore' });
  return { called, report: JSON.parse(readFileSync(report, 'utf8')) as Report, counted: addUp(counts) };
});
rmSync(folder, { recursive: true });

const print = (...cells: unknown[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
print('URLs called', 'passed', 'of', ...COUNTED);
print(...Array(3 + COUNTED.length).fill('---'));
for (const { called, report, counted } of rows)
  print(called, report.numPassedTests, report.numTotalTests, ...COUNTED.map((what) => counted[what]));
for (const { called, report } of rows)
  for (const { name, assertionResults } of report.testResults)
    for (const { fullName, status, failureMessages } of assertionResults)
      if (status === 'failed')
        process.stdout.write(
          `\n${called}: ${relative('.', name)}: ${fullName}\n${failureMessages[0]?.split('\n    at ')[0]}\n`,
        );

function addUp(path: string): Counted {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const worlds = lines.map((line) => JSON.parse(line) as Counted);
  const sum = (what: keyof Counted) => worlds.reduce((all, world) => all + world[what], 0);
  return Object.fromEntries(COUNTED.map((what) => [what, sum(what)])) as Counted;
}
