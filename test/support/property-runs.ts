import fc, { type Plugin, type RunDetails } from 'fast-check';

/** The parts of fast-check's details that `requireRuns` needs. */
type Runs = Pick<RunDetails<unknown>, 'numRuns' | 'seed'> & { runConfiguration: { numRuns?: number } };

/** Cases that each property of a test file has run, and cases that it asked for. */
const counted: { ran: number; asked: number }[] = [];

/**
 * Counts the cases that a property has run. Throws if these are too few: with CI=true all cases must run, otherwise
 * one, since the time limit may stop the property.
 */
export function requireRuns(details: Runs, { all = Boolean(process.env.CI) } = {}): void {
  const { numRuns: ran, runConfiguration, seed } = details;
  const { numRuns: asked = 0 } = runConfiguration;
  counted.push({ ran, asked });
  if (ran < (all ? asked : 1))
    throw new Error(
      `The property ran ${ran} of ${asked} cases (seed ${seed}); it proves nothing of the others.`,
    );
}

// Worlds replace the clock.
const now = performance.now.bind(performance);

/**
 * A fast-check plugin that runs no more cases after this many milliseconds, except the first one. fast-check's own
 * limit can end before the first case.
 */
export function stopAfter<T>(milliseconds: number): Plugin<T> {
  return () => {
    const end = now() + milliseconds;
    let ran = 0;
    const count = <R>(result: R): R => {
      if (!(result instanceof fc.PreconditionFailure)) ran += 1;
      return result;
    };
    return {
      decorateRun: (run) => (value) => {
        if (ran > 0 && now() >= end) return new fc.PreconditionFailure(true);
        const result = run(value);
        return result instanceof Promise ? result.then(count) : count(result);
      },
    };
  };
}

/** A fast-check reporter: throws fast-check's own report, or an error for too few cases. */
export function reportRuns(details: RunDetails<unknown>): void {
  // fast-check also reports a property as failed if it ran no case.
  const wasNotRun = details.interrupted && details.numRuns === 0;
  if (details.failed && !wasNotRun)
    throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  requireRuns(details);
}

/** Describes the counts since the last call, for a person; undefined if no property has run. */
export function describeRuns(): string | undefined {
  const runs = counted.splice(0).map(({ ran, asked }) => `${ran} of ${asked}`);
  return runs.length > 0 ? `Cases that each property ran: ${runs.join(', ')}` : undefined;
}
