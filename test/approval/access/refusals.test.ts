import { describe, expect, test } from 'vitest';
import { checkDecider } from '../../../src/approval/decide.ts';
import type { PersonRequest } from '../../../src/approval/lifecycle/events.ts';
import { setOrigin } from '../../../src/approval/model/approval.ts';
import type { Question } from '../../../src/approval/model/round.ts';
import { TOOL_OPTIONS } from '../../../src/approval/model/tool-call.ts';
import type { Target } from '../../../src/approval/read-round.ts';
import { updateApproval } from '../../../src/approval/update.ts';
import { approve } from '../builders.ts';
import { createWorld, crew } from '../worker/worker-world.ts';

/** The reasons in the order in which they count, each with the refusal that the person reads. */
const ORDER = [
  ['another output', 'other_output'],
  ['the person', 'not_approver'],
  ['the assignee', 'assignee_may_not'],
  ['unread arguments', 'read_first'],
  ['unseen values', 'values_required'],
  ['the state', 'already_decided'],
] as const;
type Reason = (typeof ORDER)[number][0];

const question: Question = { id: 'q1', digest: 'd', freeText: 'none' };
const asTool: Question = { ...question, tool: true, options: [...TOOL_OPTIONS] };
const withFields: Question = {
  ...question,
  options: [{ id: 'pay', label: 'Pay', fields: true }],
  fields: [{ name: 'amount', kind: 'text', required: true } as never],
};
const entered = { option: 0, values: '{"amount":"5"}', by: 'UCAT' };

/** Ana and Cat may decide, Ben may not; nobody but Slack's list says where a click was made. */
async function refuse(ask: PersonRequest, reasons: readonly Reason[], round: { question?: Question } = {}) {
  const world = createWorld({ rules: { approvers: ['UANA', 'UCAT'] } });
  const id = await world.output('A release');
  const has = (reason: Reason) => reasons.includes(reason);
  await updateApproval(world.store, id, (approval) => {
    const [first] = approval.rounds;
    if (!first) throw new Error('no round');
    const state = has('the state') ? { status: 'approved' as const, decision: approve } : {};
    const values = has('unseen values') ? { entered } : {};
    return setOrigin({ ...approval, rounds: [{ ...first, ...round, ...values, ...state }] }, 0, 'webhook');
  });
  const target: Target = {
    approvalId: id,
    round: 1,
    via: 'list',
    ...(has('another output') ? { output: '00000000' } : {}),
    drawn: { place: has('unread arguments') ? 'home' : 'last_page', language: 'en' },
  };
  const answer = await world.service.ask(target, has('the person') ? 'UBEN' : 'UANA', ask);
  const { facts } = await world.approval(id);
  const recorded = facts.filter(({ what }) => what === 'refused_person').map(({ detail }) => detail);
  return { code: answer.done ? 'done' : answer.refusal.code, recorded };
}

/** All sets of reasons that can meet. */
function combine(reasons: readonly Reason[]): Reason[][] {
  const sets: Reason[][] = [[]];
  for (const reason of reasons) sets.push(...sets.map((set) => [...set, reason]));
  return sets;
}

const assign = (reasons: readonly Reason[]): PersonRequest => ({
  type: 'assign',
  to: reasons.includes('the assignee') ? 'UBEN' : 'UCAT',
});

describe.each<[string, Reason[], (reasons: readonly Reason[]) => PersonRequest, { question?: Question }]>([
  ['an assignment', ['another output', 'the person', 'the assignee', 'the state'], assign, {}],
  [
    'a click that allows a tool',
    ['another output', 'the person', 'unread arguments', 'the state'],
    () => ({ type: 'decide', action: 'choose', option: 0 }),
    { question: asTool },
  ],
  [
    'a click that agrees to values',
    ['another output', 'the person', 'unseen values', 'the state'],
    (reasons) => ({
      type: 'decide',
      action: 'choose',
      option: 0,
      ...(reasons.includes('unseen values') ? {} : { values: { amount: '5' } }),
    }),
    { question: withFields },
  ],
])('%s', (_, reasons, ask, round) => {
  test.each(combine(reasons).map((set) => ({ set })))('is refused for the first of $set', async ({ set }) => {
    const expected = ORDER.find(([reason]) => set.includes(reason))?.[1] ?? 'done';
    const { code, recorded } = await refuse(ask(set), set, round);
    expect(code).toBe(expected);
    // Only that a person may not is kept.
    expect(recorded).toEqual(expected === 'not_approver' ? ['not_approver'] : []);
  });
});

describe('a form on a round that is decided', () => {
  const check = async (by: string) => {
    const inChannel = (person: string) => person === 'UANA' || person === 'UDAN';
    const rules = { approvers: ['UANA'], lookUps: 'members' as const };
    const world = createWorld({ rules, people: { inChannel } });
    const id = await world.output('A release');
    await world.approve(id, 'UANA');
    const answer = await world.service.check({ approvalId: id, round: 1, via: 'list' }, by);
    return answer.done ? 'done' : answer.refusal.code;
  };

  test('says so to approvers and to people who may look it up', async () => {
    expect(await check('UANA')).toBe('already_decided');
    expect(await check('UDAN'), 'a member of the channel').toBe('already_decided');
  });

  test('tells a stranger only that they may not', async () => {
    expect(await check('UZOE')).toBe('not_approver');
  });

  test('says so on its card, also after its crew was removed from the settings', async () => {
    const crews = new Map([['press', crew]]);
    const world = createWorld({ rules: { approvers: ['UANA'] } });
    const id = await world.output('A release');
    await world.approve(id, 'UANA');
    const card = { channel: 'CAPPROVALS', ts: '1.0', own: true };
    const target: Target = { approvalId: id, round: 1, via: 'card', card };
    crews.clear();
    const answer = await checkDecider({ ...world.app, crews }, target, 'UANA');
    expect(answer).toMatchObject({ done: false, refusal: { code: 'already_decided' } });
  });
});
