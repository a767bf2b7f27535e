import { expect, test } from 'vitest';
import { MENU } from '../../src/slack/app/ids.ts';
import { createWorld, DIALECTS, HOUR, MINUTE, SECOND, type World } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';

async function editsTo(
  world: World,
  edited: string,
  { user = 'UANA', ...more }: { user?: string; option?: string } = {},
) {
  await world.choose(user, 'edit');
  const sent = await world.submit(user, { edited, ...more });
  await world.pass(3 * SECOND);
  return sent;
}

const ask = (world: World, id: string, body: object) =>
  world.send(`crews/press/questions/${id}`, body, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ASK_SECRET}` },
  });
const answer = async (world: World, id: string) =>
  (
    await world.send(`crews/press/questions/${id}`, undefined, {
      method: 'GET',
      headers: { authorization: `Bearer ${ASK_SECRET}` },
    })
  ).data;

test.each(DIALECTS)(
  'an edited text of a pause is sent as a revision, and the next round says whether it was used (%s)',
  async (dialect) => {
    for (const isUsed of [true, false]) {
      const output = ({ revisions }: { revisions: readonly string[] }) =>
        revisions.length === 0 ? '# Spring collection' : isUsed ? '# Spring sale' : '# Summer sale';
      const world = await createWorld({
        dialect,
        tasks: [
          {
            name: 'draft',
            agent: 'Copywriter',
            description: 'd',
            expectedOutput: 'e',
            humanInput: true,
            writeOutput: output,
          },
        ],
      });
      await world.shown();
      await world.choose('UANA', 'edit');
      expect(world.form('UANA')).toContain('"initial_value":"# Spring collection"');
      await world.submit('UANA', { edited: '# Spring sale' });
      await world.pass(5 * SECOND);
      expect(JSON.stringify(world.resumes().at(-1))).toContain(
        'Use exactly this text, word for word:\\n\\n# Spring sale',
      );
      expect(world.cards()[0]?.text).toContain('Use exactly this text, word for word:');
      const second = world.card();
      expect(second.text.includes('CrewAI used this text word for word')).toBe(isUsed);
      expect(second.text.includes('CrewAI did not use this text word for word')).toBe(!isUsed);
      expect(second.buttons).toEqual(expect.arrayContaining(['approve', 'what_changed']));
      await world.click('UANA', 'what_changed');
      expect(world.form('UANA').includes('Summer')).toBe(!isUsed);
    }
  },
);

test('the answer of an editable question carries the edited text; the card and its comparison show it', async () => {
  const world = await createWorld({ settings: { ASK_SECRET } });
  await ask(world, 'q1', { title: 'Send it?', text: 'Dear all,\n\nwe meet on Monday.', editable: true });
  await editsTo(world, 'Dear all,\n\nwe meet on Friday.');
  expect(await answer(world, 'q1')).toMatchObject({
    status: 'answered',
    answer: { option: 'approve', edited: 'Dear all,\n\nwe meet on Friday.', by: 'UANA' },
  });
  expect(world.card().text).toContain('we meet on Friday.');
  await world.click('UANA', 'what_changed');
  for (const word of ['Monday', 'Friday']) expect(world.form('UANA')).toContain(word);
  await ask(world, 'q2', {
    title: 'Ship it?',
    output: { version: 1 },
    editable: true,
    options: [
      { id: 'ship', label: 'Ship' },
      { id: 'hold', label: 'Hold' },
    ],
  });
  await world.choose('UANA', 'edit');
  const wrong = await world.submit('UANA', { edited: '{"version": 1', option: '0' });
  expect(JSON.stringify(wrong)).toContain('This is no longer valid JSON');
  expect(JSON.stringify(await world.submit('UANA', { edited: '{ "version":1 }', option: '0' }))).toContain(
    'The text is the same as before',
  );
  await world.submit('UANA', { edited: '{"version": 2}', option: '0' });
  expect((await answer(world, 'q2')).answer).toMatchObject({ option: 'ship', edited: '{"version": 2}' });
});

test.each([
  ['blanks', ' \n\u00a0'],
  ['characters that nobody sees', '\u2800\u200d\u00ad'],
])('an edited text of %s reaches neither CrewAI nor a program, and the form stays open', async (_, blank) => {
  const world = await createWorld({ dialect: 'documented', settings: { ASK_SECRET } });
  await world.shown();
  const sent = JSON.stringify(await editsTo(world, blank));
  expect(sent).toContain('There is nothing to read in this text.');
  expect(world.form('UANA')).toContain('"callback_id":"edit"');
  expect(world.resumes()).toEqual([]);
  await ask(world, 'q1', { title: 'Send it?', text: 'Dear all', editable: true });
  expect(JSON.stringify(await editsTo(world, blank))).toContain('There is nothing to read in this text.');
  expect(await answer(world, 'q1')).toMatchObject({ status: 'waiting' });
  await world.submit('UANA', { edited: 'Dear friends', people_note: blank });
  expect((await answer(world, 'q1')).answer).toMatchObject({ edited: 'Dear friends' });
});

test('nothing can be edited where the program does not take it, nor for a tool, a review or a text that no field holds', async () => {
  const world = await createWorld({ settings: { ASK_SECRET }, dialect: 'documented' });
  await ask(world, 'q1', { title: 'Send it?', text: 'Dear all' });
  const menu = () => JSON.stringify(world.workspace.message('CAPPROVALS', world.card().ts)?.blocks);
  expect(menu()).not.toContain('"value":"edit:');
  const options = [
    { id: 'allow', label: 'Allow' },
    { id: 'block', label: 'Block' },
  ];
  const tool = await ask(world, 'q2', { title: 'Pay?', text: 'x', kind: 'tool', options, editable: true });
  expect(tool.status).toBe(422);
  await world.hook('human-input', { execution_id: 'e1', task_id: 'draft', task_output: 'x '.repeat(2_000) });
  await world.pass(3 * SECOND);
  await world.choose('UANA', 'edit');
  expect(world.form('UANA')).toContain('Use *Request revision*');
});

test('where several decide, an edit opens a round with the vote of whoever edited; the others vote on that text', async () => {
  const world = await createWorld({
    rules: [`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA, UBEN]', 'approvals_required: 2'],
  });
  await ask(world, 'q1', { title: 'Send it?', text: 'We meet on Monday.', editable: true });
  await editsTo(world, 'We meet on Friday.');
  expect(await answer(world, 'q1')).toMatchObject({ status: 'waiting' });
  expect(world.cards()).toHaveLength(2);
  const second = world.card();
  expect(second.text).toContain('<@UANA> edited the previous version');
  expect(second.text).toContain('1 of 2 approved: <@UANA>');
  expect(second.text).toContain('We meet on Friday.');
  await world.click('UBEN', 'approve');
  expect((await answer(world, 'q1')).answer).toMatchObject({
    option: 'approve',
    edited: 'We meet on Friday.',
    by: 'UBEN',
  });
});

