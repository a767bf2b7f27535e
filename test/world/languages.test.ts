import { describe, expect, test } from 'vitest';
import { en, es, ptBR } from '../../src/slack/texts/texts.ts';
import { ask as lookUp, press } from './asking.ts';
import { answerBlind, createSpokenWorld, restartBlind } from './spoken-world.ts';
import { createWorld, HOUR, SECOND, type World } from './world.ts';

const labelsOf = (world: World) => {
  const { channel, ts } = world.card();
  return JSON.stringify(world.workspace.message(channel, ts)?.blocks);
};

test('a message is in the language of its crew; a form, Home and a look-up in that of the person', async () => {
  const world = await createSpokenWorld({ settings: { LANGUAGE: 'pt-BR' } });
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
    ptBR.state.decision({ action: 'approve', option: undefined, by: '<@UANA>' }),
  );
});

test('a refusal is in the language of whoever clicked, however late it is known', async () => {
  const world = await createSpokenWorld({ settings: { APPROVERS: 'UANA' } });
  await world.click('UBEN', 'approve');
  await world.pass(SECOND);
  expect(world.told('UBEN')).toEqual([es.refusals.decide.not_approver]);
  await world.click('UCAT', 'approve');
  await world.pass(SECOND);
  expect(world.told('UCAT')).toEqual([en.refusals.decide.not_approver]);
});

test('a form for a revision is answered in its language by a process that does not know the person', async () => {
  const open = (world: World) => world.click('UBEN', 'request_revision');
  expect(await answerBlind(open, { feedback: ' ' })).toEqual([es.refusals.feedbackMissing]);
});

test('the pages of a text are turned in their language by a process that does not know the person', async () => {
  const world = await createWorld({ locales: { ben: 'es-MX' } });
  const task_output = 'A paragraph of a long report.\n\n'.repeat(1_000);
  await world.hook('human-input', { execution_id: 'run-1', task_id: 'draft', task_output });
  await world.pass(2 * SECOND);
  await world.click('UBEN', 'read_in_full');
  await world.pass(2 * SECOND);
  expect(world.form('UBEN')).toContain(es.reading.next);
  await restartBlind(world);
  await world.settle(world.workspace.clickInView({ user: 'UBEN', actionId: 'page_after' }));
  await world.pass(SECOND);
  await world.stage.drain();
  expect(world.form('UBEN')).toContain('page_before');
  expect(world.form('UBEN')).toContain(es.forms.close);
});

test('a form is answered in its own language after the person has chosen another one in Slack', async () => {
  const world = await createSpokenWorld();
  await world.click('UBEN', 'request_revision');
  world.workspace.setLanguage('pt-BR');
  await world.restart();
  expect(await world.type('UBEN', 'help')).toContain(ptBR.command.helpTitle);
  const { errors } = await world.submit('UBEN', { feedback: ' ' });
  expect(Object.values(errors ?? {})).toEqual([es.refusals.feedbackMissing]);
  await world.click('UANA', 'approve');
  await world.submit('UBEN', { feedback: 'Shorter' });
  expect(world.form('UBEN')).toContain(es.forms.youWrote);
  expect(world.form('UBEN')).toContain(es.actions.requestRevision);
});

test.each<[string, (world: World, approval: string) => Promise<unknown>, says: string]>([
  ['a click whose store fails', (world) => world.click('UBEN', 'approve'), es.refusals.notRecorded],
  [
    'a typed decision whose store fails',
    (world, id) => world.type('UBEN', `aprobar ${id}`),
    es.refusals.notLookedUp,
  ],
  [
    'a typed decision on what does not exist',
    (world) => world.type('UBEN', 'aprobar ZZZZZZZZZ9'),
    'ZZZZZZZZZ9',
  ],
])('%s is answered in the language of a person whom the process does not know yet', async (_, act, says) => {
  const world = await createSpokenWorld();
  const { approval } = world.card();
  await world.restart();
  if (says !== 'ZZZZZZZZZ9') world.records.failing = 'all';
  await act(world, approval);
  await world.pass(2 * SECOND);
  expect(world.told('UBEN').join()).toContain(says);
  expect(world.told('UBEN').join()).not.toContain('found');
});

test('a form that a menu opens is in the language of a person whom the process does not know yet', async () => {
  const world = await createSpokenWorld();
  await world.restart();
  await world.choose('UBEN', 'edit');
  expect(world.form('UBEN')).toContain(es.actions.cancel);
});

test('while Slack does not say who speaks what, the language of the crew is spoken', async () => {
  const slackFails = { on: 'users.info', times: 1_000, failure: { error: 'internal_error' } };
  const world = await createSpokenWorld({ settings: { APPROVERS: 'UANA', LANGUAGE: 'pt-BR' }, slackFails });
  await world.click('UBEN', 'approve');
  await world.pass(2 * SECOND);
  expect(world.told('UBEN')).toEqual([ptBR.refusals.decide.not_approver]);
});

