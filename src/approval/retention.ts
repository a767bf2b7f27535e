import type { Crew } from './crew.ts';
import type { ApprovalStore, Clock, Log } from './ports.ts';

const EVERY = 60 * 60_000;
const AT_ONCE = 50;

/** Deletes what was settled longer ago than a crew's `retention`, each hour: records and outputs, not the audit. */
export function createRetention({
  store,
  crews,
  clock,
  log,
}: {
  store: ApprovalStore;
  crews: Iterable<Crew>;
  clock: Clock;
  log: Log;
}) {
  const limited = [...crews].flatMap(({ name, retention }) =>
    retention === undefined ? [] : [{ name, retention }],
  );
  let cancel = () => {};
  let closed = false;

  async function run(): Promise<void> {
    for (const { name, retention } of limited) {
      try {
        const deleted = await forgetBefore(name, clock.now() - retention);
        if (deleted > 0) log.info({ crew: name, deleted }, 'approvals were deleted by retention');
      } catch (error) {
        log.error(
          { crew: name, error },
          'approvals could not be deleted by retention; tried again in an hour',
        );
      }
    }
    if (!closed) cancel = clock.after(EVERY, () => void run());
  }

  async function forgetBefore(crew: string, time: number): Promise<number> {
    let deleted = 0;
    for (;;) {
      const ids = await store.settled(crew, time, AT_ONCE);
      let progress = 0;
      for (const id of ids) {
        const stored = await store.approval(id);
        if (!stored || closed) continue;
        // One that changed meanwhile is looked at in an hour.
        if (await store.forget(stored)) progress += 1;
      }
      deleted += progress;
      if (progress === 0 || closed) return deleted;
    }
  }

  return {
    start(): void {
      if (limited.length > 0) void run();
    },
    close(): void {
      closed = true;
      cancel();
    },
  };
}
