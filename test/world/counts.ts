import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import { buildRecordedRules } from '../../src/approval/access/rights.ts';
import type { Approval } from '../../src/approval/model/approval.ts';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import { listCommonApprovers, resolveRules } from '../../src/approval/model/crew/task-rules.ts';
import type { RunRecord } from '../../src/approval/model/run/run-record.ts';
import type { Card } from './cards.ts';

/** Path of a file of JSON lines, to which the tests write what their stories lead to; absent: nothing is counted. */
const { WORLD_COUNTS } = process.env;

export const COUNTED = [
  'rounds',
  'likely',
  'taskRevised',
  'namedLater',
  'runRevised',
  'rulesWidened',
] as const;
export type Counted = Record<(typeof COUNTED)[number], number>;

/** A write of the store: the values of its keys before and after. */
export interface Write {
  before: ReadonlyMap<string, string | undefined>;
  after: ReadonlyMap<string, string | undefined>;
}

/** A task with its own rules that never reports. Its rules also apply to pauses that may belong to it. */
const STRICT: Crew['tasks'][number] = {
  match: 'a task with strict rules',
  approvers: ['USTRICT'],
  excludeRequester: true,
  policy: { approvalsRequired: 9 },
};

type Round = Approval['rounds'][number];

/**
 * Counts in a world the rounds whose card says "likely", and the rounds that were revised after their card was posted:
 * the task, the run or the people who decide.
 */
export class Counts {
  readonly #rounds: Record<(typeof COUNTED)[number], Set<string>>;
  readonly #executions = new Map<string, RunRecord>();
  readonly #approvals = new Map<string, Approval>();
  readonly #crews: () => readonly Crew[];

  private constructor(crews: () => readonly Crew[]) {
    this.#crews = crews;
    this.#rounds = Object.fromEntries(COUNTED.map((what) => [what, new Set()])) as never;
  }

  static ifAsked(crews: () => readonly Crew[]): Counts | undefined {
    return WORLD_COUNTS ? new Counts(crews) : undefined;
  }

  noteCards(cards: readonly Card[]): void {
    for (const { approval, round, text } of cards) {
      this.#rounds.rounds.add(`${approval}.${round}`);
      if (/probably|likely/i.test(text)) this.#rounds.likely.add(`${approval}.${round}`);
    }
  }

  noteWrite({ before, after }: Write): void {
    // A run record without approvals was never shown on a card, so merging it revises nothing.
    const merged = [...after].some(([key, raw]) => {
      const rawBefore = key.startsWith('execution/') && raw === undefined ? before.get(key) : undefined;
      return rawBefore !== undefined && readValue<RunRecord>(rawBefore).approvals.length > 0;
    });
    for (const [key, raw] of after)
      if (key.startsWith('execution/') && raw !== undefined)
        this.#executions.set(key, readValue<RunRecord>(raw));
    for (const [key, raw] of after) {
      const rawBefore = before.get(key);
      if (!key.startsWith('approval/') || raw === undefined) continue;
      this.#approvals.set(key, readValue<Approval>(raw));
      if (rawBefore === undefined) continue;
      this.#compare(readValue<Approval>(rawBefore), readValue<Approval>(raw), merged);
    }
  }

  #compare(before: Approval, after: Approval, merged: boolean): void {
    for (const round of before.rounds) {
      const revised = after.rounds.find(({ number }) => number === round.number);
      // Only facts on a card have reached people.
      if (!round.card || !revised) continue;
      const id = `${after.id}.${round.number}`;
      const wasTitle = before.titleOnly === true;
      if (wasTitle && after.titleOnly !== true) this.#rounds.namedLater.add(id);
      if (readTask(before, round, wasTitle) !== readTask(after, revised, wasTitle))
        this.#rounds.taskRevised.add(id);
      if (before.executionId !== after.executionId || merged) this.#rounds.runRevised.add(id);
    }
    const [round, revised] = [before.rounds.at(-1), after.rounds.at(-1)];
    if (!round?.card || round.status !== 'waiting' || revised?.number !== round.number) return;
    const configuredCrew = this.#crews().find(({ name }) => name === after.crew);
    const crew = configuredCrew && { ...configuredCrew, tasks: [...configuredCrew.tasks, STRICT] };
    const record = [...this.#executions.values()].find((one) => one.executionId === after.executionId);
    if (!crew || !record) return;
    if (isWider(crew, record, after, before)) this.#rounds.rulesWidened.add(`${after.id}.${round.number}`);
  }

  end(called: string): void {
    const counted = Object.fromEntries(COUNTED.map((what) => [what, this.#rounds[what].size]));
    const { currentTestName: test, testPath } = expect.getState();
    const behavior = [...this.#approvals.values()].map(describeBehavior);
    const line = JSON.stringify({ called, test, testPath, behavior, ...counted });
    appendFileSync(WORLD_COUNTS as string, `${line}\n`);
  }
}

/**
 * Describes the outcome of an approval without texts: for each round its status, who decided what, and the number of
 * attempts.
 */
function describeBehavior({ rounds }: Approval): string {
  const described = rounds.map(({ status, decision, delivery }) => {
    const decided = decision && `${decision.action} by ${decision.rule ?? decision.by}`;
    const sent = delivery?.attempts ? `sent ${delivery.attempts}×` : undefined;
    return [status, decided, sent].filter((part) => part !== undefined).join(', ');
  });
  return described.join(' → ');
}

function readValue<T>(raw: string): T {
  return (JSON.parse(raw) as { value: T }).value;
}

/** Describes the task of a round and how certain it is. A name in place of a title changes nothing. */
function readTask({ task }: Approval, round: Round, wasTitle: boolean): string {
  const { chained, renamedAt } = round as { chained?: object; renamedAt?: number };
  const certainty = chained && { ...chained, approvalsRequired: undefined };
  return JSON.stringify([wasTitle ? '' : task, certainty, renamedAt]);
}

/** Lists the people who may decide by the settings; undefined: everyone in the channel. */
function listWho(crew: Crew, approval: Approval): string[] | undefined {
  const rules = resolveRules(crew, approval);
  return rules.some(({ approvers }) => approvers.length > 0) ? listCommonApprovers(rules) : undefined;
}

function isWider(crew: Crew, record: RunRecord, after: Approval, before: Approval): boolean {
  const [was, is] = [listWho(crew, before), listWho(crew, after)];
  const [then, now] = [buildRecordedRules(crew, before, record), buildRecordedRules(crew, after, record)];
  return (
    (was !== undefined && (is === undefined || is.some((one) => !was.includes(one)))) ||
    now.approvalsRequired < then.approvalsRequired ||
    (then.excludeRequester && !now.excludeRequester) ||
    (now.allowGuests && !then.allowGuests) ||
    (then.onExpiry === 'keep' && now.onExpiry !== 'keep') ||
    now.channel !== then.channel
  );
}