test('a person whom Slack once described is answered in their language while Slack does not answer', async () => {
  const world = await createSpokenWorld({ settings: { APPROVERS: 'UANA' } });
  await world.click('UBEN', 'approve');
  await world.pass(2 * HOUR);
  const failure = { noAnswer: true as const };
  world.workspace.failures.plan({ on: 'users.info', times: Infinity, failure });
  await world.click('UBEN', 'request_revision');
  await world.pass(5 * SECOND);
  expect(world.told('UBEN')).toEqual([es.refusals.decide.not_approver, es.refusals.decide.not_approver]);
});

test('a direct message about an approval is in the language of who gets it, whoever decides', async () => {
  const world = await createWorld({
    locales: { ana: 'en-US', ben: 'es-MX', cat: 'fr-FR' },
    settings: { LANGUAGE: 'pt-BR', NOTIFY: 'dm', APPROVERS: 'UANA,UBEN,UCAT' },
  });
  await world.shown({ ...world.urls(), meta: { requested_by: 'UBEN' } });
  const told = (user: string) => world.workspace.directMessages(user).map(({ text }) => text);
  expect(told('UANA').join()).toContain(en.actions.openCard);
  expect(told('UBEN').join()).toContain(es.actions.openCard);
  expect(told('UCAT').join(), 'no texts in French: the language of the crew').toContain(
    ptBR.actions.openCard,
  );
  await world.click('UANA', 'approve');
  await world.pass(5 * SECOND);
  expect(told('UBEN'), 'asked, a decision, the end').toHaveLength(3);
  expect(told('UBEN').join()).not.toContain(ptBR.actions.openCard);
  expect(labelsOf(world)).toContain(
    ptBR.state.decision({ action: 'approve', option: undefined, by: '<@UANA>' }),
  );
});

test('a card that waits is drawn again once its crew speaks another language, and only then', async () => {
  const world = await createSpokenWorld({ settings: { LANGUAGE: 'es' } });
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
  const world = await createSpokenWorld({ settings: { LANGUAGE: 'pt-BR' }, dialect: 'live' });
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
  expect(answer).toContain(en.refusals.onlyButtonsDecide);
});

describe.each([
  ['pt-BR', ptBR],
  ['es', es],
] as const)('in %s, an option of a program that has the label of a tool option', (language, own) => {
  const ASK_SECRET = 'the-ask-secret-of-a-program';
  const options = [
    { id: 'a', label: 'Allow' },
    { id: 'b', label: 'Block' },
  ];
  const ask = (world: World, id: string, question: object) =>
    world.send(`crews/press/questions/${id}`, question, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ASK_SECRET}` },
    });
  const start = (...rules: string[]) =>
    createWorld({
      dialect: 'documented',
      locales: { ana: language, ben: language },
      settings: { APPROVERS: '' },
      rules: [`ask_secret: ${ASK_SECRET}`, `language: ${language}`, 'approvers: [UANA, UBEN]', ...rules],
    });
  const firewall = { title: 'Firewall', text: 'Port 22', options };
  const translated = `*${own.actions.allow}*`;
  const all = (world: World) => JSON.stringify(world.workspace.messages('CAPPROVALS'));

  test('keeps it on cards, in lists and in refusals', async () => {
    const world = await start('approvals_required: 2');
    await ask(world, 'q1', firewall);
    await world.click('UANA', 'choose_1');
    await world.pass(5 * SECOND);
    expect(world.card().text).toContain('*Allow* 1 ');
    await world.click('UBEN', 'choose_1');
    await world.pass(5 * SECOND);
    expect(world.card().text).toContain('*Allow*');
    const said = [
      all(world),
      await world.type('UANA', 'decided'),
      await world.type('UANA', world.card().approval),
    ];
    expect(said.join()).toContain('*Allow*');
    expect(said.join()).not.toContain(translated);
  });

  test('keeps it in the answer to a later click', async () => {
    const world = await start();
    await ask(world, 'q1', firewall);
    const looked = await lookUp(world, world.card().approval, { user: 'UBEN' });
    await world.click('UANA', 'choose_1');
    await press(world, looked, 'Block', { user: 'UBEN' });
    const refused = world.told('UBEN').join();
    expect(refused).toContain('*Allow*');
    expect(refused).not.toContain(translated);
  });

  test('keeps it in the note of a deadline', async () => {
    const world = await start('expire_after: 1 h', 'on_expiry: default');
    await ask(world, 'q1', { ...firewall, default_option: 'a' });
    await world.pass(2 * HOUR);
    expect(world.notes().join() + all(world)).toContain('*Allow*');
    expect(all(world)).not.toContain(translated);
  });

  test('is translated where it is the label of a tool', async () => {
    const world = await start();
    const asked = { title: 'send_mail', output: { to: 'a' }, kind: 'tool' };
    expect((await ask(world, 'q1', asked)).status).toBe(201);
    await world.click('UANA', 'choose_1');
    await world.pass(5 * SECOND);
    expect(world.card().text).toContain(translated);
  });
});
