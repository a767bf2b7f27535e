import { dueAt } from '../lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { ApprovalStore, Clock, Log } from '../ports.ts';

const EVERY = 60 * 60_000;
const AT_ONCE = 50;
/** How much longer what is not quite over is kept, at most. */
const UNFINISHED_FOR = 7 * 24 * 60 * 60_000;

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
    let after: string | undefined;
    do {
      const page = await store.settled(crew, time, { limit: AT_ONCE, after });
      for (const { id } of page) {
        const stored = await store.approval(id);
        if (!stored || closed || isUnfinished(stored.record, time)) continue;
        // One that changed meanwhile is looked at in an hour.
        if (await store.forget(stored)) deleted += 1;
      }
      after = page.length === AT_ONCE ? page.at(-1)?.place : undefined;
    } while (after !== undefined && !closed);
    return deleted;
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

/** Its card does not show yet what became of it, or a revision was asked for and has not come back. */
function isUnfinished(approval: Approval, before: number): boolean {
  const { status, settledAt = 0 } = currentRound(approval);
  const comesBack = status === 'revision_requested' && approval.runEndedAt === undefined;
  const due = dueAt(approval, Number.NEGATIVE_INFINITY) !== undefined;
  return (comesBack || due) && settledAt + UNFINISHED_FOR >= before;
}
