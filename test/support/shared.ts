import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { scaleLimit } from './limits.ts';

type Step = () => unknown;
/** For what takes longest on a busy machine, in milliseconds. */
const TIME = scaleLimit(120_000);
let steps: Step[] | undefined;

/** Something ends with its test, or with all tests of a file that share it. */
export function atEnd(step: Step): void {
  if (steps) steps.push(step);
  else onTestFinished(step as () => void);
}

/** What the tests of a file or a `describe` share: started once before them, ended after them. */
export function share<T>(start: () => T | Promise<T>): () => T {
  let value: T;
  let own: Step[] = [];
  beforeAll(async () => {
    own = steps = [];
    try {
      value = await start();
    } finally {
      steps = undefined;
    }
  }, TIME);
  afterAll(async () => {
    for (const step of own.reverse()) await step();
  });
  return () => value;
}
