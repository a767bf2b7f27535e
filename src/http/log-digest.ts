import type { Clock } from '../approval/ports.ts';

/** Counts all causes beyond `maxCauses` as one. */
const OTHER_CAUSES = '';

export interface DigestOptions<T> {
  /** In milliseconds. */
  window: number;
  maxCauses: number;
  clock: Clock;
  /** Called with the last of several events of one cause, and their number. */
  report: (last: T, count: number) => void;
}

/**
 * Reports the first event of each cause at once. Events that follow within the window are reported as one at its end,
 * which begins the next window.
 */
export class LogDigest<T> {
  private readonly options: DigestOptions<T>;
  private readonly windows = new Map<string, { last: T; count: number; cancel: () => void }>();

  constructor(options: DigestOptions<T>) {
    this.options = options;
  }

  add(cause: string, event: T): void {
    const isCounted = this.windows.has(cause) || this.windows.size < this.options.maxCauses;
    const key = isCounted ? cause : OTHER_CAUSES;
    const window = this.windows.get(key);
    if (window) {
      window.last = event;
      window.count += 1;
    } else this.beginWindow(key, event, 1);
  }

  close(): void {
    for (const { cancel } of this.windows.values()) cancel();
    this.windows.clear();
  }

  private beginWindow(cause: string, event: T, count: number): void {
    const { clock, window, report } = this.options;
    const cancel = clock.after(window, () => this.endWindow(cause));
    this.windows.set(cause, { last: event, count: 0, cancel });
    report(event, count);
  }

  private endWindow(cause: string): void {
    const endedWindow = this.windows.get(cause);
    this.windows.delete(cause);
    if (endedWindow && endedWindow.count > 0) this.beginWindow(cause, endedWindow.last, endedWindow.count);
  }
}
