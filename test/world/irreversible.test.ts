import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { QUESTION } from '../support/flow-world.ts';
import { readRecords } from './read-records.ts';
import { createWorld, draft, FLOW_SETTINGS, HOUR, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const SENTENCE = texts.state.irreversible;
const EXPIRES = { EXPIRE_AFTER: '1 hour' };
const LONG = Array.from(
  { length: 60 },
  (_, at) => `## Part ${at}.\n\n${'The mill delivers paper. '.repeat(8)}`,
);

const textOf = (world: World) => {
  const { channel, ts } = world.card();
  return JSON.stringify(world.workspace.message(channel, ts)?.blocks);
};

async function askWorld({ settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...settings } });
  const headers = { authorization: `Bearer ${ASK_SECRET}` };
  const send = (method: string, id: string, body?: object) =>
    world.send(`crews/press/questions/${id}`, body, { method, headers });
  return {
    world,
    put: async (id: string, body: object) => {
      const { status, data } = await send('PUT', id, { title: 'Ship build 42?', ...body });
      await world.pass(2 * SECOND);
      return { status, message: data.message as string | undefined };
    },
    get: async (id: string) => (await send('GET', id)).data,
  };
}

const PAY = { kind: 'tool', title: 'pay', output: { amount: 1 }, run: 'r1' };
const roundOf = async (world: World) => (await readRecords(world)).approval.rounds.at(-1);

describe('what the settings call irreversible', () => {
  test('is said on the card of a task, in the history and in the record', async () => {
    const world = await createWorld({ tasks: [draft], settings: { EFFECT: 'irreversible' } });
    await world.shown();
    expect(textOf(world)).toContain(SENTENCE);
    const { approval } = await readRecords(world);
    expect(approval.rounds.at(-1)?.irreversible).toBe(true);
    expect(approval.facts.find(({ what }) => what === 'received')?.asked?.irreversible).toBe(true);
  });

  test('is a task by its own webhook only: the card of another task says nothing', async () => {
    const world = await createWorld({
      tasks: [draft],
      dialect: 'documented',
      rules: ['tasks:', '  - match: something_else', '    effect: irreversible'],
    });
    await world.shown();
    expect(textOf(world)).not.toContain(SENTENCE);
    expect((await roundOf(world))?.irreversible).toBeUndefined();
  });

  test('is any pause whose task is not named, where one task of its crew is', async () => {
    const world = await createWorld({
      tasks: [draft],
      dialect: 'live',
      rules: ['tasks:', '  - match: something_else', '    effect: irreversible'],
    });
    await world.shown();
    expect(textOf(world)).toContain(SENTENCE);
    expect(await roundOf(world)).toMatchObject({ unnamed: true, irreversible: true });
  });

  test('is a tool by its name, never a question by its title', async () => {
    const { world, put } = await askWorld({ settings: { IRREVERSIBLE_TOOLS: 'pay*' } });
    await put('q1', { title: 'payment', text: 'Pay?' });
    expect(textOf(world)).not.toContain(SENTENCE);
    await put('q2', PAY);
    expect(textOf(world)).toContain(SENTENCE);
  });

  test('stays irreversible where a program says that it is reversible', async () => {
    const { world, put } = await askWorld({ settings: { EFFECT: 'irreversible' } });
    await put('q1', { text: 'Pay?', effect: 'reversible' });
    expect(textOf(world)).toContain(SENTENCE);
  });

  test('needs more people by the further rules, which count on top of the others', async () => {
    const { world, put, get } = await askWorld({
      rules: [
        `ask_secret: ${ASK_SECRET}`,
        'approvers: [UANA, UBEN]',
        'irreversible_tools: [pay]',
        'irreversible: {approvals_required: 2}',
      ],
    });
    await put('q1', { ...PAY, title: 'look_up' });
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).status).toBe('answered');
    await put('q2', PAY);
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q2')).status).toBe('waiting');
    await world.click('UBEN', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q2')).answer).toMatchObject({ option: 'allow', by: 'UBEN' });
  });

  test('is decided only by people whom both lists of approvers name', async () => {
    const { world, put, get } = await askWorld({
      rules: [
        `ask_secret: ${ASK_SECRET}`,
        'approvers: [UANA, UBEN]',
        'irreversible_tools: [pay]',
        'irreversible: {approvers: [UBEN]}',
      ],
    });
    await put('q1', PAY);
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect(world.told('UANA')).toEqual([texts.refusals.decide.not_approver]);
    await world.click('UBEN', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).answer).toMatchObject({ by: 'UBEN' });
  });
});

