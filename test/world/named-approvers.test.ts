import { describe, expect, test } from 'vitest';
import type { StandIn } from '../../src/approval/model/round.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

// The crew names no approvers, so the members of its channel decide, unless a run or a question names people.

const ASK_SECRET = 'the-ask-secret-of-a-program';
const RUN = 'e0000000-0000-4000-8000-000000000001';
const SHIP = {
  title: 'Ship build 42?',
  text: 'All checks passed.',
  options: [
    { id: 'ship', label: 'Ship it' },
    { id: 'hold', label: 'Hold' },
  ],
};
/** A channel of so many people, Ana, Ben and Cat among them. */
function channelOf(size: number): NonNullable<WorldOptions['slack']> {
  const others = Array.from({ length: size - 4 }, (_, n) => `M${n}`);
  const people = ['ANA', 'BEN', 'CAT', ...others].map((name) => ({
    id: `U${name}`,
    name: name.toLowerCase(),
    tz: 'Etc/UTC',
  }));
  // The bot is one of them.
  const members = people.map(({ id }) => id);
  return {
    people,
    channels: [{ id: 'CAPPROVALS', name: 'approvals', members, botIsMember: true }],
    groups: [],
  };
}

const startIn = (size: number, ...rules: string[]) =>
  createWorld({
    dialect: 'documented',
    settings: { ASK_SECRET, APPROVERS: '' },
    rules: [`ask_secret: ${ASK_SECRET}`, 'approvers: []', ...rules],
    slack: channelOf(size),
  });

const put = (world: World, question: object) =>
  world.send('crews/press/questions/q1', question, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ASK_SECRET}` },
  });

const pause = { kickoff_id: RUN, name: 'draft', output: 'A release' };

/** How a program says who decides. */
const WAYS = {
  'a question': (world: World, approvers: string[]) => put(world, { ...SHIP, approvers }),
  'a run': (world: World, approvers: string[]) => world.hook('task', { ...pause, meta: { approvers } }),
  'a registration': async (world: World, approvers: string[]) => {
    await world.register(RUN, { approvers });
    await world.hook('task', pause);
  },
};
const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];

/** What a message said when it was posted. */
const postedTexts = ({ workspace }: World) =>
  workspace.calls
    .filter(({ method }) => method === 'chat.postMessage')
    .map(({ args }) => JSON.stringify(args));

const tooFew = (able: number) => texts.state.tooFewApprovers(able, 2);

describe.each(ways.flatMap((way) => [12, 50].map((size) => [way, size] as const)))(
  'people whom only %s names, in a channel of %i',
  (way, size) => {
    test('are notified, and nobody else is', async () => {
      const world = await startIn(size, 'remind_after: 2 h');
      await WAYS[way](world, ['UANA']);
      expect(world.card().text).toContain('ana can decide.');
      await world.pass(2 * HOUR + MINUTE);
      const [card, reminder, ...more] = postedTexts(world);
      for (const message of [card, reminder]) expect(message).toContain('<@UANA>');
      expect([card, reminder].join()).not.toContain('<!here>');
      expect(more).toEqual([]);
      expect(world.card().text).not.toContain(texts.card.unnotified);
    });

    test('are too few from the first card on, also after the hour', async () => {
      const world = await startIn(size, 'approvals_required: 2');
      await WAYS[way](world, ['UANA']);
      expect(world.card().text).toContain(tooFew(1));
      await world.pass(2 * HOUR);
      expect(world.card().text).toContain(tooFew(1));
    });

    test('are too few within an hour after one of them has left', async () => {
      const world = await startIn(size, 'approvals_required: 2');
      await WAYS[way](world, ['UANA', 'UBEN']);
      await world.pass(2 * HOUR);
      expect(world.card().text).not.toContain(tooFew(1));
      world.workspace.deactivate('UBEN');
      await world.pass(26 * HOUR);
      expect(world.card().text).toContain(tooFew(1));
    });

    test('keep their own vote when the substitute of one of them is the other', async () => {
      const world = await startIn(size, 'approvals_required: 2');
      await world.type('UANA', 'away until friday <@UBEN|ben>');
      await WAYS[way](world, ['UANA', 'UBEN']);
      const [card] = postedTexts(world).slice(-1);
      for (const id of ['UANA', 'UBEN']) expect(card).toContain(`<@${id}>`);
      const ownVote: StandIn['why'] = 'own_vote';
      const friday = texts.away.day('2026-11-06');
      expect(world.card().text).toContain(
        texts.away.askedDespiteAbsence('<@UANA>', '<@UBEN>', friday, ownVote),
      );
    });

    test('keep their own vote when another of them has left the workspace', async () => {
      const world = await startIn(size, 'approvals_required: 2');
      await world.type('UANA', 'away until friday <@UCAT|cat>');
      world.workspace.deactivate('UBEN');
      await WAYS[way](world, ['UANA', 'UBEN', 'UCAT']);
      const [card] = postedTexts(world).slice(-1);
      for (const id of ['UANA', 'UCAT']) expect(card).toContain(`<@${id}>`);
    });
  },
);

test.each([12, 50])(
  'a tie between the two people whom a question names is reported, in a channel of %i',
  async (size) => {
    const world = await startIn(size, 'approvals_required: 2');
    await put(world, { ...SHIP, approvers: ['UANA', 'UBEN'] });
    await world.click('UANA', 'choose_1');
    await world.click('UBEN', 'choose_2');
    await world.pass(5 * SECOND);
    expect(world.notes()).toEqual([expect.stringContaining(texts.notes.tied('<@UANA> <@UBEN>', 2))]);
  },
);

test.each([12, 50])(
  'where nobody is named, the members of a channel of %i are asked and counted',
  async (size) => {
    const world = await startIn(size, 'approvals_required: 2');
    await put(world, SHIP);
    expect(postedTexts(world).at(-1)?.includes('<!here>')).toBe(size === 12);
    expect(world.card().text.includes(texts.card.unnotified)).toBe(size === 50);
    await world.click('UANA', 'choose_1');
    await world.click('UBEN', 'choose_2');
    await world.pass(2 * HOUR);
    expect(world.notes()).toEqual([]);
    expect(world.card().text).not.toContain(tooFew(1));
  },
);
