import { expect, test } from 'vitest';
import { createWorld, SECOND } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const headers = { authorization: `Bearer ${ASK_SECRET}` };

async function createAsked(body: object) {
  const world = await createWorld({ settings: { ASK_SECRET } });
  await world.send('crews/press/questions/q1', body, { method: 'PUT', headers });
  await world.pass(SECOND);
  const answer = async () =>
    (await world.send('crews/press/questions/q1', undefined, { method: 'GET', headers })).data.answer;
  return { world, answer };
}

test('a card counts and shows what nobody would see in an output, which the form of an edit leaves out', async () => {
  const text = 'Pay 5 EUR to Ana.\u202e\u{e0041} 👩\u200d💻';
  const { world, answer } = await createAsked({ title: 'Pay?', text, editable: true });
  expect(world.card().text).toContain("2 characters of this output can't be seen");
  expect(world.card().text).toContain('Pay 5 EUR to Ana.\\u202e\\udb40\\udc41 👩\u200d💻');
  await world.choose('UANA', 'edit');
  expect(world.form('UANA')).toContain('"initial_value":"Pay 5 EUR to Ana. 👩\u200d💻"');
  // Nothing was changed that a person can see.
  const same = await world.submit('UANA', { edited: 'Pay 5 EUR to\u200b Ana. 👩\u200d💻' });
  expect(JSON.stringify(same)).toContain('errors');
  await world.submit('UANA', { edited: 'Pay\u2060 6 EUR to Ana.\u{e0041}' });
  await world.pass(3 * SECOND);
  expect(await answer()).toMatchObject({ edited: 'Pay 6 EUR to Ana.' });
});

test('feedback is sent without what the person who typed it did not see', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.shown();
  await world.click('UANA', 'request_revision');
  await world.submit('UANA', { feedback: 'Shorter\u202e, please\u200b ❤\ufe0f' });
  await world.pass(3 * SECOND);
  expect(world.resumes()).toMatchObject([{ human_feedback: 'Shorter, please ❤\ufe0f' }]);
});

test('blank feedback is blank whatever the blanks are', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.shown();
  for (const feedback of ['\u2800\u3164', '\u202e\u200b', '\u00a0\u3000', '\u{e0041}', '\ufeff']) {
    await world.click('UANA', 'request_revision');
    expect(JSON.stringify(await world.submit('UANA', { feedback }))).toContain('errors');
  }
  expect(world.resumes()).toEqual([]);
});

test('two outputs that differ in what nobody sees are told apart in What changed', async () => {
  const outputs = ['Pay Ana.', 'Pay Ana.\u2800'];
  const output = ({ revisions }: { revisions: readonly string[] }) => outputs[revisions.length] ?? '';
  const draft = { name: 'draft', agent: 'Copywriter', description: 'd', expectedOutput: 'e' };
  const world = await createWorld({
    dialect: 'documented',
    tasks: [{ ...draft, humanInput: true, writeOutput: output }],
  });
  await world.shown();
  await world.click('UANA', 'request_revision');
  await world.submit('UANA', { feedback: 'Again' });
  await world.pass(5 * SECOND);
  await world.click('UANA', 'what_changed');
  expect(world.form('UANA')).toContain('u2800');
});