describe('what is irreversible', () => {
  test('is not approved by a rule: it is marked at its deadline and stays open', async () => {
    const rule = { ...EXPIRES, ON_EXPIRY: 'approve' };
    const { world, put, get } = await askWorld({ settings: rule });
    await put('q1', { text: 'Pay?', effect: 'irreversible' });
    await world.pass(2 * HOUR);
    expect((await get('q1')).status).toBe('waiting');
    expect((await roundOf(world))?.expiredAt).toBeDefined();
  });

  test('takes no default option: its own is refused, and so is one where the settings call it irreversible', async () => {
    const { put } = await askWorld({
      settings: { ...EXPIRES, ON_EXPIRY: 'default', IRREVERSIBLE_TOOLS: 'pay' },
    });
    const own = await put('q1', { text: 'Pay?', effect: 'irreversible', default_option: 'approve' });
    expect(own).toMatchObject({ status: 422, message: expect.stringContaining('effect') });
    const bySettings = await put('q2', { ...PAY, default_option: 'block' });
    expect(bySettings).toMatchObject({ status: 422, message: expect.stringContaining('default_option') });
  });

  test("does not take a Flow's default outcome", async () => {
    const settings = { ...FLOW_SETTINGS, ...EXPIRES, ON_EXPIRY: 'default', EFFECT: 'irreversible' };
    const world = await createWorld({ settings });
    world.flows.ask(QUESTION);
    await world.pass(2 * HOUR);
    expect((await roundOf(world))?.status).toBe('waiting');
  });

  test('offers neither the same call again nor all calls, and no earlier permission allows it', async () => {
    const { world, put, get } = await askWorld({ settings: { ALLOW_TOOLS_FOR_RUN: 'pay' } });
    await put('q1', PAY);
    await world.click('UANA', 'choose_3');
    await world.pass(2 * SECOND);
    await put('q2', { ...PAY, effect: 'irreversible' });
    expect((await get('q2')).status).toBe('waiting');
    expect(textOf(world)).not.toContain(texts.actions.allowCall);
    expect(textOf(world)).not.toContain(texts.actions.allowTool);
  });

  test('is approved only where its whole was shown, or below the last page of it', async () => {
    const world = await createWorld({
      tasks: [{ ...draft, writeOutput: () => LONG.join('\n\n') }],
      settings: { EFFECT: 'irreversible' },
    });
    await world.shown();
    expect(world.card().buttons).toEqual(['request_revision', 'read_in_full', 'more']);
    expect(textOf(world)).toContain(texts.card.decideOnLastPage);
    expect(await world.home('UANA')).not.toContain('"approve"');
    await world.click('UANA', 'read_in_full');
    while (!world.form('UANA').includes('page 1 of 3')) await world.stage.drain();
    for (const page of [2, 3]) {
      await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'page_after' }));
      while (!world.form('UANA').includes(`page ${page} of 3`)) await world.stage.drain();
    }
    await world.press('UANA', 'approve');
    expect(world.resumes()).toHaveLength(1);
  });

  test('is not among what can be decided together', async () => {
    const { world, put } = await askWorld();
    for (const id of ['q1', 'q2']) await put(id, { text: id, effect: 'irreversible' });
    await put('q3', { text: 'q3' });
    expect(await world.home('UANA')).not.toContain('decide_several');
    await put('q4', { text: 'q4' });
    expect(await world.home('UANA')).toContain('decide_several');
  });
});

