import type { App } from '../app.ts';
import { nextKickoffStep } from '../kickoffs/kickoff-events.ts';
import { dueAt } from '../lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Kickoff } from '../model/run/kickoff.ts';

const EVERY = 60 * 60_000;
const AT_ONCE = 50;
/** How much longer what is not quite over is kept, at most. */
const UNFINISHED_FOR = 7 * 24 * 60 * 60_000;

/** Deletes what was settled longer ago than a crew's `retention`, each hour: records and outputs, not the audit. */
export class Retention {
  private readonly app: App;
  private readonly limited: { name: string; retention: number }[];
  private cancel = () => {};
  private closed = false;

  constructor(app: App) {
    this.app = app;
    this.limited = [...this.app.crews.values()].flatMap(({ name, retention }) =>
      retention === undefined ? [] : [{ name, retention }],
    );
  }

  private async run(): Promise<void> {
    for (const { name, retention } of this.limited) {
      try {
        const deleted = await this.forgetBefore(name, this.app.clock.now() - retention);
        if (deleted > 0) this.app.log.info({ crew: name, deleted }, 'approvals were deleted by retention');
        await this.forgetRunsBefore(name, this.app.clock.now() - retention);
      } catch (error) {
        this.app.log.error(
          { crew: name, error },
          'approvals could not be deleted by retention; tried again in an hour',
        );
      }
    }
    if (!this.closed) this.cancel = this.app.clock.after(EVERY, () => void this.run());
  }

  private async forgetBefore(crew: string, time: number): Promise<number> {
    let deleted = 0;
    let after: string | undefined;
    do {
      const page = await this.app.store.list('settled', [crew], { limit: AT_ONCE, after, until: time - 1 });
      for (const { id } of page) {
        const stored = await this.app.store.approval(id);
        if (!stored || this.closed || isUnfinished(stored.record, time)) continue;
        // One that changed meanwhile is looked at in an hour.
        if (await this.app.store.forget(stored)) deleted += 1;
      }
      after = page.length === AT_ONCE ? page.at(-1)?.place : undefined;
    } while (after !== undefined && !this.closed);
    return deleted;
  }

  /** Runs that were started from Slack, the oldest first. */
  private async forgetRunsBefore(crew: string, time: number): Promise<void> {
    const { store } = this.app;
    let after: string | undefined;
    do {
      const page = await store.list('kickoffs', [crew], { limit: AT_ONCE, after });
      for (const { id } of page) {
        const stored = await store.kickoff(id);
        if (stored && stored.record.createdAt >= time) return;
        if (stored && !this.closed && !isStillRunning(stored.record, time)) await store.forgetKickoff(stored);
      }
      after = page.length === AT_ONCE ? page.at(-1)?.place : undefined;
    } while (after !== undefined && !this.closed);
  }

  start(): void {
    if (this.limited.length > 0) void this.run();
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }
}

/** What became of it is not known, or not shown yet. */
function isStillRunning(kickoff: Kickoff, before: number): boolean {
  const open = ['starting', 'unsure', 'running'].includes(kickoff.status);
  const due = nextKickoffStep(kickoff) !== undefined;
  return (open || due) && kickoff.createdAt + UNFINISHED_FOR >= before;
}

/** Its card does not show yet what became of it, or a revision was asked for and has not come back. */
function isUnfinished(approval: Approval, before: number): boolean {
  const { status, settledAt = 0 } = currentRound(approval);
  const comesBack = status === 'revision_requested' && approval.runEndedAt === undefined;
  const due = dueAt(approval, Number.NEGATIVE_INFINITY) !== undefined;
  return (comesBack || due) && settledAt + UNFINISHED_FOR >= before;
}
