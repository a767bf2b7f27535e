const FENCE = /^ {0,3}(`{3,20}|~{3,20})[^`~\n]*$/;

export const isFence = (line: string): boolean => FENCE.test(line);

/** The opening of the fence that the next line is in, after this line. */
export function trackFence(open: string | undefined, line: string): string | undefined {
  const marks = FENCE.exec(line)?.[1];
  if (open === undefined) return marks;
  return marks?.startsWith(open) ? undefined : open;
}

/** The opening of the fence in which a text ends. */
export function findOpenFence(markdown: string): string | undefined {
  if (!/`{3}|~{3}/.test(markdown)) return undefined;
  return markdown.split('\n').reduce(trackFence, undefined as string | undefined);
}
