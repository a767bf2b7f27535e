import fc, { type Plugin, type RunDetails } from 'fast-check';

/** What `requireRuns` needs of fast-check's details. */
type Runs = Pick<RunDetails<unknown>, 'numRuns' | 'seed'> & { runConfiguration: { numRuns?: number } };

/** How many cases each property of a test file has run, and how many it was to run. */
const counted: { ran: number; asked: number }[] = [];

/**
 * Counts what a property has run. Throws if that is fewer cases than it asks for: with CI=true every one of them, else one,
 * since the time limit may stop it.
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

/** For fast-check: runs no more cases after this many milliseconds, but always one: its own limit can end before the first case. */
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

/** For fast-check: a failure as it reports it itself, else too few cases. */
export function reportRuns(details: RunDetails<unknown>): void {
  // fast-check also calls a property failed of which it ran no case.
  const wasNotRun = details.interrupted && details.numRuns === 0;
  if (details.failed && !wasNotRun)
    throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  requireRuns(details);
}

/** The counts since the last call, for a person; undefined when no property has run. */
export function describeRuns(): string | undefined {
  const runs = counted.splice(0).map(({ ran, asked }) => `${ran} of ${asked}`);
  return runs.length > 0 ? `Cases that each property ran: ${runs.join(', ')}` : undefined;
}
