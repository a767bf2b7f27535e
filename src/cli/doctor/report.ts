import type { Finding } from './finding.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', failed: 'FAILED  ' } as const;

/** A finding in one line. What others sent, such as the names of a crew's inputs, moves no cursor. */
export function formatFinding({ about, state, says }: Finding): string {
  return `${MARKS[state]} ${about}: ${says}`.replace(/\p{Cc}/gu, ' ');
}

/** Prints a line for each finding, and counts the failed ones. */
export class Report {
  private failures = 0;
  private warnings = 0;

  print(findings: readonly Finding[]): void {
    for (const { about, state, says } of findings) {
      if (state === 'failed') this.failures += 1;
      if (state === 'warning') this.warnings += 1;
      console.log(formatFinding({ about, state, says }));
    }
  }

  /** Prints the result; returns the exit code. */
  end(): number {
    const { failures, warnings } = this;
    const passed = warnings === 0 ? '.' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
    const problems = `${failures} ${failures === 1 ? 'problem' : 'problems'} found.`;
    console.log(`\n${failures === 0 ? `All checks passed${passed}` : problems}`);
    return failures === 0 ? 0 : 1;
  }
}
