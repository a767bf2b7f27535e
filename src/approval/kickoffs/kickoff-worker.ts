import { sleep } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { CALL_BEGINS_WITHIN, LEASE } from '../lifecycle/lanes.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import { createTicketId } from '../model/run/ticket.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { backoff } from '../worker/backoff.ts';
import { applyKickoffEvent, isTooLate, type KickoffStep, nextKickoffStep } from './kickoff-events.ts';
import { callOf, type KickoffChange, performKickoffStep } from './kickoff-steps.ts';

/** How often the store is scanned, for what another process left and what becomes due later. */
const SCAN_EVERY = 5_000;
const MOST_AT_ONCE = 100;
const CALLS_PER_CREW = { atOnce: 8 };

/** Carries out what is due of the runs that people start, from the records alone, like the worker of approvals. */
export class KickoffWorker {
  private readonly app: App;
  private readonly busy = new Set<string>();
  private claims = 0;
  private started = false;
  private stopped = false;
  private cancelScan = () => {};

  constructor(app: App) {
    this.app = app;
  }

  /** Looks at one that was just stored. */
  wake(kickoff: Kickoff): void {
    if (this.started) this.lookAt(kickoff);
  }

  start(): void {
    this.started = true;
    void this.scan(this.app.clock.now() + (this.app.sole ? LEASE : 0));
  }

  stop(): void {
    this.stopped = true;
    this.cancelScan();
  }

  private async scan(until: number): Promise<void> {
    const { store, clock, log } = this.app;
    try {
      const due = await store.list('dueKickoffs', 'all', { limit: MOST_AT_ONCE, until });
      for (const { id } of due) await this.lookSafely(id);
    } catch (error) {
      log.error({ error }, 'starts of runs not scanned, retrying');
    }
    if (!this.stopped) this.cancelScan = clock.after(SCAN_EVERY, () => void this.scan(clock.now()));
  }

  /** One that cannot be read does not block the others. */
  private async lookSafely(id: string): Promise<void> {
    try {
      const stored = await this.app.store.kickoff(id);
      if (stored) this.lookAt(stored.record);
    } catch (error) {
      this.app.log.error({ request: id, error }, 'start of a run not read');
    }
  }

  private lookAt(kickoff: Kickoff): void {
    const { id } = kickoff;
    const due = nextKickoffStep(kickoff, this.isVoid);
    if (!due || this.stopped || this.busy.has(id)) return;
    const wait = due.at - this.app.clock.now();
    if (wait > SCAN_EVERY) return;
    this.busy.add(id);
    if (wait > 0) this.app.clock.after(wait, () => this.queue(kickoff, due.step));
    else this.queue(kickoff, due.step);
  }

  private readonly isVoid = (owner: string) => this.app.sole && !owner.startsWith(this.app.name);

  /** Waits for the step's turn. */
  private queue(kickoff: Kickoff, step: KickoffStep): void {
    const { turns, slackTurns } = this.app;
    const work = () => this.carryOutSafely(kickoff.id);
    if (step.do === 'call' || step.do === 'tie' || step.do === 'check')
      turns.take({ target: `crew ${kickoff.crew}`, limit: CALLS_PER_CREW, priority: 'clicked', work });
    else slackTurns.take(callOf(kickoff, step), step.do === 'update' ? 'tidy' : 'clicked', work);
  }

  /** False: nothing was due any more. Never rejects. */
  private async carryOutSafely(id: string): Promise<boolean> {
    const { log, clock } = this.app;
    let done = false;
    try {
      done = await this.carryOut(id);
    } catch (error) {
      log.error({ request: id, error }, 'start of a run: step failed, retrying');
      await sleep(clock, backoff(1, this.app.random));
    }
    this.busy.delete(id);
    if (!this.stopped) await this.lookSafely(id);
    return done;
  }

  private async carryOut(id: string): Promise<boolean> {
    const claimed = await this.claim(id);
    if (!claimed) return false;
    const { kickoff, step, owner, at } = claimed;
    const late = this.app.clock.now() - at > CALL_BEGINS_WITHIN;
    const outcome = late ? undefined : await performKickoffStep(this.app, kickoff, step);
    await this.record(id, (current) => release(outcome ? outcome(current) : undoClaim(current, step), owner));
    return true;
  }

  /** Takes what is due for this worker; nothing is done before this is on disk. */
  private claim(id: string) {
    const { store, clock, name } = this.app;
    return retryConflicts(id, async () => {
      const stored = await store.kickoff(id);
      const due = stored && nextKickoffStep(stored.record, this.isVoid);
      const at = clock.now();
      if (!stored || !due || due.at > at || this.stopped) return undefined;
      const { record } = stored;
      if (due.step.do === 'call' && record.calledAt !== undefined) {
        const lost = release(applyKickoffEvent(record, { type: 'call_lost', at }), undefined);
        return (await store.save({ kickoff: { previous: stored, next: lost } })) ? undefined : CONFLICT;
      }
      if (isTooLate(record, at)) {
        const late = release(applyKickoffEvent(record, { type: 'too_late', at }), undefined);
        return (await store.save({ kickoff: { previous: stored, next: late } })) ? undefined : CONFLICT;
      }
      this.claims += 1;
      const owner = `${name}/${this.claims}`;
      const begun =
        due.step.do === 'call'
          ? applyKickoffEvent(record, { type: 'called', at, ticket: createTicketId() })
          : record;
      const kickoff = { ...begun, lane: { ...record.lane, lease: { owner, until: at + LEASE } } };
      return (await store.save({ kickoff: { previous: stored, next: kickoff } }))
        ? { kickoff, step: due.step, owner, at }
        : CONFLICT;
    });
  }

  /** Applies an outcome to the record as it is then, again until it is stored. */
  private async record(id: string, change: KickoffChange): Promise<void> {
    const { store, clock, log, random } = this.app;
    for (let failures = 1; ; failures += 1) {
      try {
        return await retryConflicts(id, async () => {
          const stored = await store.kickoff(id);
          if (!stored) return undefined;
          return (await store.save({ kickoff: { previous: stored, next: change(stored.record) } }))
            ? undefined
            : CONFLICT;
        });
      } catch (error) {
        log.error({ request: id, error }, 'outcome not stored yet, retrying');
        await sleep(clock, Math.min(LEASE, backoff(Math.min(failures, 3), random)));
      }
    }
  }
}

/** Gives the lease back, unless another worker has taken it over meanwhile. */
function release(kickoff: Kickoff, owner: string | undefined): Kickoff {
  const { lease, ...free } = kickoff.lane;
  return owner === undefined || lease?.owner === owner ? { ...kickoff, lane: free } : kickoff;
}

/** A call that would have begun too late was not made. */
function undoClaim(kickoff: Kickoff, step: KickoffStep): Kickoff {
  if (step.do !== 'call') return kickoff;
  const { calledAt: _, ...free } = kickoff;
  return free;
}
