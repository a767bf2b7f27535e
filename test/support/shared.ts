import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { scaleLimit } from './limits.ts';

type Step = () => unknown;
/** Timeout for the slowest starts on a busy machine, in milliseconds. */
const TIME = scaleLimit(120_000);
let steps: Step[] | undefined;

/** Runs a step at the end of the test, or at the end of all tests that share what is being started. */
export function atEnd(step: Step): void {
  if (steps) steps.push(step);
  else onTestFinished(step as () => void);
}

/** Shares something among the tests of a file or a `describe`: started once before them, ended after them. */
export function share<T>(start: () => T | Promise<T>): () => T {
  let value: T;
  let endSteps: Step[] = [];
  beforeAll(async () => {
    endSteps = steps = [];
    try {
      value = await start();
    } finally {
      steps = undefined;
    }
  }, TIME);
  afterAll(async () => {
    for (const step of endSteps.reverse()) await step();
  });
  return () => value;
}
