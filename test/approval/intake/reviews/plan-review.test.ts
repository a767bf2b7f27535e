import { describe, expect, test } from 'vitest';
import { applyReview } from '../../../../src/approval/intake/reviews/plan-review.ts';
import type { Run } from '../../../../src/approval/intake/run.ts';
import { type Approval, currentRound } from '../../../../src/approval/model/approval.ts';
import type { Crew } from '../../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../../src/approval/model/crew/task-rules.ts';
import { newExecution } from '../../../../src/approval/model/run/execution.ts';
import type { FlowReview } from '../../../../src/approval/model/run/flow-review.ts';
import { AT, hashOfCard } from '../../builders.ts';

const MINUTE = 60_000;
const crew: Crew = {
  name: 'reports',
  channel: 'CREPORTS',
  channels: ['CREPORTS'],
  approvers: ['UANA', 'UBEN'],
  excludeRequester: false,
  allowGuests: false,
  policy: DEFAULT_POLICY,
  tasks: [{ match: 'legal*', channel: 'CLEGAL', policy: { approvalsRequired: 2 } }],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'auto',
};
const asked: FlowReview = {
  event: 'new_request',
  requestId: 'review-1',
  executionId: 'run-1',
  method: 'review',
  message: 'Is it ready?',
  output: { kind: 'text', text: 'A report' },
  hashes: ['text:of the report'],
  options: ['publish', 'discard'],
  callbackUrl: 'https://app.crewai.com/callback?token=x',
};
const nothing: Run = {
  execution: newExecution(crew, 'run-1'),
  approvals: new Map(),
  unreadable: new Map(),
  outputs: new Map(),
};

const plan = (
  review: Partial<FlowReview>,
  run = nothing,
  ruled: Partial<Crew> = {},
  callbackAllowed = true,
) => applyReview({ crew: { ...crew, ...ruled }, at: AT, callbackAllowed }, { ...asked, ...review }, run);

/** The run as it is stored then. */
const leftBy = ({ run }: ReturnType<typeof plan>): Run => ({ ...run, outputs: new Map() });

const opened = ({ run, receipt }: ReturnType<typeof plan>) =>
  run.approvals.get(receipt.approval as string) as Approval;
const outputsOf = ({ run, receipt }: ReturnType<typeof plan>) => run.outputs.get(receipt.approval as string);

describe('a first review', () => {
  test('opens an approval with its question, options and output, and names it in its run', () => {
    const made = plan({ defaultOutcome: 'discard' });
    const approval = opened(made);
    expect(made.receipt).toEqual({ status: 'created', approval: approval.id, round: 1 });
    expect(made.run.execution.approvals).toEqual([approval.id]);
    expect(approval).toMatchObject({ task: 'review', channel: 'CREPORTS', crew: 'reports' });
    expect(currentRound(approval)).toMatchObject({
      taskId: 'review-1',
      description: 'Is it ready?',
      review: { options: ['publish', 'discard'], defaultOutcome: 'discard', callbackUrl: asked.callbackUrl },
    });
    expect(outputsOf(made)).toEqual([{ hash: 'text:of the report', output: asked.output }]);
  });

  test('stores the state of its Flow beside its output', () => {
    const state = { hash: 'json:of the state', output: { kind: 'json' as const, text: '{"draft":2}' } };
    const made = plan({ state });
    expect(currentRound(opened(made)).review?.stateHash).toBe('json:of the state');
    expect(outputsOf(made)).toEqual([{ hash: 'text:of the report', output: asked.output }, state]);
    const next = plan({ requestId: 'review-2', state, output: { kind: 'text', text: 'B' } }, leftBy(made));
    expect(outputsOf(next)).toHaveLength(2);
  });

  test('is decided by the rules of the tasks that match its method', () => {
    expect(opened(plan({ method: 'legal_check' }))).toMatchObject({
      channel: 'CLEGAL',
      policy: { approvalsRequired: 2 },
    });
  });

  test('keeps no callback that may not be called', () => {
    const { review } = currentRound(opened(plan({}, nothing, {}, false)));
    expect(review).toEqual({ options: ['publish', 'discard'], blockedHost: 'app.crewai.com' });
  });

  test('reminds people when CrewAI expects an answer, escalates only to people who are named, and never expires by it', () => {
    const plain = opened(plan({ slaTargetMinutes: 30 }));
    expect(plain.policy).toEqual({ ...DEFAULT_POLICY, remindAfter: 30 * MINUTE });
    expect(currentRound(plain).review?.dueAt).toBe(AT + 30 * MINUTE);
    const policy = {
      ...DEFAULT_POLICY,
      escalateTo: ['UCAT'],
      escalateAfter: 90 * MINUTE,
      remindAfter: 10 * MINUTE,
    };
    expect(opened(plan({ slaTargetMinutes: 30 }, nothing, { policy })).policy).toMatchObject({
      remindAfter: 10 * MINUTE,
      escalateAfter: 30 * MINUTE,
    });
  });

  test('is for the people whom CrewAI names only where it enforces that; for nobody where it names none', () => {
    const responders = ['ana@example.com'];
    expect(currentRound(opened(plan({ responders }))).review).not.toHaveProperty('responders');
    expect(currentRound(opened(plan({ responders, enforceRouting: true }))).review).toMatchObject({
      responders,
    });
    expect(opened(plan({ enforceRouting: true, responders: [] })).tooFew).toEqual({ able: 0, required: 1 });
  });
});

