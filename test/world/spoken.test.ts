import { expect, test } from 'vitest';
import { es, ptBR } from '../../src/slack/texts/texts.ts';
import { createWorld, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

/** Ana reads Portuguese, Ben Spanish, Cat English. */
const LOCALES = { ana: 'pt-BR', ben: 'es-MX', cat: 'en-US' };
const _ASK_SECRET = 'the-ask-secret-of-a-program';
const shown = async (options: WorldOptions = {}) => {
  const world = await createWorld({ locales: LOCALES, ...options });
  await world.shown();
  return world;
};
const everything = (world: World, channel = 'CAPPROVALS') =>
  JSON.stringify(world.workspace.messages(channel).map(({ text, blocks }) => ({ text, blocks })));

/** Sentences of another language on what is said. */
const PT = /aprova|decis[ãa]o|execu[çc][ãa]o|rodada|aguard|Solicitar/i;
const ES = /aprobaci|decisión|ejecuci|ronda|esper[ao]|Pedir/i;

test('what follows from a click is not in the language of who clicked', async () => {
  const world = await shown({
    settings: { OPS_CHANNEL: 'CPRESS', REMIND_AFTER: '5m', EXPIRE_AFTER: '20m', UNDO_WINDOW: '10 s' },
  });
  await world.home('UCAT');
  await world.click('UANA', 'approve');
  await world.pass(3 * SECOND);
  await world.click('UANA', 'undo');
  await world.pass(3 * SECOND);
  await world.revise('UBEN', 'Shorter');
  await world.pass(MINUTE);
  await world.choose('UANA', 'claim');
  await world.pass(30 * MINUTE);
  await world.home('UANA');
  await world.choose('UBEN', 'assign');
  await world.pass(MINUTE);
  await world.shown();
  await world.pass(MINUTE);
  for (const channel of ['CAPPROVALS', 'CPRESS']) {
    expect(everything(world, channel)).not.toMatch(PT);
    expect(everything(world, channel)).not.toMatch(ES);
  }
  expect(JSON.stringify(world.workspace.home('UCAT'))).not.toMatch(PT);
});

test('an alert is in the language of the crews, whoever clicked before it', async () => {
  const world = await shown({ settings: { OPS_CHANNEL: 'CPRESS' } });
  await world.click('UANA', 'approve');
  world.platform.failures.plan({ on: 'resume', times: 100, failure: { status: 401 } });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.pass(MINUTE);
  expect(everything(world, 'CPRESS')).toContain('token');
  expect(everything(world, 'CPRESS')).not.toMatch(PT);
});

test('while Slack does not say who speaks what, everything is answered in time', async () => {
  const slackFails = {
    on: 'users.info',
    times: Number.POSITIVE_INFINITY,
    failure: { noAnswer: true as const },
  };
  const world = await shown({ settings: { APPROVERS: 'UANA', LANGUAGE: 'pt-BR' }, slackFails });
  const slow: string[] = [];
  const timed = async (what: string, max: number, work: () => Promise<unknown>) => {
    const began = world.stage.now();
    let took: number | undefined;
    const done = work().then(() => {
      took = world.stage.now() - began;
    });
    for (let step = 0; took === undefined && step < 100; step += 1) {
      await world.stage.drain();
      if (took === undefined) await world.pass(100);
    }
    if (took === undefined || took > max) slow.push(`${what} ${took}`);
    await done;
  };
  const { channel, ts } = world.card();
  const on = { channel, ts };
  await timed('form', 1_500, () =>
    world.workspace.click({ ...on, user: 'UBEN', actionId: 'request_revision' }),
  );
  await timed('refused', 1_500, () => world.workspace.click({ ...on, user: 'UBEN', actionId: 'approve' }));
  await timed('command', 1_500, () =>
    world.workspace.command({ user: 'UBEN', channel, command: '/approvals', text: 'ayuda' }),
  );
  await timed('home', 3_000, () => world.workspace.openHome({ user: 'UBEN' }));
  await timed('decision', 1_500, () => world.workspace.click({ ...on, user: 'UANA', actionId: 'approve' }));
  expect(slow).toEqual([]);
  await world.pass(3 * SECOND);
  expect(world.told('UBEN')).toContain(ptBR.refusals.decide.not_approver);
  expect(world.told('UANA')).toEqual([ptBR.refusals.decide.cannot_check]);
  expect(world.resumes()).toEqual([]);
});

test('a first typed decision is answered in the language of who typed it', async () => {
  const world = await shown({ settings: { APPROVERS: 'UANA' } });
  const { approval } = world.card();
  expect(await world.type('UBEN', `aprobar ${approval}`)).toContain(es.refusals.onlyButtonsDecide);
  expect(await world.type('UANA', `aprovar ${approval}`)).toContain(ptBR.refusals.onlyButtonsDecide);
});