describe('what waited before the settings called it irreversible', () => {
  const rule = { ...EXPIRES, ON_EXPIRY: 'approve' };

  test('is not approved at its deadline', async () => {
    const world = await createWorld({ tasks: [draft], settings: rule });
    await world.shown();
    await world.restart({ ON_EXPIRY: 'keep', EFFECT: 'irreversible' });
    await world.pass(2 * HOUR);
    expect(await roundOf(world)).toMatchObject({ status: 'waiting', irreversible: true });
    expect(world.resumes()).toHaveLength(0);
    expect(textOf(world)).toContain(SENTENCE);
  });

  test('is not approved by a click on a card that does not say so: the card is drawn again first', async () => {
    const world = await createWorld({ tasks: [draft] });
    await world.shown();
    await world.restart({ EFFECT: 'irreversible' });
    await world.click('UANA', 'approve');
    await world.pass(5 * SECOND);
    expect(world.told('UANA')).toEqual([texts.refusals.decide.card_changed]);
    expect(textOf(world)).toContain(SENTENCE);
    await world.click('UANA', 'approve');
    await world.pass(2 * SECOND);
    expect(world.resumes()).toHaveLength(1);
  });

  test('stays irreversible when the settings say nothing any more', async () => {
    const world = await createWorld({ tasks: [draft], settings: { EFFECT: 'irreversible' } });
    await world.shown();
    await world.restart({ EFFECT: '', ...rule });
    await world.pass(2 * HOUR);
    expect((await roundOf(world))?.status).toBe('waiting');
  });
});

