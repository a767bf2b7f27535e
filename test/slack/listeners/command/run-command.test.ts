import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../../../src/lib/errors.ts';
import { writeListPage } from '../../../../src/slack/app/button-values.ts';
import { CALLBACKS } from '../../../../src/slack/app/ids.ts';
import { turnListPage } from '../../../../src/slack/listeners/buttons/turn-list-page.ts';
import { runCommand } from '../../../../src/slack/listeners/command/run-command.ts';
import { NOT_LOOKED_UP, NOT_RECORDED } from '../../../../src/slack/views/text/sentences.ts';
import { approval, round } from '../../records.ts';
import { buttonArgs, commandArgs, createFakes, EPHEMERAL, refused, startResponseUrl } from '../fakes.ts';

afterEach(() => void vi.useRealTimers());

const ID = approval([round()]).id;
const down = new StoreError('The store is down.');

/** What the ack of a command says, as JSON. */
async function run(text: string, world: Parameters<typeof createFakes>[0] = {}) {
  const fakes = createFakes(world);
  await runCommand(fakes.context, commandArgs(fakes, text));
  expect(fakes.acks).toMatchObject([{ response_type: 'ephemeral' }]);
  return { ...fakes, said: JSON.stringify(fakes.acks) };
}

const listing = { approvals: [approval([round()])], outputs: new Map(), stopped: false };

describe('/approvals', () => {
  it('lists what waits', async () => {
    const { asked, said } = await run('waiting press', { found: listing });
    expect(asked).toEqual([['list', 'UANA', { kind: 'waiting', crew: 'press' }, undefined]]);
    expect(said).toContain(ID);
  });

  it.each([
    ['waiting', { code: 'may_not_look' }, 'Only approvers and members'],
    ['history @ana', listing, 'I found no person \\"ana\\"'],
    [ID, { code: 'cannot_check' }, "I can't check right now"],
    [ID, [], 'I found no approval'],
    ['waitin', [], 'Did you mean `waiting`?'],
    ['status e1', { code: 'ambiguous', text: 'e1' }, 'More than one run'],
    ['stats', { code: 'cannot_check' }, "I can't check right now"],
    ['help', [], '/approvals history'],
    ['find', [], 'Say what to find'],
  ])('%s is answered with a sentence (%#)', async (text, found, sentence) => {
    expect((await run(text, { found })).said).toContain(sentence);
  });

  it('shows one approval with its output to a person who may see it', async () => {
    expect((await run(ID)).said).toContain('output');
    const { context, ...fakes } = createFakes();
    const blind = { ...context, deciders: { canSee: async () => false } };
    await runCommand(blind, commandArgs({ ...fakes, context }, ID));
    expect(JSON.stringify(fakes.acks)).not.toContain('The **output**');
  });

  it('shows several approvals of one run in a row', async () => {
    const found = [approval([round()]), approval([round()], { id: 'ZZZZZZZZZZ' })];
    expect((await run('run-1', { found })).said).toContain('ZZZZZZZZZZ');
  });

  it('shows what CrewAI says of a run, and figures', async () => {
    const report = {
      executionId: 'e1',
      said: [{ crew: 'press', status: { kind: 'completed' } }],
      approvals: [],
    };
    expect((await run('status e1', { found: report })).said).toContain(
      'CrewAI says that the run has finished',
    );
    const figures = { decisions: 0, approvals: 0, revisions: 0, median: 0, p90: 0, longest: 0 };
    const stats = {
      since: 0,
      days: [],
      all: figures,
      approvals: 0,
      revisionsPerApproval: 0,
      byCrew: [],
      byPerson: [],
    };
    const found = { stats, waiting: { count: 3, more: false }, stopped: false };
    expect((await run('stats 30d', { found })).asked).toEqual([['stats', 'UANA', 30]]);
  });

  it('answers that nothing was looked up when the store fails', async () => {
    const { said, lines } = await run('waiting', { found: down });
    expect(said).toContain(NOT_LOOKED_UP);
    expect(lines).toMatchObject([{ level: 'error', fact: 'lookup failed' }]);
  });

  it('answers by the response_url when Slack no longer takes the ack', async () => {
    const [fakes, { url, bodies }] = [createFakes(), await startResponseUrl()];
    fakes.fails.ack = new Error('Slack no longer waited for the ack');
    await runCommand(fakes.context, commandArgs(fakes, 'help', url));
    expect(bodies).toMatchObject([{ response_type: 'ephemeral', replace_original: false }]);
  });
});

