/**
 * Whether a task is among those that the patterns name: `*` stands for any characters, `?` for one, `!` in front takes
 * tasks out again. No patterns, or only such that take out: all the others.
 */
export function matchesTask(patterns: readonly string[], task: string): boolean {
  const named = patterns.filter((pattern) => !pattern.startsWith('!'));
  const takenOut = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const matches = (pattern: string) => matchesPattern(pattern, task);
  return (named.length === 0 || named.some(matches)) && !takenOut.some(matches);
}

/** Linear in the text for each pattern: a `*` is only ever taken back to the last one. */
function matchesPattern(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  let [star, resume] = [-1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      resume += 1;
      p = star + 1;
      t = resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}