/** Ben asks Ana to decide, then somebody edits; what is posted from then on. */
async function editsAssigned(user: string, required: number) {
  const world = await createWorld({
    rules: [
      `ask_secret: ${ASK_SECRET}`,
      'approvers: [UANA, UBEN, UCAT]',
      `approvals_required: ${required}`,
      'remind_after: 2 h',
      'urgent: true',
    ],
  });
  await ask(world, 'q1', { title: 'Send it?', text: 'We meet on Monday.', editable: true });
  await world.choose('UBEN', MENU.assign);
  await world.submit('UBEN', { assignee: 'UANA' });
  await world.pass(2 * MINUTE);
  const before = world.workspace.calls.length;
  await editsTo(world, 'We meet on Friday.', { user });
  /** Whom each message mentions. */
  const asked = () =>
    world.workspace.calls
      .slice(before)
      .filter(({ method }) => method === 'chat.postMessage')
      .map(({ args }) => `${args.text}`.match(/(?<=<@)\w+/g) ?? []);
  return { world, asked };
}

test('where several decide, an edit by the person who was asked to decide is for the others, who are told', async () => {
  const { world, asked } = await editsAssigned('UANA', 2);
  expect(asked()).toEqual([['UBEN', 'UCAT']]);
  await world.pass(2 * HOUR + MINUTE);
  expect(asked().slice(1)).toEqual([['UBEN', 'UCAT']]);
});

test('where the person who was asked to decide is not enough, the others are told of an edit too', async () => {
  const { asked } = await editsAssigned('UBEN', 3);
  expect(asked()).toEqual([['UANA', 'UCAT']]);
});

test('an edit while a newer round arrives, or after somebody else approved, changes nothing and keeps the text', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.shown();
  await world.choose('UANA', 'edit');
  await world.click('UBEN', 'approve');
  await world.pass(3 * SECOND);
  await world.submit('UANA', { edited: '# My own title' });
  expect(world.form('UANA')).toContain('already approved this');
  expect(world.form('UANA')).toContain('# My own title');
  expect(world.resumes()).toHaveLength(1);
});

test('characters that a field cannot hold, and its line ends, are no edit', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.hook('human-input', {
    execution_id: 'e1',
    task_id: 'd1',
    task_output: 'one\r\ntwo\u0000three',
  });
  await world.pass(3 * SECOND);
  await editsTo(world, 'one\ntwothree');
  expect(world.form('UANA')).toContain('"initial_value":"one\\ntwothree"');
  expect(world.resumes()).toEqual([]);
  expect(world.card().state).toBe('waiting');
});
