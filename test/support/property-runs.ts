import fc, { type RunDetails } from 'fast-check';

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

/** For fast-check: a failure as it reports it itself, else too few cases. */
export function reportRuns(details: RunDetails<unknown>): void {
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  requireRuns(details);
}

/** The counts since the last call, for a person; undefined when no property has run. */
export function describeRuns(): string | undefined {
  const runs = counted.splice(0).map(({ ran, asked }) => `${ran} of ${asked}`);
  return runs.length > 0 ? `Cases that each property ran: ${runs.join(', ')}` : undefined;
}
