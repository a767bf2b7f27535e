import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { COUNTED, type Counted } from './counts.ts';
import { CALLED } from './sent-urls.ts';

/**
 * Plays the same stories on each platform that the played CrewAI can be. Prints the outcomes, and the stories that end
 * in another way than without tickets (`none`): npx tsx test/world/compare-platforms.ts [files].
 * The tests expect the texts that people read without tickets. If a test fails although its story ends in the same way,
 * only texts differ.
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

type World = Counted & { test: string; testPath: string; behavior: string[] };

interface Report {
  numPassedTests: number;
  numTotalTests: number;
  testResults: {
    name: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

const givenFiles = process.argv.slice(2);
const files = givenFiles.length > 0 ? givenFiles : STORIES;
const folder = mkdtempSync(join(tmpdir(), 'platforms-'));
const rows = CALLED.map((called) => {
  const counts = join(folder, called);
  // Some of the stories are only played with CI=true.
  const env = { ...process.env, CI: 'true', CREWAI_CALLS: called, WORLD_COUNTS: counts };
  // In CI, vitest.config.ts writes the report.
  spawnSync('npx', ['vitest', 'run', ...files], { env, stdio: 'ignore' });
  const lines = readFileSync(counts, 'utf8').trim().split('\n');
  const worlds = lines.map((line) => JSON.parse(line) as World);
  const passed = JSON.parse(readFileSync('coverage/report.json', 'utf8')) as Report;
  return { called, report: passed, counted: addUp(worlds), behaviors: groupByStory(worlds) };
});
rmSync(folder, { recursive: true });

const print = (...cells: unknown[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
print('URLs called', 'passed', 'of', ...COUNTED);
print(...Array(3 + COUNTED.length).fill('---'));
for (const { called, report, counted } of rows)
  print(called, report.numPassedTests, report.numTotalTests, ...COUNTED.map((what) => counted[what]));
const base = rows.find(({ called }) => called === 'none')?.behaviors;
for (const { called, report, behaviors } of rows) {
  const differing = [...behaviors].filter(([story, behavior]) => base?.get(story) !== behavior);
  const failed = report.numTotalTests - report.numPassedTests;
  const failedByTexts = report.testResults
    .flatMap(({ name, assertionResults }) => assertionResults.map((one) => ({ ...one, name })))
    .filter(({ status, fullName, name }) => {
      const story = nameStory(name, fullName);
      return status === 'failed' && base?.get(story) === behaviors.get(story);
    });
  process.stdout.write(
    `\n${called}: ${differing.length} stories end in another way; ${failed} tests fail, ${failedByTexts.length} by texts only\n`,
  );
  for (const [story, behavior] of differing)
    process.stdout.write(`  ${story}\n    none: ${base?.get(story)}\n    ${called}: ${behavior}\n`);
}

function nameStory(path: string, test: string): string {
  return `${relative('.', path)}: ${test.replaceAll(' > ', ' ')}`;
}

/** Joins the outcomes of all approvals of each story. */
function groupByStory(worlds: readonly World[]): ReadonlyMap<string, string> {
  const stories = new Map<string, string[]>();
  for (const { testPath, test, behavior } of worlds) {
    const story = nameStory(testPath, test);
    stories.set(story, [...(stories.get(story) ?? []), ...behavior]);
  }
  return new Map([...stories].map(([story, all]) => [story, all.join(' | ')]));
}

function addUp(worlds: readonly World[]): Counted {
  const sum = (what: keyof Counted) => worlds.reduce((all, world) => all + world[what], 0);
  return Object.fromEntries(COUNTED.map((what) => [what, sum(what)])) as Counted;
}
