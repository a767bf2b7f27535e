import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import type { Card } from './cards.ts';
import { createWorld, MINUTE, SECOND, type World } from './world.ts';

/** What the buttons of a card carry back to the bot, by their `action_id`. */
function wireValues({ workspace }: World, { channel, ts }: Card): Record<string, string> {
  const found: Record<string, string> = {};
  JSON.stringify(workspace.message(channel, ts)?.blocks, (_, value) => {
    if (value?.type === 'button') found[value.action_id] = value.value;
    return value;
  });
  return found;
}

test('buttons and modals work as an earlier version posted them: their ids and values never change', async () => {
  const world = await createWorld();
  const { workspace, platform } = world;
  await world.shown();
  await world.shown();
  const [card, other] = world.cards() as [Card, Card];
  const [value, otherValue] = [`${card.approval}.1`, `${other.approval}.1`];
  const carries = (of: string) => expect.stringMatching(`^${of}\\.\\w{8}$`);
  expect(wireValues(world, card)).toMatchObject({
    approve: carries(value),
    request_revision: carries(value),
  });
  await world.click('UBEN', 'request_revision', card);
  const modal = workspace.openView('UBEN');
  const metadata = expect.stringMatching(`^${value}\\.\\w{8}@\\d{13},U\\w+,C\\w+,[\\d.]+$`);
  expect(modal).toMatchObject({ callback_id: 'revision', private_metadata: metadata });
  expect(modal?.blocks.filter(({ type }) => type === 'input')).toMatchObject([
    { block_id: 'feedback', element: { action_id: 'feedback' } },
    { block_id: 'people_note', element: { action_id: 'people_note' }, optional: true },
  ]);

  await world.restart();
  platform.failures.plan({ on: 'resume', failure: { status: 403 }, times: 2 });
  expect(await world.submit('UBEN', { feedback: 'Shorter' })).toMatchObject({ acked: true, closed: true });
  expect(world.cards()[0]?.text).toContain(texts.crewai.failures.token_rejected);
  expect(wireValues(world, card)).toMatchObject({ retry: carries(value), give_up: carries(value) });
  await world.restart();
  /** A click on a button that the message showed earlier, as the client had it on the screen. */
  const clickOld = async (on: Card, actionId: string, carried: string, user = 'UANA') => {
    const action = { type: 'button', block_id: 'from-an-earlier-build', value: carried };
    expect(await world.click(user, actionId, { ...on, stale: true, action })).toBe(true);
    await world.pass(2 * SECOND);
  };
  await clickOld(other, 'request_revision', otherValue, 'UBEN');
  expect(workspace.openView('UBEN')?.private_metadata).toMatch(`${otherValue}.`);
  await clickOld(card, 'retry', value);
  await clickOld(other, 'approve', otherValue);
  await clickOld(card, 'give_up', value);
  expect(world.cards()[0]?.text).toContain(closedBy('<@UANA>'));
  expect(world.cards()[1]?.text).toContain('Approved by <@UANA>');
  expect(platform.resumes.map(({ status }) => status)).toEqual([403, 403, 200]);
  expect(['UANA', 'UBEN'].flatMap(world.told.bind(world))).toEqual([]);
});

test('a click is acked while Slack and CrewAI do not respond, and no failure is reported', async () => {
  const world = await createWorld();
  await world.shown();
  world.network.delays = ({ url }) => (url.includes('/api/') || url.endsWith('/resume') ? 5 * SECOND : 0);
  const before = world.stage.now();
  expect(await world.click('UANA', 'approve')).toBe(true);
  expect(world.stage.now() - before).toBeLessThan(SECOND);
  await world.pass(MINUTE);
  expect(world.card().state).toBe('continued');
  expect(world.told('UANA').filter((text) => text !== texts.actions.cardFollows)).toEqual([]);
  expect(world.resumes()).toHaveLength(1);
});

test.each([
  ['two clicks of one person', 'UANA'],
  ['clicks of two people', 'UBEN'],
])('of %s at once, one decides and the other is answered with whose decision it was', async (_, other) => {
  const world = await createWorld();
  const run = await world.shown();
  const { channel, ts } = world.card();
  const click = (user: string) => world.workspace.click({ user, channel, ts, actionId: 'approve' });
  const clicks = await world.settle(Promise.all([click('UANA'), click(other)]));
  expect(clicks.map(({ acked }) => acked)).toEqual([true, true]);
  await world.pass(5 * SECOND);
  const [, decider = ''] = /Approved by <@(\w+)>/.exec(world.card().text) ?? [];
  const late = decider === 'UANA' ? other : 'UANA';
  expect(world.told(late)).toEqual([expect.stringContaining(alreadyApproved(`<@${decider}>`))]);
  expect(world.platform.execution(run).feedback).toEqual(['Approved.']);
});

test('a run that is silent after its decision is reported in the thread, with what CrewAI says of it', async () => {
  // CrewAI was never told where to report: no webhook follows the decision.
  const world = await createWorld({ settings: { SILENT_AFTER: '10 min', PUBLIC_URL: '' } });
  const run = await world.shown(world.urls('humanInput'));
  expect(world.card().text).toContain("CrewAI won't report back");
  await world.click('UANA', 'approve');
  await world.pass(11 * MINUTE);
  const note = world.thread(world.card().ts).join();
  for (const words of ['CrewAI has reported nothing about this run', 'the decision of <@UANA>'])
    expect(note).toContain(words);
  expect(note).toMatch(/CrewAI says that the run (is in progress|has finished)/);
  const { kickoffId } = world.platform.execution(run);
  expect(world.platform.requests.filter(({ path }) => path === `/status/${kickoffId}`)).toHaveLength(1);
});

test('numbers that no double holds and keys that stand twice are shown as sent; another last digit is a new round', async () => {
  const world = await createWorld({ dialect: 'documented' });
  const sent = (last: string) =>
    `{"order": 12345678901234567${last}, "limit": 1e400, "note": "for Ana", "note": "for Ben"}`;
  const deliver = async (output: string) =>
    (await world.hook('task', `{"kickoff_id":"run-1","name":"draft","output":${output}}`)).data;
  const first = await deliver(sent('890'));
  expect(first).toMatchObject({ status: 'created', round: 1 });
  expect(world.card().text).toContain(sent('890'));
  const inbox = (await world.home('UANA')).replaceAll('\u200b', '');
  for (const part of ['12345678901234567890', '1e400', 'for Ana', 'for Ben']) expect(inbox).toContain(part);
  // The same again, as an object, as a string and without blanks.
  for (const again of [sent('890'), JSON.stringify(sent('890')), sent('890').replaceAll('": ', '":')])
    expect(await deliver(again)).toEqual({ ...first, status: 'duplicate' });
  expect(world.workspace.messages('CAPPROVALS')).toHaveLength(1);

  expect(await deliver(sent('999'))).toEqual({ ...first, status: 'created', round: 2 });
  expect(world.cards()[0]).toMatchObject({ state: 'superseded' });
  await world.click('UANA', 'what_changed');
  await world.pass(SECOND);
  expect(world.form('UANA').match(/\{"type":"text","text":"[^"]*","style":\{[^{}]*\}\}/g)).toEqual([
    '{"type":"text","text":"12345678901234567890","style":{"strike":true}}',
    '{"type":"text","text":"12345678901234567999","style":{"bold":true}}',
  ]);
  // An older output is no news, and the run goes on with a decision on the second only.
  expect(await deliver(sent('890'))).toMatchObject({ status: 'duplicate', round: 2 });
  await world.click('UANA', 'approve');
  expect(world.resumes()).toHaveLength(1);
});
