import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleLimit } from '../support/limits.ts';
import { requireRuns, stopAfter } from '../support/property-runs.ts';
import { ASKERS, play, sequences, setups } from './history.ts';

/**
 * To replay a failure, take seed and path from its message:
 * FC_SEED=123 FC_PATH=4:5:6 npx vitest run test/world/promises.property.test.ts
 * FC_RUNS says how many histories are tried.
 */
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
const numRuns = Number(FC_RUNS ?? (process.env.CI ? 20 : 6));

test.each(ASKERS)(
  'the promises hold (%s) whatever is clicked, delivered, lost, broken or killed, in any order',
  async (asker) => {
    const property = fc.asyncProperty(setups(asker), sequences(asker), async (setup, commands) => {
      await play(setup, commands);
    });
    const details = await fc.check(property, {
      numRuns,
      plugins: [stopAfter(scaleLimit(900_000))],
      endOnFailure: true,
      ...(FC_SEED ? { seed: Number(FC_SEED) } : {}),
      ...(FC_PATH ? { path: FC_PATH } : {}),
    });
    const [setup, commands = []] = details.counterexample ?? [];
    const message = [
      `A promise was broken (FC_SEED=${details.seed} FC_PATH=${details.counterexamplePath}):`,
      details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance),
      `in ${JSON.stringify(setup)} by`,
      ...commands.map((command, index) => `  ${index + 1}. ${command}`),
    ];
    expect(details.failed, message.join('\n')).toBe(false);
    if (!FC_PATH) requireRuns(details, { all: true });
  },
  scaleLimit(960_000),
);
