import { describe, expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { canStart, findStartRefusal, listStartable } from '../../../src/approval/starts/can-start.ts';
import { nobodyKnown } from '../worker/worker-world.ts';
import { startable } from './records.ts';

/** Ana and Gus, a guest, are in the crew's channel; Ben is an editor. */
const channel = ['UANA', 'UGUS'];
const known: PeopleDirectory = {
  ...nobodyKnown,
  members: (group) => (group === 'SEDITORS' ? new Set(['UBEN']) : undefined),
  outsider: (person) => person === 'UGUS',
  inChannel: (person) => channel.includes(person),
};
const crew: Crew = { ...startable, allowGuests: false };

async function codeOf(person: string, more: Partial<Crew> = {}, people: Partial<PeopleDirectory> = {}) {
  return (await findStartRefusal({ ...known, ...people }, { ...crew, ...more }, person))?.code ?? 'may';
}

describe('who may start a crew', () => {
  test('without starters: the members of its channel, except guests', async () => {
    expect(await codeOf('UANA')).toBe('may');
    expect(await codeOf('UBEN')).toBe('not_member');
    expect(await codeOf('UGUS')).toBe('guest');
    expect(await codeOf('UGUS', { allowGuests: true })).toBe('may');
  });

  test('a guest whom decisions are escalated to may not start it for that', async () => {
    const policy = { ...crew.policy, escalateTo: ['UGUS'] };
    expect(await codeOf('UGUS', { policy })).toBe('guest');
  });

  test('with starters: those people and the members of those groups, wherever they are', async () => {
    const starters = ['UCAT', 'UGUS', 'SEDITORS'];
    for (const person of ['UCAT', 'UBEN', 'UGUS']) expect(await codeOf(person, { starters })).toBe('may');
    expect(await codeOf('UANA', { starters })).toBe('not_starter');
  });

  test('its approvers are not asked: who decides and who starts are two things', async () => {
    expect(await codeOf('UBEN', { approvers: ['UBEN'] })).toBe('not_member');
    expect(await codeOf('UANA', { approvers: ['UBEN'], excludeRequester: true })).toBe('may');
  });

  test('nobody while CrewAI does not know where to report to', async () => {
    expect(await codeOf('UANA', { ownUrls: {} })).toBe('no_public_url');
  });
});

describe('what is not known of a person', () => {
  test('is asked for once, and then counts', async () => {
    const asked: unknown[] = [];
    let inChannel: boolean | undefined;
    const people: Partial<PeopleDirectory> = {
      inChannel: () => inChannel,
      learn: async (persons) => void asked.push(persons),
      learnMembers: async (channels) => {
        asked.push(channels);
        inChannel = true;
      },
    };
    expect(await codeOf('UANA', {}, people)).toBe('may');
    expect(asked).toEqual([['UANA'], ['CAPPROVALS']]);
  });

  test.each<[string, string, Partial<PeopleDirectory>, Partial<Crew>]>([
    ['the channel', 'UANA', { inChannel: () => undefined }, {}],
    ['a guest', 'UANA', { outsider: () => undefined }, {}],
    ['a group', 'UCAT', { members: () => undefined }, { starters: ['SEDITORS'] }],
  ])('and cannot be read refuses: %s', async (_, person, people, more) => {
    expect(await codeOf(person, more, people)).toBe('cannot_check');
  });

  test('of a person who is refused is read again soon: they may have just joined', async () => {
    let noted = 0;
    const recordNotMember = () => {
      noted += 1;
    };
    await codeOf('UANA', { starters: ['SEDITORS'] }, { refreshGroups: recordNotMember });
    expect(noted).toBe(1);
    await codeOf('UBEN', { starters: ['SEDITORS'] }, { refreshGroups: recordNotMember });
    expect(noted).toBe(1);
  });
});

test('only crews with a URL can be started, and the start is offered only to those who surely may', () => {
  const { starts: _, ...reviewsOnly } = { ...crew, name: 'reviews' };
  const crews = new Map([crew, reviewsOnly].map((one) => [one.name, one]));
  expect(listStartable(crews).map(({ name }) => name)).toEqual(['press']);
  expect(canStart(known, crews, 'UANA')).toBe(true);
  expect(canStart(known, crews, 'UBEN')).toBe(false);
  expect(canStart({ ...known, inChannel: () => undefined }, crews, 'UANA')).toBe(false);
  expect(canStart(known, new Map([['reviews', reviewsOnly]]), 'UANA')).toBe(false);
  expect(canStart(known, new Map([['press', { ...crew, ownUrls: {} }]]), 'UANA')).toBe(false);
});
