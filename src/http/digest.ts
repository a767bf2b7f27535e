import type { Clock } from '../approval/ports.ts';

/** Events of one cause that are reported as one: how many, and the last of them. */
export type Report<T> = (last: T, count: number) => void;

export interface Digest<T> {
  add(cause: string, event: T): void;
  close(): void;
}

/** Counts all causes beyond `mostCauses` as one. */
const OTHER_CAUSES = '';

/**
 * Reports the first event of each cause at once. Events that follow within `window` milliseconds are reported as one at
 * its end, which begins the next window.
 */
export function createDigest<T>({
  window,
  mostCauses,
  clock,
  report,
}: {
  window: number;
  mostCauses: number;
  clock: Clock;
  report: Report<T>;
}): Digest<T> {
  const open = new Map<string, { last: T; count: number; cancel: () => void }>();

  function begin(cause: string, event: T, count: number): void {
    open.set(cause, { last: event, count: 0, cancel: clock.after(window, () => end(cause)) });
    report(event, count);
  }

  function end(cause: string): void {
    const ended = open.get(cause);
    open.delete(cause);
    if (ended && ended.count > 0) begin(cause, ended.last, ended.count);
  }

  return {
    add(cause, event) {
      const key = open.has(cause) || open.size < mostCauses ? cause : OTHER_CAUSES;
      const known = open.get(key);
      if (!known) return begin(key, event, 1);
      known.last = event;
      known.count += 1;
    },
    close() {
      for (const { cancel } of open.values()) cancel();
      open.clear();
    },
  };
}
