import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { scaleLimit, TimeOutReporter } from './test/support/limits.ts';
import { ONLY_IN_CI } from './test/support/only-in-ci.ts';

/** What replaces a module of Node must read the bot anew, and share it with no other test. */
const ISOLATED = ['test/clients/client-rules.test.ts'];

const WORLD = ['test/world/*.test.ts', 'test/features/*/world.test.ts'];

const e2e = (names: string) => names.split(' ').map((name) => `test/e2e/${name}.test.ts`);

/** What takes longest begins first: most of it waits for other processes, which leaves the processor to the rest. */
const FIRST = [
  ...e2e('crash-matrix two-builds demo self-hosted-flows drill openapi self-hosted-tools self-hosted-crews'),
  ...e2e('demo-flow upgrade'),
  'test/store/sqlite.test.ts',
  ...e2e('late-clicks demo-accessible'),
  'test/deploy/image.test.ts',
  'test/http/metrics.test.ts',
  ...e2e('store-outage-redis store-outage-postgres backup power-cut start-and-stop'),
  ...['test/clients/hook.test.ts', 'test/python/python.test.ts'],
  ...e2e('demo-ends fuzz store-files bad-world-clocks node-versions'),
];

const LONGEST_WORLDS = ['crash-points', 'follows', 'promises.property', 'faults', 'which-run'].map(
  (name) => `test/world/${name}.test.ts`,
);

/** All worlds come last: a worker that goes from one project to the other starts anew. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [...FIRST, 'other tests', ...LONGEST_WORLDS, 'other worlds'];
    const placeOf = ({ moduleId, project }: TestSpecification) => {
      const place = order.findIndex((path) => moduleId.endsWith(path));
      return place === -1 ? order.indexOf(project.name === 'world' ? 'other worlds' : 'other tests') : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

/** In percent, a few points below what `.ci/run` measures; src/cli and src/sandbox run in processes of their own. */
const COVERAGE_FLOORS = {
  'src/approval/*.ts': { lines: 97, branches: 90 },
  'src/approval/access/**': { lines: 95, branches: 88 },
  'src/approval/intake/**': { lines: 95, branches: 91 },
  'src/approval/lifecycle/**': { lines: 97, branches: 94 },
  'src/approval/model/**': { lines: 97, branches: 94 },
  'src/approval/notify/**': { lines: 96, branches: 89 },
  'src/approval/queries/**': { lines: 95, branches: 90 },
  'src/approval/worker/**': { lines: 93, branches: 89 },
  'src/settings/**': { lines: 93, branches: 84 },
  'src/crewai/**': { lines: 93, branches: 87 },
  'src/http/**': { lines: 93, branches: 86 },
  'src/lib/**': { lines: 92, branches: 84 },
  'src/slack/api/**': { lines: 92, branches: 82 },
  'src/slack/app/**': { lines: 87, branches: 72 },
  'src/slack/directory/**': { lines: 95, branches: 78 },
  'src/slack/listeners/**': { lines: 97, branches: 93 },
  'src/slack/views/**': { lines: 97, branches: 92 },
  'src/features/**': { lines: 94, branches: 89 },
  'src/store/**': { lines: 86, branches: 79 },
};

const JSON_REPORT: ['json', { outputFile: string }] = ['json', { outputFile: 'coverage/report.json' }];

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^[./]+\/lib\/start-thread\.ts$/,
        replacement: join(import.meta.dirname, 'test', 'support', 'start-thread.ts'),
      },
    ],
  },
  test: {
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/short-properties.ts'],
    reporters: ['default', ...(process.env.CI ? [JSON_REPORT] : []), new TimeOutReporter()],
    testTimeout: scaleLimit(120_000),
    hookTimeout: scaleLimit(60_000),
    expect: { poll: { timeout: scaleLimit(30_000) } },
    coverage: {
      provider: 'v8',
      reporter: process.env.CI ? ['text-summary'] : ['text'],
      include: ['src/**/*.ts'],
      exclude: ['src/main.ts'],
      thresholds: COVERAGE_FLOORS,
    },
    // Each file for itself would read Bolt and all of the bot anew.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Most of a test's time is waiting for another process.
    maxWorkers: availableParallelism() + 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: [...WORLD, ...ISOLATED, ...(process.env.CI ? [] : ONLY_IN_CI)],
        },
      },
      { extends: true, test: { name: 'isolated', include: ISOLATED, isolate: true } },
      // A world replaces the clock and the network of its Node process: no other test shares it.
      {
        extends: true,
        test: {
          name: 'world',
          include: WORLD,
          exclude: process.env.CI ? [] : ONLY_IN_CI,
        },
      },
    ],
  },
});