describe('no way around it', () => {
  const FURTHER = [
    `ask_secret: ${ASK_SECRET}`,
    'approvers: [UANA, UBEN]',
    'irreversible_tools: [pay]',
    'irreversible: {approvers: [UBEN]}',
  ];

  test('an edited text, on which the others decide, is irreversible, too', async () => {
    const { world, put } = await askWorld({ settings: { APPROVALS_REQUIRED: '2' } });
    await put('q1', { text: 'Pay on Monday', editable: true, effect: 'irreversible' });
    await world.choose('UANA', 'edit');
    await world.submit('UANA', { edited: 'Pay on Friday' });
    await world.pass(2 * SECOND);
    const round = await roundOf(world);
    expect(round).toMatchObject({ number: 2, status: 'waiting', irreversible: true });
  });

  test('an escalation lets nobody decide whom the further rules do not name', async () => {
    const { world, put, get } = await askWorld({
      rules: [...FURTHER, 'escalate_to: [UCAT]', 'escalate_after: 1h'],
    });
    await put('q1', PAY);
    await world.pass(2 * HOUR);
    await world.click('UCAT', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).status).toBe('waiting');
  });

  test('the next round of what is irreversible is irreversible, whatever its program says', async () => {
    const { world, put } = await askWorld();
    await put('q1', { text: 'Pay?', effect: 'irreversible' });
    await world.revise('UANA', 'Less');
    await world.pass(2 * SECOND);
    const follows = { text: 'Pay less?', follows: 'q1', effect: 'reversible' };
    expect((await put('q2', { ...follows, default_option: 'approve' })).status).toBe(422);
    await put('q2', follows);
    expect(await roundOf(world)).toMatchObject({ number: 2, irreversible: true });
  });

  test.each(['allow', 'block'])(
    'an earlier permission allows no call that follows an irreversible one (%s)',
    async (answer) => {
      const { world, put, get } = await askWorld();
      await put('q1', PAY);
      await world.click('UANA', 'choose_3');
      await world.pass(2 * SECOND);
      await put('q2', { ...PAY, effect: 'irreversible' });
      if (answer === 'block') await world.click('UBEN', 'choose_2');
      await world.pass(2 * SECOND);
      await put('q3', { ...PAY, follows: 'q2' });
      expect((await get('q3')).status).toBe('waiting');
    },
  );

  test('a pause without a name is irreversible, even if its output is that of a task whose rule approves', async () => {
    const world = await createWorld({
      dialect: 'documented',
      rules: [
        ...['approvers: [UANA, UBEN]', 'irreversible: {approvals_required: 2}', 'tasks:'],
        ...['  - match: publish', '    effect: irreversible'],
        ...['  - match: draft', '    on_expiry: approve', '    expire_after: 1h'],
      ],
    });
    const run = { kickoff_id: 'e1', execution_id: 'e1' };
    await world.hook('task', { ...run, name: 'draft', output: 'Done', task_id: 'draft' });
    const pause = {
      execution_id: 'e1',
      task_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
      task_output: 'Done',
    };
    await world.hook('human-input', pause);
    await world.pass(2 * HOUR);
    expect(world.resumes()).toEqual([]);
    const { approval } = await readRecords(world);
    expect(approval).toMatchObject({
      policy: { approvalsRequired: 2 },
      rounds: [{ status: 'waiting', irreversible: true }],
    });
  });

  test('people whom a question names count only if the further rules name them, too: somebody can always decide', async () => {
    const { world, put, get } = await askWorld({ rules: FURTHER });
    await put('q1', { ...PAY, approvers: ['UANA'] });
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).status).toBe('waiting');
    await world.click('UBEN', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).answer).toMatchObject({ option: 'allow', by: 'UBEN' });
  });

  test('a group of a question is not dropped, so its other people cannot decide', async () => {
    const { world, put, get } = await askWorld({
      rules: [
        ...[`ask_secret: ${ASK_SECRET}`, 'approvers: [SEDITORS, UANA]', 'irreversible_tools: [pay]'],
        'irreversible: {approvers: [UANA, UBEN]}',
      ],
    });
    await put('q1', { ...PAY, approvers: ['SEDITORS'] });
    await world.click('UANA', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).status).toBe('waiting');
    await world.click('UBEN', 'choose_1');
    await world.pass(2 * SECOND);
    expect((await get('q1')).answer).toMatchObject({ by: 'UBEN' });
  });

  test('a direct message goes only to a person whom the further rules name, too', async () => {
    const { world, put } = await askWorld({ rules: FURTHER });
    await put('q1', { ...PAY, channel: 'UANA' });
    expect(textOf(world)).toContain(texts.card.ignored(['channel_not_of_crew']));
  });

  test('a pause that follows an irreversible one is irreversible, whatever the settings say by then', async () => {
    const world = await createWorld({ tasks: [draft], settings: { EFFECT: 'irreversible' } });
    await world.shown();
    await world.restart({ EFFECT: '', ...EXPIRES, ON_EXPIRY: 'approve' });
    await world.revise('UANA', 'Shorter');
    await world.pass(3 * HOUR);
    expect(await roundOf(world)).toMatchObject({ number: 2, status: 'waiting', irreversible: true });
  });

  test('a vote of *Decide several* from before the mark no longer counts', async () => {
    const { world, put } = await askWorld({ settings: { APPROVALS_REQUIRED: '2' } });
    for (const id of ['q1', 'q2']) await put(id, { text: id });
    await world.home('UANA');
    await world.settle(world.workspace.clickInView({ user: 'UANA', actionId: 'decide_several' }));
    await world.pass(2 * SECOND);
    const blocks = [...world.form('UANA').matchAll(/"block_id":"(select:[^"]+)"/g)].map(([, id = '']) => id);
    const values = Object.fromEntries(blocks.map((id) => [id, { selected: ['approve'] }]));
    await world.settle(world.workspace.submit({ user: 'UANA', values }));
    await world.pass(2 * SECOND);
    expect((await roundOf(world))?.votes).toHaveLength(1);
    await world.restart({ EFFECT: 'irreversible' });
    await world.pass(2 * HOUR);
    expect(await roundOf(world)).toMatchObject({ irreversible: true, votes: [] });
  });

  test('a vote from before the mark counts only where its place showed all', async () => {
    const world = await createWorld({
      tasks: [{ ...draft, writeOutput: () => LONG.join('\n\n') }],
      settings: { APPROVALS_REQUIRED: '2' },
    });
    await world.shown();
    await world.click('UANA', 'approve');
    await world.pass(2 * SECOND);
    expect((await roundOf(world))?.votes).toHaveLength(1);
    await world.restart({ EFFECT: 'irreversible' });
    await world.pass(2 * HOUR);
    expect(await roundOf(world)).toMatchObject({ irreversible: true, votes: [] });
  });

  test('a call that waited before the mark offers no permission for further calls', async () => {
    const { world, put } = await askWorld({ settings: { ALLOW_TOOLS_FOR_RUN: 'pay' } });
    await put('q1', PAY);
    expect(textOf(world)).toContain(texts.actions.allowCall);
    await world.restart({ ALLOW_TOOLS_FOR_RUN: '', IRREVERSIBLE_TOOLS: 'pay' });
    await world.pass(2 * HOUR);
    expect(textOf(world)).toContain(SENTENCE);
    expect(textOf(world)).not.toContain(texts.actions.allowCall);
  });
});
