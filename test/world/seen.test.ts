import { describe, expect, test } from 'vitest';
import type { Seen } from '../../src/approval/model/seen.ts';
import { spoken } from '../support/spoken.ts';
import { readRecords } from './read-records.ts';
import { createWorld, draft, HOUR, SECOND, type World } from './world.ts';

const texts = spoken();
const LONG = 'It pays the fair of spring, as agreed with the mill. '.repeat(170).trim();
const longDraft = { ...draft, writeOutput: () => LONG };
const hash = expect.stringMatching(/^text:[0-9a-f]{32}$/);
const part = { shown: expect.any(Number), of: LONG.length };

/** Reads what the last decision was made on, which its entry in the history says, too. */
async function readSeen(world: World): Promise<Seen | undefined> {
  await world.pass(5 * SECOND);
  const { approval } = await readRecords(world);
  const { seen } = approval.rounds.findLast(({ decision }) => decision)?.decision ?? {};
  expect(approval.facts.findLast(({ what }) => what === 'decided')?.seen).toEqual(seen);
  return seen;
}

/** The value of a button, as the message had it. */
function buttonValue(world: World, action: string): string {
  const { channel, ts } = world.card();
  const blocks = JSON.stringify(world.workspace.message(channel, ts)?.blocks);
  return new RegExp(`"action_id":"${action}".*?"value":"([^"]*)"`).exec(blocks)?.[1] ?? '';
}

async function clickWith(world: World, value: string): Promise<void> {
  const { ts } = world.card();
  const action = { type: 'button', block_id: 'earlier', value };
  await world.click('UANA', 'approve', { ts, stale: true, action });
  await world.pass(2 * SECOND);
}

describe('a decision keeps what its place showed', () => {
  test('on a card: its text, and which part of the output', async () => {
    const world = await createWorld({ tasks: [longDraft] });
    await world.shown();
    await world.click('UANA', 'approve');
    const seen = await readSeen(world);
    expect(seen).toEqual({ place: 'card', language: 'en', hash, part, asked: true });
    expect(seen?.part?.shown).toBeLessThan(2_000);
    expect((await readRecords(world)).outputs.get(seen?.hash ?? '')).toContain('*Draft press release*');
  });

  test('on a card with the whole output', async () => {
    const world = await createWorld();
    await world.shown();
    await world.click('UANA', 'approve');
    expect(await readSeen(world)).toEqual({ place: 'card', language: 'en', hash });
  });

  test('in a form: the place where it was opened', async () => {
    const world = await createWorld({ tasks: [longDraft] });
    await world.shown();
    await world.revise('UANA', 'Shorter');
    expect(await readSeen(world)).toEqual({ place: 'card', form: true, language: 'en', hash, part });
  });

  test('on Home', async () => {
    const world = await createWorld({ tasks: [longDraft] });
    await world.shown();
    await world.home('UANA');
    await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'approve' }));
    const seen = await readSeen(world);
    expect(seen).toEqual({ place: 'home', language: 'en', hash, part, asked: true });
    expect(seen?.part?.shown).toBeLessThan(400);
  });
});

test('the form of an edit shows all of the output, whatever the place shows where it was opened', async () => {
  const world = await createWorld({ tasks: [{ ...draft, writeOutput: () => LONG.slice(0, 2_000) }] });
  await world.shown();
  const home = await world.home('UANA');
  const selected = /edit:[^"]+/.exec(home)?.[0] ?? '';
  expect(selected).toMatch(/\/he[\w-]{12}\.\w+\.\w+$/);
  await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'more', selected }));
  await world.pass(SECOND);
  await world.submit('UANA', { edited: 'Another text.' });
  expect(await readSeen(world)).toEqual({ place: 'home', form: true, language: 'en', hash });
});

test('two people who see the same store its text once, and their votes say so; it is deleted with the approval', async () => {
  const world = await createWorld({ settings: { APPROVALS_REQUIRED: '2', RETENTION: '1 day' } });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.click('UBEN', 'approve');
  const seen = await readSeen(world);
  const { approval, outputs } = await readRecords(world);
  expect(approval.rounds[0]?.votes.map((vote) => vote.seen)).toEqual([seen, seen]);
  expect(approval.facts.find(({ what }) => what === 'voted')?.seen).toEqual(seen);
  expect(approval.rounds[0]?.seenTexts).toEqual([seen?.hash]);
  expect(outputs.size).toBe(2);
  await world.pass(50 * HOUR);
  expect((await readRecords(world)).outputs.size).toBe(0);
});

test('a decision that is taken back leaves no text behind when its approval is deleted', async () => {
  const world = await createWorld({ settings: { UNDO_WINDOW: '1 minute', RETENTION: '1 day' } });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.click('UANA', 'undo');
  await world.pass(2 * SECOND);
  expect((await readRecords(world)).approval.rounds[0]?.decision).toBeUndefined();
  await world.revise('UANA', 'Shorter');
  await world.pass(2 * 60 * SECOND);
  await world.click('UANA', 'approve');
  await world.pass(50 * HOUR);
  expect((await readRecords(world)).outputs.size).toBe(0);
});

test('a person who may not decide leaves no text', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA' } });
  await world.shown();
  await world.click('UBEN', 'approve');
  await world.pass(2 * SECOND);
  expect((await readRecords(world)).outputs.size).toBe(1);
});

test('a card that has changed since it was drawn says that the text is not known', async () => {
  const world = await createWorld();
  await world.shown();
  const value = buttonValue(world, 'approve').replace(/[\w-]{12}$/, 'AAAAAAAAAAAA');
  await clickWith(world, value);
  const shownHash = { hash: 'AAAAAAAAAAAA', changedSince: true };
  expect(await readSeen(world)).toEqual({ place: 'card', language: 'en', ...shownHash });
  expect((await readRecords(world)).outputs.size).toBe(1);
});

test('a card of an earlier build says only its place', async () => {
  const world = await createWorld();
  await world.shown();
  await clickWith(world, buttonValue(world, 'approve').split('/')[0] ?? '');
  expect(await readSeen(world)).toEqual({ place: 'card' });
});

test('a card of a later version decides nothing, and says so', async () => {
  const world = await createWorld();
  await world.shown();
  await clickWith(world, buttonValue(world, 'approve').replace('/ce', '/xe'));
  expect(world.told('UANA')).toEqual([texts.refusals.laterVersion]);
  expect(world.resumes()).toEqual([]);
});
