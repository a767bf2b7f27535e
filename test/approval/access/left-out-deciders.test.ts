import { expect, test } from 'vitest';
import { checkRight } from '../../../src/approval/access/deciders.ts';
import { nameDeciders } from '../../../src/approval/access/name-deciders.ts';
import type { ApprovalStore } from '../../../src/approval/ports.ts';
import { buildTestApp } from '../../support/app.ts';
import { anApproval, approve, aRound } from '../builders.ts';
import { nobodyKnown, crew as plainCrew } from '../worker/worker-world.ts';

const begin = ({
  crew = {},
  run = {},
  round = {},
  people = {},
}: Partial<Record<'crew' | 'run' | 'round' | 'people', object>>) => {
  const rules = { ...plainCrew, ...crew };
  const calls: string[] = [];
  const app = buildTestApp({
    store: { run: async () => ({ record: run, raw: '' }) } as unknown as ApprovalStore,
    clock: { now: () => 0, after: () => () => {} },
    crews: new Map([['press', rules]]),
    people: {
      ...nobodyKnown,
      nameOf: (id: string) => id.toLowerCase(),
      isGone: () => false,
      outsider: () => false,
      learn: async (ids: string[], emails: string[]) => void calls.push(...ids, ...emails),
      ...people,
    },
  });
  return { app, of: anApproval([aRound(round)], { policy: rules.policy }), calls };
};
const members = (id: string) => (id === 'SEDITORS' ? new Set(['UANA']) : undefined);

test('a group is not named in which only the requester is', async () => {
  const { app, of } = begin({
    crew: { approvers: ['SEDITORS'], excludeRequester: true },
    run: { requestedBy: 'UANA' },
    people: { members },
  });
  expect(await checkRight(app, of, 'UANA')).toBe('requester');
  expect(await nameDeciders(app, of)).toBeUndefined();
});

test('a group is not named whose only member has voted', async () => {
  const { app, of } = begin({
    crew: { approvers: ['SEDITORS', 'UBEN'] },
    round: { votes: [{ ...approve, by: 'UANA' }] },
    people: { members },
  });
  expect(await nameDeciders(app, of)).toEqual({ names: ['uben'], others: 0 });
});

test('nobody is named while it is not known who started the run', async () => {
  const { app, of } = begin({
    crew: { approvers: ['UANA', 'UDAN'], excludeRequester: true },
    run: { requestedBy: 'dan@x.io' },
    people: { idOf: () => undefined },
  });
  expect(await checkRight(app, of, 'UANA')).toBe('cannot_check');
  expect(await nameDeciders(app, of)).toBeUndefined();
});

test('those beyond the first six who have left are not counted', async () => {
  const approvers = ['UA', 'UB', 'UC', 'UD', 'UE', 'UF', 'UG', 'UH'];
  const { app, of } = begin({
    crew: { approvers },
    people: { isGone: (id: string) => id === 'UG' || id === 'UH' },
  });
  expect(await checkRight(app, of, 'UG')).toBe('no');
  expect(await nameDeciders(app, of)).toMatchObject({ others: 0 });
});

test('a person is not named whom it is not known to be in the channel', async () => {
  const { app, of } = begin({ run: { approvers: ['UANA'] }, people: { inChannel: () => undefined } });
  expect(await checkRight(app, of, 'UANA')).toBe('open_card');
  expect(await nameDeciders(app, of)).toBeUndefined();
});

test('nobody is counted of whom Slack does not say who they are: they are refused', async () => {
  const { app, of } = begin({
    crew: { approvers: ['UANA', 'UBEN'] },
    people: {
      nameOf: () => undefined,
      isGone: () => undefined,
      outsider: () => undefined,
    },
  });
  expect(await checkRight(app, of, 'UANA')).toBe('cannot_check');
  expect(await nameDeciders(app, of)).toBeUndefined();
});

test('a guest in a group is not counted', async () => {
  const { app, of } = begin({
    crew: { approvers: ['SEDITORS'], allowGuests: false },
    people: { members, nameOf: () => undefined, outsider: () => true },
  });
  expect(await checkRight(app, of, 'UANA')).toBe('guest');
  expect(await nameDeciders(app, of)).toBeUndefined();
});