describe('a review of a method that has asked before', () => {
  const run = leftBy(plan({}));

  test('with the same request is a redelivery, whatever it brings', () => {
    const made = plan({ output: { kind: 'text', text: 'Another' }, options: ['x'] }, run);
    expect(made.receipt).toMatchObject({ status: 'duplicate', round: 1 });
    expect(made.run.approvals).toBe(run.approvals);
  });

  test('can be answered once its host is allowed: its card changes, and no round is opened', () => {
    const locked = plan({}, nothing, {}, false);
    const made = plan({}, leftBy(locked));
    expect(made.receipt).toMatchObject({ status: 'duplicate', round: 1 });
    const [before, after] = [opened(locked), opened(made)];
    expect(currentRound(after).review).toEqual({
      options: ['publish', 'discard'],
      callbackUrl: expect.stringContaining('app.crewai.com'),
    });
    const key = (of: typeof before) => hashOfCard(of, currentRound(of));
    expect(key(after)).not.toBe(key(before));
    expect(opened(plan({}, leftBy(made)))).toBe(opened(made));
    expect(opened(plan({}, leftBy(locked), {}, false))).toBe(opened(locked));
  });

  test('with another request is the next round', () => {
    const made = plan({ requestId: 'review-2', output: { kind: 'text', text: 'Another' } }, run);
    expect(made.receipt).toMatchObject({ status: 'created', round: 2 });
    expect(opened(made).rounds.map(({ status }) => status)).toEqual(['superseded', 'waiting']);
  });

  test('that was asked before the newest one, and comes after it, opens nothing: the newest one waits', () => {
    const output = { kind: 'text', text: 'Another' } as const;
    const later = leftBy(plan({ requestId: 'review-2', output, createdAt: AT + 1_000 }));
    for (const event of ['new_request', 'escalation'] as const) {
      const made = plan({ event, createdAt: AT }, later);
      expect(made.receipt).toEqual({ status: 'noted', approval: opened(plan({})).id });
      expect(made.run.approvals).toBe(later.approvals);
    }
    expect(plan({ createdAt: AT + 1_000 }, later).receipt).toMatchObject({ status: 'created', round: 2 });
    expect(plan({}, later).receipt).toMatchObject({ status: 'created', round: 2 });
  });

  test('as an escalation asks once more, and opens nothing', () => {
    const made = plan({ event: 'escalation' }, run);
    expect(made.receipt).toMatchObject({ status: 'duplicate', round: 1 });
    expect(opened(made).notes).toEqual([{ kind: 'reminder', round: 1 }]);
    expect(opened(plan({ event: 'escalation' }, leftBy(made)))).toBe(opened(made));
  });

  test('as an escalation of a request that is not known opens it', () => {
    expect(plan({ event: 'escalation' }).receipt).toMatchObject({ status: 'created', round: 1 });
  });

  test('in another run, or of another method, is another approval', () => {
    const ids = [{}, { executionId: 'run-2' }, { method: 'check' }].map((more) => opened(plan(more)).id);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('a review whose run is not named, but its Flow', () => {
  const shared = { sharesId: true as const };

  test('has an approval of its own while another one waits: it may be that of another run', () => {
    const first = plan(shared);
    const second = plan({ ...shared, requestId: 'review-2' }, leftBy(first));
    expect(second.receipt).toMatchObject({ status: 'created', round: 1 });
    expect(second.receipt.approval).not.toBe(first.receipt.approval);
    expect(opened(first)).toBe(second.run.approvals.get(first.receipt.approval as string));
    expect(second.run.execution.approvals).toEqual([first.receipt.approval, second.receipt.approval]);
  });

  test('is known again by its request', () => {
    const first = plan(shared);
    const both = plan({ ...shared, requestId: 'review-2' }, leftBy(first));
    const again = plan({ ...shared, requestId: 'review-2' }, leftBy(both));
    expect(again.receipt).toEqual({ status: 'duplicate', approval: both.receipt.approval, round: 1 });
  });
});
