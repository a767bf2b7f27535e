type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

export interface Changes {
  /** Makes all waiters check again. */
  notify(): void;
  /**
   * Resolves with the value of `predicate` as soon as that is truthy. Rejects with an error about `what` after
   * `timeoutMs` (30,000 by default) and on close, or with the error that the predicate throws.
   */
  changed<T>(predicate: () => T, options?: { timeoutMs?: number; what?: string }): Promise<Truthy<T>>;
  close(): void;
}

/** Lets tests wait for a state without polling. `who`: the subject of the error message. */
export function createChanges(who: string): Changes {
  interface Waiter {
    look: () => void;
    giveUp: (reason: string) => void;
  }
  const waiters = new Set<Waiter>();
  let closed = false;

  return {
    notify() {
      for (const waiter of [...waiters]) waiter.look();
    },
    changed<T>(predicate: () => T, { timeoutMs = 30_000, what = 'a change' } = {}) {
      return new Promise<Truthy<T>>((resolve, reject) => {
        const timer = setTimeout(() => waiter.giveUp(`did not come within ${timeoutMs} ms`), timeoutMs);
        const settle = (outcome: () => void) => {
          clearTimeout(timer);
          waiters.delete(waiter);
          outcome();
        };
        const waiter: Waiter = {
          look() {
            try {
              const value = predicate();
              if (value) settle(() => resolve(value as Truthy<T>));
            } catch (error) {
              settle(() => reject(error));
            }
          },
          giveUp: (reason) => settle(() => reject(new Error(`${who}: ${what} ${reason}`))),
        };
        waiters.add(waiter);
        waiter.look();
        if (closed) waiter.giveUp('cannot come: it is closed');
      });
    },
    close() {
      closed = true;
      for (const waiter of [...waiters]) waiter.giveUp('cannot come: it was closed');
    },
  };
}
