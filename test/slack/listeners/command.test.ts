import { describe, expect, it } from 'vitest';
import type { Review } from '../../../src/approval/model/round.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import { ACTIONS } from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { aStart } from '../../approval/starts/records.ts';
import { AT, approval, reviewApproval, round } from '../records.ts';
import {
  createListeningBot,
  IN_LIST,
  ONLY_BEN,
  ONLY_BEN_LOOKS,
  startAndWait,
  startResponseUrl,
  twoRounds,
  type World,
  withCard,
} from './fakes.ts';

const { crewai, refusals } = en;
const ID = withCard().id;
const down = new StoreError('Down.');
const _unsure = new StoreError('Slow.', undefined, { unsure: true });
/** Who may look things up is not known. */
const UNCHECKED = { crew: { lookUps: 'members' as const }, people: { inChannel: () => undefined } };
/** A second approval whose id and run begin like those of the first. */
const alike: World = {
  approvals: [
    withCard({}, { executionId: 'run-12345-a' }),
    withCard({}, { id: 'ABCDEFZZZZ', executionId: 'run-12345-b' }),
  ],
};
const THREE = ['publish', 'rewrite', 'discard'];
const _offering = (options = THREE, more: Partial<Review> = {}): World => ({
  approvals: [reviewApproval({ options, ...more })],
});

/** What a command is answered by its response_url, as JSON. */
async function run(
  typed: string,
  world: World = {},
  trouble?: ['reads' | 'outputs' | 'writes' | 'runs', Error],
) {
  const bot = await createListeningBot(world);
  const { url, bodies } = await startResponseUrl();
  if (trouble) bot.disturb(...trouble);
  await bot.type(typed, url);
  expect(bodies).toMatchObject([{ response_type: 'ephemeral' }]);
  expect(bot.acks).toHaveLength(1);
  return { ...bot, said: JSON.stringify(bodies) };
}

describe('/approvals', () => {
  it.each<[string, World, string]>([
    ['waiting press', {}, `\`${ID}\``],
    ['waiting', ONLY_BEN_LOOKS, refusals.mayNotLook],
    ['history @ana', {}, 'I found no person \\"ana\\"'],
    [ID, UNCHECKED, "I can't check right now"],
    ['ZZZZZZZZZZ', {}, 'I found no approval'],
    ['waitin', {}, 'Did you mean `waiting`?'],
    ['run-1', { approvals: [withCard(), withCard({}, { id: 'ZZZZZZZZZZ' })] }, '`ZZZZZZZZZZ`'],
    ['status run-1', {}, 'CrewAI says that the run has finished'],
    ['status run-12345', alike, 'More than one run'],
    ['runs', { starts: [aStart()] }, '<@UANA>'],
    ['runs', ONLY_BEN_LOOKS, refusals.mayNotLook],
    ['help', {}, '/approvals history'],
    ['find', {}, 'Say what to find'],
  ])('answers %s (%#)', async (typed, world, sentence) => {
    expect((await run(typed, world)).said).toContain(sentence);
  });

  it('shows the output of an approval only to people who may decide on it', async () => {
    expect((await run(ID)).said).toContain('The hash output');
    const { said } = await run(ID, ONLY_BEN);
    expect(said).toContain(`approval ${ID}`);
    expect(said).not.toContain('The hash output');
  });

  it('answers that nothing was looked up when the store fails', async () => {
    const { said, logged } = await run('waiting', {}, ['reads', down]);
    expect(said).toContain(refusals.notLookedUp);
    expect(logged()).toEqual(['lookup failed']);
  });
});

