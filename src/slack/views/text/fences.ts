const FENCE = /^ {0,3}(`{3,20}|~{3,20})[^`~\n]*$/;

export const isFence = (line: string): boolean => FENCE.test(line);

/** Returns the opening of the fence that contains the next line, given `open`, the one that contains this line. */
export function trackFence(open: string | undefined, line: string): string | undefined {
  const marks = FENCE.exec(line)?.[1];
  if (open === undefined) return marks;
  return marks?.startsWith(open) ? undefined : open;
}

/** Finds the opening of the fence that is still open at the end of a text. */
export function findOpenFence(markdown: string): string | undefined {
  if (!/`{3}|~{3}/.test(markdown)) return undefined;
  return markdown.split('\n').reduce(trackFence, undefined as string | undefined);
}
