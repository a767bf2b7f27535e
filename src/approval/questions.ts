import type { App } from './app.ts';
import { findQuestion, findQuestionRound } from './intake/ask-question.ts';
import type { ApprovalEvent } from './lifecycle/events.ts';
import { type QuestionState, readQuestionState } from './lifecycle/questions.ts';
import { applyEvent } from './lifecycle/transitions.ts';
import { type Approval, setOrigin } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import { updateApproval } from './update.ts';

/** What a program learns of one of its questions. */
export type KnownQuestion = QuestionState | { id: string; status: 'withdrawn' | 'unknown' };

/** Questions as they are in the store, in their order. Rejects with a StoreError. */
function readQuestions(
  app: Pick<App, 'store' | 'clock'>,
  crew: Pick<Crew, 'name'>,
  ids: readonly string[],
): Promise<KnownQuestion[]> {
  return Promise.all(
    ids.map(async (id) => {
      const found = await findQuestion(app, crew, id);
      return found === 'unknown' || !found.stored
        ? { id, status: 'unknown' as const }
        : describeQuestion(found.stored.record, id);
    }),
  );
}

function describeQuestion({ rounds }: Approval, id: string): KnownQuestion {
  const round = findQuestionRound(rounds, id);
  if (!round?.question) return { id, status: 'unknown' };
  return round.status === 'withdrawn' && !round.lapsed
    ? { id, status: 'withdrawn' }
    : readQuestionState(id, round.question, round);
}

/**
 * What a program says of its question: that it has the answer, does not ask any more, or is alive. Saying it again changes
 * nothing. Resolves with the question as it is then. Rejects with a StoreError.
 */
export async function changeQuestion(
  app: App,
  crew: Crew,
  id: string,
  type: Extract<ApprovalEvent['type'], 'fetched' | 'withdrawn' | 'lease_renewed'>,
): Promise<KnownQuestion> {
  const found = await findQuestion(app, crew, id);
  if (found === 'unknown' || !found.stored) return { id, status: 'unknown' };
  const { number: round, question } = found.round;
  // A call that was allowed before is no round of its own.
  if (question.id !== id) return describeQuestion(found.stored.record, id);
  const changed = await updateApproval(app.store, found.stored.record.id, (current) => {
    const event = { type, at: app.clock.now(), round };
    return setOrigin(applyEvent(current, event), current.factCount, 'program');
  });
  if (changed) {
    const about = { crew: crew.name, execution: changed.executionId, approval: changed.id, round };
    if (type !== 'lease_renewed') app.log.info(about, LOGGED_AS[type]);
    app.wake(changed);
  }
  return describeQuestion(changed ?? found.stored.record, id);
}

const LOGGED_AS = {
  fetched: 'answer fetched by its program',
  withdrawn: 'question withdrawn by its program',
};

/** Most requests of one crew that wait for answers here, and most that wait for starts. */
const MOST_WAITS = 64;

/** Answers requests of programs. Each is told whether it may wait: whether fewer of its crew are being answered. */
export function createWaitLimit() {
  const underWay = new Map<string, number>();
  return async <T>({ name }: Crew, work: (mayWait: boolean) => Promise<T>): Promise<T> => {
    const before = underWay.get(name) ?? 0;
    underWay.set(name, before + 1);
    try {
      return await work(before < MOST_WAITS);
    } finally {
      underWay.set(name, (underWay.get(name) ?? 1) - 1);
    }
  };
}

/** Other replicas record answers too: all that is waited for is read so often, in milliseconds. */
const READ_EVERY = 1_000;

interface Wait {
  /** By question: the approval that it is of, as it was read last. */
  approvals: ReadonlyMap<string, string>;
  end: () => void;
}

/** Requests of programs that wait until one of their questions is answered or closed. */
export class QuestionWaits {
  private readonly app: Pick<App, 'store' | 'clock' | 'log'>;
  private readonly waits = new Set<Wait>();
  private readonly limit = createWaitLimit();
  /** Approvals by id, as they were read last. */
  private known = new Map<string, string>();
  private cancelTick: (() => void) | undefined;
  private closed = false;

  constructor(app: Pick<App, 'store' | 'clock' | 'log'>) {
    this.app = app;
  }

  /**
   * The questions, once one of them does not wait for an answer any more, or after so many milliseconds. At once where too
   * many wait already. Rejects with a StoreError.
   */
  read(
    crew: Crew,
    ids: readonly string[],
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<KnownQuestion[]> {
    return this.limit(crew, async (mayWait) => {
      const states = await readQuestions(this.app, crew, ids);
      const isOver = states.some(({ status }) => status !== 'waiting');
      if (isOver || !mayWait || milliseconds <= 0 || this.closed || gone.aborted) return states;
      const pointers = await Promise.all(ids.map((id) => this.app.store.question(crew.name, id)));
      const approvals = new Map(
        ids.flatMap((id, at) => (pointers[at] ? [[id, pointers[at].record] as const] : [])),
      );
      await this.wait(approvals, milliseconds, gone);
      return readQuestions(this.app, crew, ids);
    });
  }

  private wait(
    approvals: ReadonlyMap<string, string>,
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      const wait: Wait = {
        approvals,
        end: () => {
          this.waits.delete(wait);
          cancel();
          gone.removeEventListener('abort', wait.end);
          resolve();
        },
      };
      const cancel = this.app.clock.after(milliseconds, wait.end);
      gone.addEventListener('abort', wait.end);
      this.waits.add(wait);
      this.tickLater();
    });
  }

  /** Called with each approval that was stored here. */
  heard(approval: Approval): void {
    for (const wait of [...this.waits])
      for (const [id, of] of wait.approvals)
        if (of === approval.id && describeQuestion(approval, id).status !== 'waiting') wait.end();
  }

  /** Ends all waits: each is answered as it is. */
  close(): void {
    this.closed = true;
    this.cancelTick?.();
    for (const wait of [...this.waits]) wait.end();
  }

  private tickLater(): void {
    this.cancelTick ??= this.app.clock.after(READ_EVERY, () => void this.tick());
  }

  /** One read for all waits. */
  private async tick(): Promise<void> {
    const ids = new Set([...this.waits].flatMap(({ approvals }) => [...approvals.values()]));
    const known = new Map([...ids].map((id) => [id, this.known.get(id)]));
    try {
      const read = ids.size > 0 ? await this.app.store.approvals([...ids]) : [];
      for (const { record, raw } of read) {
        if (known.get(record.id) === raw) continue;
        known.set(record.id, raw);
        this.heard(record);
      }
      this.known = known as Map<string, string>;
    } catch (error) {
      this.app.log.error({ error }, 'answers not read, retrying');
    }
    this.cancelTick = undefined;
    if (this.waits.size > 0 && !this.closed) this.tickLater();
    else this.known.clear();
  }
}
