/** Resolves after this many milliseconds by the given clock. */
export function sleep(
  clock: { after(milliseconds: number, callback: () => void): unknown },
  milliseconds: number,
): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });
}
