import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { canonicalizeJson } from '../../src/lib/json-text.ts';
import { describeIf } from '../support/describe-if.ts';
import { scaleLimit } from '../support/limits.ts';
import { describeCrewAI, NEWEST, OLDEST_FOR_TASKS, pythonOf } from '../support/self-hosted.ts';

/** The Pythons of this machine that the Python package supports, each version once. */
const PYTHONS = new Map(
  ['python3', 'python3.10', 'python3.11', 'python3.12', 'python3.13'].flatMap((command) => {
    const { stdout, status } = spawnSync(command, ['-c', 'import sys; print(sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    const [, minor] = /\(3, (\d+)\)/.exec(stdout ?? '') ?? [];
    return status === 0 && Number(minor) >= 10 ? [[`3.${minor}`, command] as const] : [];
  }),
);

const missing = 'Python 3.10 or newer is not there: the tests of the Python package are skipped';

/** Runs tests in Python; gives what unittest says. */
async function runTests(command: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const env = {
    ...process.env,
    ...more,
    PYTHONPATH: join('src', 'python'),
    PYTHONDONTWRITEBYTECODE: '1',
    CREWAI_DISABLE_TELEMETRY: 'true',
    CREWAI_TRACING_ENABLED: 'false',
    CREWAI_TESTING: 'true',
    OTEL_SDK_DISABLED: 'true',
  };
  const { stderr } = await promisify(execFile)(command, args, { env, timeout: scaleLimit(110_000) });
  return stderr;
}
const PASSED = /Ran \d+ tests in [\d.]+s\n\nOK/;

describeIf(PYTHONS.size > 0, missing)('src/python/crew_approvals', () => {
  test.concurrent.each([...PYTHONS])(
    'keeps its contract on Python %s',
    { timeout: scaleLimit(120_000) },
    async (_, command) => {
      const said = await runTests(command, ['-m', 'unittest', 'discover', '-s', join('test', 'python')]);
      expect(said).toMatch(PASSED);
    },
  );
});

/** Texts whose canonical forms the Python package and the bot must agree on. */
const JSON_TEXTS = [
  ...[
    '1',
    '1.0',
    '10e-1',
    '-0',
    '-0.0',
    '0.5',
    '100',
    '1e400',
    '12345678901234567890.10',
    '1E+2',
    '1e-7',
    '5e99999',
  ],
  ...[
    'true',
    'null',
    '""',
    '"\\u00e4"',
    '"ä"',
    '"\\ud83d\\ude00"',
    '"😀"',
    '"\\ud800x"',
    '"\\u0001\\b\\/\\u007f\\u2028"',
  ],
  ...[
    '[]',
    '{}',
    '[ 1 , [2, {"b": 1, "a": [ ]}]]',
    '{"b":1,"a":2,"\\ufb01":3,"😀":4,"":5}',
    '{"__proto__": {"x": 1}}',
  ],
];

describeCrewAI(NEWEST)('signed receipts in Python', () => {
  test('are checked as in TypeScript, and by gates', { timeout: scaleLimit(120_000) }, async () => {
    const cases = JSON.stringify(JSON_TEXTS.map((json) => [json, canonicalizeJson(json)]));
    const said = await runTests(pythonOf(NEWEST), [join('test', 'python', 'signed_receipts.py')], {
      CANONICAL_CASES: cases,
    });
    expect(said).toMatch(PASSED);
  });
});

for (const version of [OLDEST_FOR_TASKS, NEWEST])
  describeCrewAI(version)(`the tools of crewai ${version}`, () => {
    test('get what the card shows of every type that pydantic has, or do not run', {
      timeout: scaleLimit(120_000),
    }, async () => {
      const said = await runTests(pythonOf(version), [join('test', 'python', 'gated_types.py')]);
      expect(said).toMatch(PASSED);
    });
  });
