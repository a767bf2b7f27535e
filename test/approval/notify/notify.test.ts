import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, listNamedPeople, type Notify } from '../../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { blocks, createWorld, startWorld, works } from '../worker/worker-world.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

/** Zoe is not in the channel; SSTAFF has forty people. */
const people: Partial<PeopleDirectory> = {
  members: (id) =>
    id === 'SSTAFF' ? new Set(Array.from({ length: 40 }, (_, n) => `UMEMBER${n}`)) : undefined,
  inChannel: (person) => person !== 'UZOE',
  channelSize: () => 50,
};

/** Whom the card, two reminders and the expiry notify: mentions, and direct messages as `@id`. */
async function notified(approvers: string[], notify?: Notify) {
  const policy = { ...DEFAULT_POLICY, urgent: true, remindAfter: HOUR, expireAfter: 3 * HOUR };
  const rules = { approvers, policy, ...(notify ? { notify } : {}) };
  const world = await startWorld({ rules, people });
  await world.clock.advance(4 * HOUR);
  const kinds = world.notes().map(({ kind }) => kind);
  const timed = kinds.filter((kind) => kind === 'reminder' || kind === 'expired');
  expect(timed).toEqual(['reminder', 'reminder', 'expired']);
  const calls = world.slack.flatMap(({ note, elsewhere, mentions = [], calls: called = [] }) =>
    note?.kind === 'direct' ? [`@${elsewhere}`] : [...mentions, ...called],
  );
  return { calls: [...new Set(calls)], recorded: await listRecorded(world) };
}

/** Whom the history says that messages notified, without the card; undefined: a message that notified nobody. */
async function listRecorded(world: Pick<Awaited<ReturnType<typeof startWorld>>, 'approval' | 'id'>) {
  const { facts } = await world.approval(world.id);
  const told = facts.filter(({ what }) => what === 'notified').flatMap(({ detail }) => detail?.split(', '));
  return [...new Set(told)];
}

describe('a reminder and an expiry notify the same people as the card:', () => {
  test.each<[string, string[], Notify | undefined, string[]]>([
    ['nobody where notify is none', ['UANA'], 'none', []],
    ['approvers by direct message where notify is dm', ['UANA', 'UZOE'], 'dm', ['@UANA', '@UZOE']],
    ['the people that notify names, and no other approver', ['UANA'], ['UBEN'], ['UBEN']],
    ['no large group that notify does not name', ['SSTAFF'], undefined, []],
    ['a large group that notify names', ['SSTAFF'], ['SSTAFF'], ['SSTAFF']],
  ])('%s', async (_, approvers, notify, expected) => {
    expect((await notified(approvers, notify)).calls).toEqual(expected);
  });

  test.each<[string, string[], Notify | undefined, (string | undefined)[]]>([
    ['nobody where notify is none', ['UANA'], 'none', [undefined]],
    ['the people of direct messages', ['UANA', 'UZOE'], 'dm', [undefined, 'UANA', 'UZOE']],
    ['the people that a message mentions', ['UANA'], undefined, ['UANA']],
    ['a group', ['SSTAFF'], ['SSTAFF'], ['SSTAFF']],
  ])('the history has %s', async (_, approvers, notify, expected) => {
    expect(new Set((await notified(approvers, notify)).recorded)).toEqual(new Set(expected));
  });
});

test('mentions an approver in the thread when Slack rejects their direct message', async () => {
  const world = createWorld({ rules: { approvers: ['UANA'], notify: 'dm' }, people });
  world.startWorker('a');
  world.slackDoes.push(works, blocks('messages_tab_disabled'));
  await world.shown();
  await world.clock.advance(10 * SECOND);
  expect(world.slack.at(-1)).toMatchObject({ note: { kind: 'mention' }, calls: ['UANA'] });
  expect(world.slack.at(-1)).not.toHaveProperty('elsewhere');
});

test.each([
  ['UANA', ['UANA']],
  ['UZOE', []],
])('has in its history only whom a message reached: %s', async (approver, reached) => {
  const world = createWorld({ rules: { approvers: [approver], notify: 'dm' }, people });
  world.startWorker('a');
  world.slackDoes.push(works, blocks('messages_tab_disabled'));
  const id = await world.shown();
  await world.clock.advance(10 * SECOND);
  expect(await listRecorded({ ...world, id })).toEqual(reached);
});

test('has in its history that a direct message notified its person, whom it need not mention', async () => {
  const policy = { ...DEFAULT_POLICY, urgent: true, remindAfter: HOUR };
  const rules = { approvers: ['UANA'], channel: 'UANA', notify: 'none' as const, policy };
  const world = await startWorld({ rules, people });
  await world.clock.advance(HOUR + SECOND);
  expect(await listRecorded(world)).toEqual(['UANA']);
});

test('sends no direct message to a person outside the channel when only its members may decide', async () => {
  const world = await startWorld({ rules: { approvers: [], notify: ['UZOE'] }, people });
  await world.clock.advance(10 * SECOND);
  expect((await world.service.check({ approvalId: world.id, round: 1 }, 'UZOE')).done).toBe(false);
  expect(world.notes()).toEqual([]);
});

test('reads the members of a group that only notify names', () => {
  const { crew } = createWorld({ rules: { approvers: ['UZOE'], notify: ['SONCALL'] } });
  expect(listNamedPeople(crew)).toEqual(['UZOE', 'SONCALL']);
});
