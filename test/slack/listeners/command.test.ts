import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Review } from '../../../src/approval/model/round.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import { ACTIONS, CALLBACKS } from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/en.ts';
import { aStart } from '../../approval/starts/records.ts';
import { AT, approval, reviewApproval, round } from '../records.ts';
import {
  createListeningBot,
  GUEST,
  IN_LIST,
  ONLY_BEN,
  ONLY_BEN_LOOKS,
  startAndWait,
  startResponseUrl,
  TWO_APPROVE,
  twoRounds,
  UNTOUCHED,
  type World,
  withCard,
} from './fakes.ts';

const { crewai, refusals } = en;
const ID = withCard().id;
const down = new StoreError('Down.');
const unsure = new StoreError('Slow.', undefined, { unsure: true });
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
const offering = (options = THREE, more: Partial<Review> = {}): World => ({
  approvals: [reviewApproval({ options, ...more })],
});

/** What a command is answered, as JSON: a decision in the ack, a look-up by the response_url. */
async function run(
  typed: string,
  world: World = {},
  trouble?: ['reads' | 'outputs' | 'writes' | 'runs', Error],
) {
  const bot = await createListeningBot(world);
  const { url, bodies } = await startResponseUrl();
  if (trouble) bot.disturb(...trouble);
  await bot.type(typed, url);
  const answers = /^(approve|choose) /.test(typed) ? bot.acks : bodies;
  expect(answers).toMatchObject([{ response_type: 'ephemeral' }]);
  expect(bot.acks).toHaveLength(1);
  return { ...bot, said: JSON.stringify(answers) };
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

  it('answers by the response_url when Slack no longer accepts the ack', async () => {
    const [bot, { url, bodies }] = [await createListeningBot(), await startResponseUrl()];
    bot.fails.ack = new Error('Slack no longer waited for the ack');
    await bot.type(`approve ${ID}`, url);
    expect(bodies).toMatchObject([{ response_type: 'ephemeral', replace_original: false }]);
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

  it.each([
    ['asks CrewAI', 'status run-1', crewai.completed],
    ['decides', `choose ${ID} publish`, 'You chose *publish*'],
  ])('is acked in time and answered by the response_url when it %s', async (_, typed, sentence) => {
    const { acks, bodies } = await late(typed, { of: reviewApproval() });
    expect([acks, bodies]).toMatchObject([[undefined], [{ text: expect.stringContaining(sentence) }]]);
  });

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
  const approved = 'You approved *Draft* (round 1)';
  const chose = (option: string) => `You chose *${option}* for *Review report* (round 1)`;
  const approve = (feedback: string, note?: string) => ({ decision: { action: 'approve', feedback }, note });
  const choose = (option: number, feedback: string) => ({ decision: { action: 'choose', option, feedback } });
  const forTwo = (of: Approval): World => ({ approvals: [{ ...of, ...TWO_APPROVE }] });
  const vote = (by: object) => ({ status: 'waiting', votes: [by] });

  it.each<[string, World, object, string]>([
    [`approve ${ID} looks good`, {}, approve('looks good'), approved],
    [`approve ${ID}`, {}, approve(''), approved],
    // CrewAI would read the note as a revision.
    [`approve ${ID} looks good`, { dialect: 'live' }, approve('', 'looks good'), approved],
    [`approve ${ID}`, forTwo(withCard()), vote({ by: 'UANA' }), 'recorded. Others have to approve too'],
    [`choose ${ID} rewrite`, offering(), choose(1, 'rewrite'), chose('rewrite')],
    [`choose ${ID} Publish`, offering(), choose(0, 'publish'), chose('publish')],
    [`choose ${ID} 3`, offering(), choose(2, 'discard'), chose('discard')],
    [`choose ${ID} 1`, offering(['3', '2', '1']), choose(2, '1'), chose('1')],
    [`choose ${ID} publish`, forTwo(reviewApproval()), vote({ option: 0 }), 'Others have to choose it too'],
  ])('is recorded and confirmed: %s (%#)', async (typed, world, recorded, sentence) => {
    const { said, stored } = await run(typed, world);
    expect(await stored()).toMatchObject({ status: 'sending', ...recorded, from: 'command' });
    expect(said).toContain(sentence);
  });

  const noOption = "isn't one of its options";
  const { review } = reviewApproval().rounds[0] ?? {};
  const superseded = approval([round({ status: 'superseded', review }), round({ number: 2, review })]);
  it.each<[string, string, World, string]>([
    ['a round that does not exist', `approve ${ID}.2`, {}, 'has only one round'],
    ['an unknown id', 'approve ZZZZZZZZZZ', {}, 'I found no approval'],
    ['a person who may not look it up', `approve ${ID}`, ONLY_BEN_LOOKS, refusals.mayNotLook],
    ['a note that is too long', `approve ${ID} ${'x'.repeat(3_001)}`, {}, 'longer than 3,000 characters'],
    ['a guest', `approve ${ID}`, GUEST, refusals.decide.guest],
    ['an id that begins several', 'approve ABCDEF', alike, 'Please type more of its ID'],
    ['a text that is not an option', `choose ${ID} nonsense`, offering(), noOption],
    ['a number beyond the options', `choose ${ID} 4`, offering(), noOption],
    ['the number 0', `choose ${ID} 0`, offering(), noOption],
    ['a text of two options', `choose ${ID} PUBLISH`, offering(['publish', 'Publish']), 'Type the number'],
    ['a text without options', `choose ${ID} publish`, offering([]), 'use *Other answer…* on its card'],
    ['an option for a crew', `choose ${ID} publish`, {}, refusals.decideByButtons],
    ['not an approver', `choose ${ID} publish`, { ...offering(), ...ONLY_BEN }, refusals.decide.not_approver],
    ['a later round', `choose ${ID}.2 publish`, offering(), 'has only one round'],
    ['an older round', `choose ${ID} publish`, { approvals: [superseded] }, refusals.superseded(2)],
  ])('is not recorded for %s', async (_, typed, world, sentence) => {
    const { said, stored } = await run(typed, world);
    expect(said).toContain(sentence);
    const status = sentence === refusals.superseded(2) ? 'superseded' : 'waiting';
    expect(await stored()).toMatchObject({ ...UNTOUCHED, status });
  });

  it('on an older round is answered with how to see and approve the current one', async () => {
    const { said } = await run(`approve ${ID}`, { approvals: [twoRounds()] });
    expect(said).toContain(`\`/approvals approve ${ID}.2\` approves it.`);
  });

  it.each([
    ['fails', 'writes', down, refusals.notRecorded],
    ['fails at the look-up', 'reads', down, refusals.notRecorded],
    ['lost its answer', 'writes', unsure, refusals.perhapsRecorded],
  ] as const)('is answered with what is known when the store %s', async (_, what, error, sentence) => {
    expect((await run(`approve ${ID}`, {}, [what, error])).said).toContain(sentence);
    expect((await run(`choose ${ID} publish`, offering(), [what, error])).said).toContain(sentence);
  });

  it('is not recorded where its output cannot be read, and the answer says so', async () => {
    const { said, stored } = await run(`approve ${ID}`, {}, ['outputs', down]);
    expect(said).toContain(refusals.notRecorded);
    expect(await stored()).toMatchObject({ ...UNTOUCHED, status: 'waiting' });
  });
});

describe('revise by command', () => {
  it('opens the form for the round that is named', async () => {
    const bot = await createListeningBot({ approvals: [twoRounds()] });
    await bot.type(`revise ${ID}.2`);
    const form = { callback_id: CALLBACKS.revision, private_metadata: bot.targetValue(2) };
    expect([bot.acks, bot.opened]).toMatchObject([[undefined], [form]]);
  });

  it('replies when nothing is found or the store fails', async () => {
    const bot = await createListeningBot();
    await bot.type('revise ZZZZZZZZZZ');
    bot.disturb('reads', down);
    await bot.type(`revise ${ID}`);
    const notFound = expect.stringMatching(/^I found no approval/);
    expect([bot.opened, bot.texts()]).toEqual([[], [notFound, refusals.notRecorded]]);
  });
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
