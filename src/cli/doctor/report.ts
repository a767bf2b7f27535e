import type { Finding } from './finding.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;

/** Prints a line for each finding, and counts the failed ones. */
export class Report {
  private failures = 0;

  print(findings: readonly Finding[]): void {
    for (const { about, state, says } of findings) {
      if (state === 'failed') this.failures += 1;
      console.log(`${MARKS[state]} ${about}: ${says}`);
    }
  }

  /** Prints the result; returns the exit code. */
  end(): number {
    const { failures } = this;
    const problems = `${failures} ${failures === 1 ? 'problem' : 'problems'} found.`;
    console.log(`\n${failures === 0 ? 'All checks passed.' : problems}`);
    return failures === 0 ? 0 : 1;
  }
}