describe('a command that takes longer than Slack waits', () => {
  async function late(text: string, status = 200) {
    const [fakes, { url, bodies }] = [createFakes(), await startResponseUrl(status)];
    let answer = (_: unknown) => {};
    const found = new Promise((resolve) => {
      answer = resolve;
    });
    Object.assign(fakes.context.lookUps, { list: () => found, status: () => found });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = runCommand(fakes.context, commandArgs(fakes, text, url));
    await vi.advanceTimersByTimeAsync(2_400);
    vi.useRealTimers();
    answer({ code: 'may_not_look' });
    await running;
    return { ...fakes, bodies };
  }

  it('is acked in time, and answered by the response_url, when it asks CrewAI', async () => {
    const { acks, bodies } = await late('status e1');
    expect([acks, bodies]).toMatchObject([
      [undefined],
      [{ text: expect.stringContaining('Only approvers') }],
    ]);
  });

  it('is answered that nothing was looked up when it asks the store only', async () => {
    const { acks, bodies, lines } = await late('waiting');
    expect([acks, bodies]).toMatchObject([[{ text: NOT_LOOKED_UP }], []]);
    expect(lines).toMatchObject([{ level: 'error', fact: 'lookup too late' }]);
  });

  it('whose response_url is refused is answered by another way, and logged', async () => {
    const { lines, texts } = await late('status e1', 404);
    expect(texts()).toEqual([expect.stringContaining('Only approvers')]);
    expect(lines).toMatchObject([{ level: 'error', fact: 'response to command failed' }]);
  });
});

describe('approve by command', () => {
  it('decides the round that is named, with the note', async () => {
    const { asked, said } = await run(`approve ${ID} looks good`);
    const target = { approvalId: ID, round: 1, via: 'command' };
    expect(asked.at(-1)).toEqual(['decide', target, 'UANA', { action: 'approve', feedback: 'looks good' }]);
    expect(said).toContain('recorded. Others have to approve too');
  });

  it('keeps the note for people on a platform that would take it for a revision', async () => {
    const { asked } = await run(`approve ${ID} looks good`, { dialect: 'live' });
    expect(asked.at(-1)?.at(3)).toEqual({ action: 'approve', note: 'looks good' });
  });

  it('without a note sends none', async () => {
    expect((await run(`approve ${ID}`)).asked.at(-1)?.at(3)).toEqual({ action: 'approve' });
  });

  it.each([
    ['a round that does not exist', `approve ${ID}.2`, {}, 'has one round and no round 2'],
    ['an unknown id', `approve ${ID}`, { found: [] }, 'I found no approval'],
    ['a person who may not look', `approve ${ID}`, { found: { code: 'may_not_look' } }, 'Only approvers'],
    ['a note that is too long', `approve ${ID} ${'x'.repeat(3_001)}`, {}, 'longer than 3,000 characters'],
    ['a refusal', `approve ${ID}`, { answer: refused({ code: 'guest' }) }, 'Guests and external users'],
    ['a store that fails', `approve ${ID}`, { found: down }, NOT_RECORDED],
    [
      'an id that begins several',
      'approve ABCDEF',
      { found: [approval([round()]), approval([round()], { id: 'ABCDEFZZZZ' })] },
      'Please type more of its ID',
    ],
  ])('is answered with a sentence for %s', async (_, text, world, sentence) => {
    expect((await run(text, world)).said).toContain(sentence);
  });

  it('of an older round says how to see and approve the current one', async () => {
    const newer = approval([round({ status: 'superseded' }), round({ number: 2 })]);
    const answer = refused({ code: 'superseded', current: 2 }, newer);
    const { said } = await run(`approve ${ID}`, { answer });
    expect(said).toContain(`\`/approvals approve ${ID}.2\` approves it.`);
  });
});

describe('revise by command', () => {
  it('opens the modal for the round that is named', async () => {
    const fakes = createFakes();
    await runCommand(fakes.context, commandArgs(fakes, `revise ${ID}`));
    expect([fakes.acks, fakes.opened]).toMatchObject([[undefined], [{ callback_id: CALLBACKS.revision }]]);
    expect(fakes.asked.at(-1)).toMatchObject(['check', { via: 'command' }, 'UANA']);
  });

  it.each([
    ['nothing is found', [], /^I found no approval/],
    ['the store fails', down, NOT_RECORDED],
  ])('replies when %s', async (_, found, sentence) => {
    const fakes = createFakes({ found });
    await runCommand(fakes.context, commandArgs(fakes, `revise ${ID}`));
    expect([fakes.opened, fakes.texts()]).toEqual([[], [expect.stringMatching(sentence)]]);
  });
});

describe('a page of a list', () => {
  const value = writeListPage({ query: { kind: 'waiting' }, after: '0/000001790000000/A', before: [null] });

  it('takes the place of the message', async () => {
    const [fakes, { url, bodies }] = [createFakes({ found: listing }), await startResponseUrl()];
    await turnListPage(
      fakes.context,
      buttonArgs(fakes, { value, body: { ...EPHEMERAL, response_url: url } }),
    );
    expect(fakes.asked).toEqual([['list', 'UANA', { kind: 'waiting' }, '0/000001790000000/A']]);
    expect([fakes.acks.length, bodies]).toMatchObject([1, [{ replace_original: true }]]);
  });

  it.each([
    ['the value is not ours', 'x', listing],
    ['the store fails', value, down],
  ])('is not turned when %s, and the reply says so', async (_, given, found) => {
    const fakes = createFakes({ found });
    await turnListPage(fakes.context, buttonArgs(fakes, { value: given }));
    expect(fakes.texts()).toEqual([NOT_LOOKED_UP]);
  });
});
