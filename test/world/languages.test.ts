import { expect, test } from 'vitest';
import { en } from '../../src/slack/texts/en.ts';
import { es } from '../../src/slack/texts/es.ts';
import { ptBR } from '../../src/slack/texts/pt-BR.ts';
import { createWorld, SECOND, type World, type WorldOptions } from './world.ts';

const labelsOf = (world: World) => {
  const { channel, ts } = world.card();
  return JSON.stringify(world.workspace.message(channel, ts)?.blocks);
};

/** Ana reads Portuguese, Ben Spanish and Cat French. */
const LOCALES = { ana: 'pt-BR', ben: 'es-MX', cat: 'fr-FR' };
const shown = async (options: WorldOptions = {}) => {
  const world = await createWorld({ locales: LOCALES, ...options });
  await world.shown();
  return world;
};

test('a message is in the language of its crew; a form, Home and a look-up in that of the person', async () => {
  const world = await shown({ settings: { LANGUAGE: 'pt-BR' } });
  expect(labelsOf(world)).toContain(ptBR.actions.requestRevision);
  await world.click('UBEN', 'request_revision');
  expect(world.form('UBEN')).toContain(es.actions.requestRevision);
  expect(await world.home('UBEN')).toContain(es.actions.requestRevision);
  expect(await world.home('UANA')).toContain(ptBR.actions.requestRevision);
  expect(await world.home('UCAT'), 'no texts in French: the language of the crew').toContain(
    ptBR.actions.requestRevision,
  );
  expect(await world.type('UBEN', 'ayuda')).toContain(es.command.helpTitle);
  await world.click('UANA', 'approve');
  await world.pass(3 * SECOND);
  expect(world.card().text).toContain(
    ptBR.card.decision({ action: 'approve', option: undefined, by: '<@UANA>' }),
  );
});

test('a refusal is in the language of whoever clicked, however late it is known', async () => {
  const world = await shown({ settings: { APPROVERS: 'UANA' } });
  await world.click('UBEN', 'approve');
  await world.pass(SECOND);
  expect(world.told('UBEN')).toEqual([es.refusals.decide.not_approver]);
  await world.click('UCAT', 'approve');
  await world.pass(SECOND);
  expect(world.told('UCAT')).toEqual([en.refusals.decide.not_approver]);
});

test('while Slack does not say who speaks what, the language of the crew is spoken', async () => {
  const slackFails = { on: 'users.info', times: 1_000, failure: { error: 'internal_error' } };
  const world = await shown({ settings: { APPROVERS: 'UANA', LANGUAGE: 'pt-BR' }, slackFails });
  await world.click('UBEN', 'approve');
  await world.pass(2 * SECOND);
  expect(world.told('UBEN')).toEqual([ptBR.refusals.decide.not_approver]);
});

test('a card that waits is drawn again once its crew speaks another language, and only then', async () => {
  const world = await shown({ settings: { LANGUAGE: 'es' } });
  const updates = () => world.workspace.calls.filter(({ method }) => method === 'chat.update').length;
  expect(labelsOf(world)).toContain(es.actions.requestRevision);
  await world.restart();
  await world.pass(5 * SECOND);
  expect(updates()).toBe(0);
  await world.restart({ LANGUAGE: 'pt-BR' });
  await world.pass(5 * SECOND);
  expect(labelsOf(world)).toContain(ptBR.actions.requestRevision);
  expect(updates()).toBe(1);
});

test('what CrewAI reads stays as the settings say it', async () => {
  const world = await shown({ settings: { LANGUAGE: 'pt-BR' }, dialect: 'live' });
  await world.click('UANA', 'approve');
  await world.pass(2 * SECOND);
  expect(JSON.stringify(world.resumes())).toContain('Approved.');
});

test('an output from right to left stands on a Portuguese card as it came', async () => {
  const world = await createWorld({ settings: { LANGUAGE: 'pt-BR' } });
  const output = 'التقرير جاهز للنشر: 42 %';
  await world.hook('human-input', { execution_id: 'run-1', task_id: 'draft', task_output: output });
  await world.pass(2 * SECOND);
  expect(labelsOf(world)).toContain(output);
  expect(labelsOf(world)).toContain(ptBR.actions.approve);
});

test('a command in Portuguese is understood in an English workspace, and answered in English', async () => {
  const world = await createWorld();
  await world.shown();
  const { approval } = world.card();
  const answer = await world.type('UANA', `aprovar ${approval}`);
  expect(answer).toContain('You approved');
  await world.pass(2 * SECOND);
  expect(world.card().text).toContain('Approved by <@UANA>');
});
