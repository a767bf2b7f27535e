import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { closedBy } from '../support/sentences.ts';
import type { Card } from './cards.ts';
import type { Sent } from './network.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World } from './world.ts';

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
  const carries = (of: string) => expect.stringMatching(`^${of}\\.\\w{8}(?:/ce[\\w-]{12})?$`);
  expect(wireValues(world, card)).toMatchObject({
    approve: carries(value),
    request_revision: carries(value),
  });
  await world.click('UBEN', 'request_revision', card);
  const modal = workspace.openView('UBEN');
  const metadata = expect.stringMatching(`^${value}\\.\\w{8}/ce[\\w-]{12}@\\d{13},U\\w+,C\\w+,[\\d.]+~en$`);
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
  // Slack has said who Ana is.
  await world.home('UANA');
  world.network.delays = ({ url }) => (url.includes('/api/') || url.endsWith('/resume') ? 5 * SECOND : 0);
  const before = world.stage.now();
  expect(await world.click('UANA', 'approve')).toBe(true);
  expect(world.stage.now() - before).toBeLessThan(SECOND);
  await world.pass(MINUTE);
  expect(world.card().state).toBe('continued');
  expect(world.told('UANA').filter((text) => text !== texts.actions.cardFollows)).toEqual([]);
  expect(world.resumes()).toHaveLength(1);
});

test('a request of Slack that comes twice is answered once; a second click is told who was first', async () => {
  const world = await createWorld();
  await world.shown();
  const requests: Sent[] = [];
  world.network.watchers.push((sent) => {
    if (sent.url.includes('/slack/events')) requests.push(sent);
  });
  const again = () => world.settle(world.network.request(requests.at(-1) as Sent));
  await world.click('UANA', 'request_revision');
  await again();
  const view = world.workspace.openView('UANA');
  const { errors } = await world.submit('UANA', { feedback: ' ' });
  expect(JSON.parse((await again())?.body ?? '')).toMatchObject({ response_action: 'errors', errors });
  await world.click('UANA', 'approve');
  expect((await again())?.status).toBe(200);
  await world.pass(2 * SECOND);
  expect([world.resumes().length, world.told('UANA'), world.workspace.openView('UANA')?.id]).toEqual([
    1,
    [],
    view?.id,
  ]);
  const { ts } = world.card();
  await world.click('UANA', 'approve', {
    ts,
    stale: true,
    action: { type: 'button', block_id: 'b', value: `${world.card().approval}.1` },
  });
  await world.pass(2 * SECOND);
  expect(world.told('UANA')).toHaveLength(1);
});

test('a click on an approval that retention deleted, on its card or in a form that was left open, says that it is gone', async () => {
  const world = await createWorld({ dialect: 'documented', settings: { RETENTION: '1 day' } });
  const stored = async () =>
    (await world.settle(world.records.of(world.stage.outside).range('approval', { limit: 10 }))).length;
  await world.shown();
  const card = world.card();
  const { approve: value = '' } = wireValues(world, card);
  await world.click('UBEN', 'request_revision', card);
  await world.click('UANA', 'approve', card);
  await world.pass(23 * HOUR);
  expect(await stored()).toBe(1);
  await world.pass(2 * HOUR);
  expect(await stored()).toBe(0);
  const { length } = world.logged;
  await world.click('UCAT', 'read_in_full', card);
  await world.pass(2 * SECOND);
  // As a client that was offline all the time still shows it.
  for (const id of ['approve', 'request_revision']) {
    await world.click('UCAT', id, { ...card, stale: true, action: { block_id: 'old', value } });
    await world.pass(2 * SECOND);
  }
  const gone = texts.refusals.decide.unknown;
  expect(world.told('UCAT')).toEqual([texts.refusals.read.unknown, gone, gone]);
  expect(world.form('UCAT')).toBe('""');
  expect((await world.submit('UBEN', { feedback: 'Shorter' })).errors).toEqual({ feedback: gone });
  expect(world.resumes()).toHaveLength(1);
  expect(world.cards()).toMatchObject([{ ts: card.ts, state: 'continued' }]);
  expect(world.logged.slice(length).filter(({ level }) => level !== 'info')).toEqual([]);
});
