import { expect, test } from 'vitest';
import { canLookUp } from '../../../src/approval/access/can-look-up.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';

const press: Crew = {
  name: 'press',
  channel: 'CPRESS',
  channels: ['CPRESS', '#urgent'],
  approvers: ['UANA', 'SEDITORS'],
  tasks: [
    {
      match: 'draft_legal',
      channel: 'CLEGAL',
      approvers: ['UBEN'],
      policy: { escalateTo: ['SBOSSES'] },
    },
    { match: 'draft_private', channel: 'UCAT', policy: {} },
  ],
  excludeRequester: false,
  allowGuests: false,
  policy: { ...DEFAULT_POLICY, escalateTo: ['UDAN'] },
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'documented',
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
  ['one to whom it is escalated', 'UDAN'],
  ["who is in the crew's channel", 'UEVE'],
  ['who is in another of its channels', 'UFAY'],
  ['who is in the channel of some of its tasks', 'UGUS'],
  ['a member of a group of approvers', 'UHAL'],
  ['a member of a group to which some of its tasks are escalated', 'UIDA'],
])('%s may look its approvals up', (_, person) => {
  expect(canLookUp(person, press, all)).toBe('yes');
});

test('anyone else may not, unless the settings open its look-ups to everyone', () => {
  expect(canLookUp('UZOE', press, all)).toBe('no');
  expect(canLookUp('UZOE', { ...press, lookUps: 'everyone' }, nothingKnown)).toBe('yes');
});

test('without approvers it is who is in a channel, not everyone', () => {
  const open = { ...press, approvers: [], tasks: [], policy: DEFAULT_POLICY };
  expect(canLookUp('UZOE', open, all)).toBe('no');
  expect(canLookUp('UEVE', open, all)).toBe('yes');
});

test('while Slack does not say who is in a channel or a group it cannot be told, except of who is named', () => {
  expect(canLookUp('UANA', press, nothingKnown)).toBe('yes');
  expect(canLookUp('UZOE', press, nothingKnown)).toBe('cannot_check');
  expect(canLookUp('UZOE', press, { ...all, members: () => undefined })).toBe('cannot_check');
  expect(canLookUp('UEVE', press, { ...all, members: () => undefined })).toBe('yes');
});