describe('a command that takes longer than Slack waits', () => {
  async function late(typed: string, { httpStatus = 200, of = withCard() } = {}) {
    const { url, bodies } = await startResponseUrl(httpStatus);
    let answer = () => {};
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const status = slow.then(() => ({ kind: 'completed' }) as const);
    const bot = await createListeningBot({ approvals: [of], status });
    if (!typed.startsWith('status')) bot.disturb('reads', slow);
    const { done } = await startAndWait(() => bot.type(typed, url), 2_500);
    answer();
    await done;
    return { ...bot, bodies };
  }

  it.each([['asks CrewAI', 'status run-1', crewai.completed]])(
    'is acked in time and answered by the response_url when it %s',
    async (_, typed, sentence) => {
      const { acks, bodies } = await late(typed, { of: reviewApproval() });
      expect([acks, bodies]).toMatchObject([[undefined], [{ text: expect.stringContaining(sentence) }]]);
    },
  );

  it('is answered that nothing was looked up when it asks the store only', async () => {
    const { acks, bodies, logged } = await late('waiting');
    expect([acks, bodies]).toMatchObject([[undefined], [{ text: refusals.notLookedUp }]]);
    expect(logged()).toEqual(['lookup failed']);
  });

  it('is answered another way when its response_url is rejected', async () => {
    const { logged, texts } = await late('status run-1', { httpStatus: 404 });
    expect(texts()).toEqual([expect.stringContaining('CrewAI says')]);
    expect(logged()).toEqual(['response to command failed']);
  });
});

describe('a typed decision', () => {
  const { onlyButtonsDecide } = refusals;
  it.each<[string, World, string]>([
    [`approve ${ID} looks good`, {}, 'The hash output'],
    [`APPROVE ${ID}`, {}, 'The hash output'],
    [`aprobar ${ID}.2`, { approvals: [twoRounds()] }, 'Request revision'],
    [`revisar ${ID}.9`, {}, 'The hash output'],
    [`choose ${ID} publish`, { approvals: [reviewApproval()] }, 'publish'],
    ['elegir ZZZZZZZZZZ publish', {}, 'I found no approval'],
    [`revise ${ID}`, ONLY_BEN_LOOKS, refusals.mayNotLook],
    ['approve', {}, 'Type `/approvals help`'],
    ['escolher publish', {}, 'Type `/approvals help`'],
  ])(
    'decides nothing, and shows what it was typed for, with its buttons: %s',
    async (typed, world, shown) => {
      const { said, stored, opened } = await run(typed, world);
      expect(said).toContain(onlyButtonsDecide);
      expect(said).toContain(shown);
      expect([await stored(), opened]).toMatchObject([{ decision: undefined }, []]);
    },
  );
});

describe('a page of a list', () => {
  const ids = Array.from({ length: 12 }, (_, at) => `APPR0VAL${String(at).padStart(2, '0')}`);
  const approvals = ids.map((id, at) =>
    approval([round({ receivedAt: AT - 12 + at })], { id, executionId: id }),
  ) as unknown as NonNullable<World['approvals']>;

  it('replaces the message when it is turned', async () => {
    const [bot, { url, bodies }] = [await createListeningBot({ approvals }), await startResponseUrl()];
    await bot.type('waiting', url);
    const newer = /"action_id":"page_newer".*?"value":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(bodies))?.[1];
    const value = JSON.parse(`"${newer}"`);
    await bot.click(ACTIONS.pageNewer, { value, body: { ...IN_LIST, response_url: url } });
    const [, turned] = bodies;
    expect([bot.acks.length, turned]).toMatchObject([2, { replace_original: true }]);
    const shown = ids.filter((id) => JSON.stringify(turned).includes(id));
    expect(shown).toEqual(ids.slice(10));
  });

  it('converts each output in a turn of its own', async () => {
    const inTurn = createGiveWay();
    let converted = 0;
    const giveWay: GiveWay = async (work) => {
      const made = await inTurn(work);
      if (typeof made === 'object' && made !== null && 'cut' in made) converted += 1;
      return made;
    };
    const { said } = await run('waiting', { approvals, giveWay });
    expect(said).toContain('The hash output.');
    expect(converted).toBe(10);
  });

  it('is not turned when the value is not ours or the store fails, and the reply says so', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.pageOlder, { value: 'x' });
    bot.disturb('reads', down);
    const value = JSON.stringify({ query: { kind: 'waiting' }, before: [null] });
    await bot.click(ACTIONS.pageOlder, { value });
    expect(bot.texts()).toEqual([refusals.notLookedUp, refusals.notLookedUp]);
  });
});
