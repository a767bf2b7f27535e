import fc from 'fast-check';
import type { ApprovalEvent, ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { openApproval } from '../../../src/approval/lifecycle/rounds.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { AT, anOutput, outcomes } from '../builders.ts';

/** CrewAI's outcomes in either dialect. */
const answered: readonly ResumeOutcome[] = [
  ...Object.values(outcomes),
  { kind: 'accepted', dialect: 'live', aliasId: 'e2' },
  { kind: 'accepted', dialect: 'documented', says: 'resumed' },
  { kind: 'accepted', dialect: 'documented', says: 'retrying' },
];
const dialect = fc.constantFrom('documented' as const, 'live' as const, 'unknown' as const);

/** How many rounds an event's round is before the newest: mostly 0, sometimes more, or a round that does not exist. */
const back = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 3 }) },
);
const person = fc.constantFrom('UANA', 'UBEN', 'UCAT');

export type Make = (at: number, newest: number) => ApprovalEvent;

const output: fc.Arbitrary<Make> = fc
  .record({
    hashes: fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1, maxLength: 2 }),
    humanInput: fc.boolean(),
    taskId: fc.constantFrom('task-1', 'task-2'),
    opensRounds: fc.boolean(),
    agent: fc.option(fc.constant('Copywriter'), { nil: undefined }),
    task: fc.option(fc.constantFrom('draft', 'layout'), { nil: undefined }),
  })
  .map(({ hashes, humanInput, taskId, opensRounds, agent, task }) => (at) => {
    const event = anOutput('', { hashes, humanInput, taskId, opensRounds, at, ...(agent ? { agent } : {}) });
    return { ...event, ...(task ? { task } : {}) };
  });
/** A pause that is known only by its id, after it was attributed to this approval. */
const pause: fc.Arbitrary<Make> = fc
  .record({
    hash: fc.constantFrom('A', 'B', 'C'),
    taskId: fc.constantFrom('task-1', 'task-2', 'pause-1', 'pause-2'),
    found: fc.constantFrom('seen' as const, 'next' as const),
  })
  .map(({ hash, taskId, found }) => (at) => {
    return { ...anOutput(hash, { humanInput: true, taskId, at }), pause: found };
  });
const webhook: fc.Arbitrary<Make> = fc.oneof(
  { weight: 4, arbitrary: output },
  { weight: 1, arbitrary: pause },
  fc.constant<Make>((at) => ({ type: 'later_pause', at })),
  fc.constantFrom('draft', 'layout').map(
    (task): Make =>
      (at) => ({ type: 'task_named', at, task, agent: 'Copywriter' }),
  ),
  {
    weight: 1,
    arbitrary: fc.integer({ min: -5, max: 5 }).map(
      (earlier): Make =>
        (at) => ({ type: 'run_failed', at, failedAt: at - 20 * earlier, reason: 'out of tokens' }),
    ),
  },
  fc.boolean().map(
    (isTaskReport): Make =>
      (at) => ({ type: 'other_webhook', at, isTaskReport }),
  ),
  fc.boolean().map(
    (withResult): Make =>
      (at) => ({ type: 'run_finished', at, withResult }),
  ),
);
const decide: fc.Arbitrary<Make> = fc
  .tuple(back, fc.constantFrom('approve' as const, 'request_revision' as const), person)
  .map(([older, action, by]) => (at, newest) => {
    return { type: 'decide', at, round: newest - older, action, feedback: 'Shorter', by };
  });
const retryOrGiveUp: fc.Arbitrary<Make> = fc
  .tuple(back, fc.constantFrom('retry' as const, 'retry' as const, 'give_up' as const), person)
  .map(([older, type, by]) => (at, newest) => ({ type, at, round: newest - older, by }));
const delivery: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(back, dialect).map(
    ([older, spoken]): Make =>
      (at, newest) => ({ type: 'attempt_started', dialect: spoken, at, round: newest - older }),
  ),
  fc.tuple(back, fc.constantFrom(...answered)).map(
    ([older, outcome]): Make =>
      (at, newest) => {
        return { type: 'attempt_ended', at, round: newest - older, outcome, backoffMs: 1_000 };
      },
  ),
  ...(['delivery_expired', 'restored'] as const).map((type) => ({
    weight: 1,
    arbitrary: back.map(
      (older): Make =>
        (at, newest) => ({ type, at, round: newest - older }),
    ),
  })),
);
const event = fc.oneof(
  { weight: 30, arbitrary: webhook },
  { weight: 40, arbitrary: decide },
  { weight: 10, arbitrary: retryOrGiveUp },
  { weight: 50, arbitrary: delivery },
  // Rare, because it ends an approval for good.
  { weight: 1, arbitrary: fc.constant<Make>((at) => ({ type: 'not_waiting', at })) },
);
export const someEvents = fc.array(event, { maxLength: 60, size: 'max' });
export const manyEvents = fc.array(event, { minLength: 200, maxLength: 250, size: 'max' });

/** Opens an approval of a named task or of a pause without a name. */
export function firstApproval(named: boolean): Approval {
  const unnamed = { task: 'A release', titleOnly: true } as const;
  const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
  const head = { id: '0123456789', crew: 'press', executionId: 'e', channel: 'C', urls: {}, policy };
  return openApproval({ ...head, ...(named ? { task: 'draft' } : unnamed) }, anOutput('A', { at: AT }));
}
