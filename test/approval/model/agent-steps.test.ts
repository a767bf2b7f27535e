import { expect, test } from 'vitest';
import { type AgentStep, addAgentStep } from '../../../src/approval/model/run/agent-steps.ts';

const aStep = (at: number, characters: number): AgentStep => ({
  at,
  tool: 'read',
  input: 'page',
  result: 'x'.repeat(characters - 'read'.length - 'page'.length),
});
const keep = (steps: AgentStep[]) => steps.reduce<AgentStep[]>(addAgentStep, []).map(({ at }) => at);

test('the last thirty steps of a run are kept', () => {
  const steps = Array.from({ length: 35 }, (_, at) => aStep(at, 10));
  expect(keep(steps)).toEqual(steps.slice(5).map(({ at }) => at));
});

test('as many of the last steps are kept as fit in 20,000 characters, and the last one always', () => {
  expect(keep([aStep(1, 5_000), aStep(2, 5_000), aStep(3, 10_000)])).toEqual([1, 2, 3]);
  expect(keep([aStep(1, 5_000), aStep(2, 5_000), aStep(3, 10_001)])).toEqual([2, 3]);
  expect(keep([aStep(1, 5_000), aStep(2, 30_000)])).toEqual([2]);
});
