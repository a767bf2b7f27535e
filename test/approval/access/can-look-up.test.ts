import { expect, test } from 'vitest';
import { canLookUp } from '../../../src/approval/access/can-look-up.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { crew as plainCrew } from '../worker/worker-world.ts';

const press: Crew = {
  ...plainCrew,
  channel: 'CPRESS',
  channels: ['CPRESS', '#urgent'],
  approvers: ['UANA', 'SEDITORS'],
  tasks: [
    { match: 'draft_legal', channel: 'CLEGAL', approvers: ['UBEN'], policy: { escalateTo: ['SBOSSES'] } },
    { match: 'draft_private', channel: 'UCAT', policy: {} },
  ],
  policy: { ...DEFAULT_POLICY, escalateTo: ['UDAN'] },
  lookUps: 'members',
};

const channels: Record<string, string[]> = { CPRESS: ['UEVE'], '#urgent': ['UFAY'], CLEGAL: ['UGUS'] };
const groups: Record<string, string[]> = { SEDITORS: ['UHAL'], SBOSSES: ['UIDA'] };
const all = {
  members: (group: string) => new Set(groups[group]),
  inChannel: (person: string, channel: string) => channels[channel]?.includes(person) ?? false,
};
const nothingKnown = { members: () => undefined, inChannel: () => undefined };

test.each([
  ['an approver', 'UANA'],
  ['an approver of some of its tasks', 'UBEN'],
  ['a person it escalates to', 'UDAN'],
  ["a member of the crew's channel", 'UEVE'],
  ['a member of another of its channels', 'UFAY'],
  ['a member of the channel of some of its tasks', 'UGUS'],
  ['a member of a group of approvers', 'UHAL'],
  ['a member of a group that some of its tasks escalate to', 'UIDA'],
])('%s may look up its approvals', (_, person) => {
  expect(canLookUp(person, press, all)).toBe('yes');
});

test('other people may look up approvals only where the settings allow everyone', () => {
  expect(canLookUp('UZOE', press, all)).toBe('no');
  expect(canLookUp('UZOE', { ...press, lookUps: 'everyone' }, nothingKnown)).toBe('yes');
});

test('without approvers only channel members may look up approvals', () => {
  const open = { ...press, approvers: [], tasks: [], policy: DEFAULT_POLICY };
  expect(canLookUp('UZOE', open, all)).toBe('no');
  expect(canLookUp('UEVE', open, all)).toBe('yes');
});

test('cannot check people who are not named while Slack does not list channels or groups', () => {
  expect(canLookUp('UANA', press, nothingKnown)).toBe('yes');
  expect(canLookUp('UZOE', press, nothingKnown)).toBe('cannot_check');
  expect(canLookUp('UZOE', press, { ...all, members: () => undefined })).toBe('cannot_check');
  expect(canLookUp('UEVE', press, { ...all, members: () => undefined })).toBe('yes');
});
