import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { BUILT } from '../support/build.ts';
import { answered, clickOn, kickoff, ready, revisionOf, roots } from '../support/process-steps.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import { describeRedis, newRedisUrl } from '../support/servers.ts';
import { run, spawnBot, startGate } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import {
  approvalOf,
  ephemeralsTo,
  IN_CI_BOTH,
  sees,
  startBot,
  startWorld,
  withoutTickets,
} from '../support/world.ts';
import {
  clickOld,
  completed,
  openModal,
  says,
  startCommitGate,
  submit,
  told,
  wireValues,
} from './complaint-steps.ts';

const accepted = 'CrewAI accepted it';
const refused = { on: 'resume', failure: { status: 403 } };

describe.each(IN_CI_BOTH)('on the %s dialect', (dialect) => {
  test('not here: first click after a restart swallowed. Killed and not even ready again, it decides by its first request', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await bot.kill();
    const slack = await startGate(workspace.apiUrl);
    slack.hold();
    const address = { PORT: String(bot.port), PUBLIC_URL: bot.url };
    const settings = { ...world.settings, ...address, SLACK_API_URL: slack.url };
    run(join(BUILT, 'main.js'), settings, { cwd: world.folder });
    // Until its port is open nothing gets through: the first request that it takes is this one.
    const click = async () => expect((await clickOn(world, card.ts, 'approve')).status).not.toBe(0);
    await until(click, 20);
    slack.release();
    await says(world, card.ts, 'Approved by <@UANA>');
    await says(world, card.ts, accepted);
    expect(platform.resumes).toHaveLength(1);
    expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
  });

  test('not here: first click after a restart swallowed. A first Request revision opens its modal, a first Send is taken', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const bot = await spawnBot(world);
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await bot.kill();
    const again = await bot.restart();
    await openModal(world, card.ts);
    await again.kill();
    await again.restart();
    expect(await submit(world, 'Shorter')).toMatchObject({ acked: true, closed: true });
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    expect(withoutTickets(platform.resumes[0]?.body)).toMatchObject(
      dialect === 'live'
        ? { humanFeedback: revisionOf(world, 'Shorter') }
        : { human_feedback: 'Shorter', is_approve: false },
    );
  });

  test('not here: every posted button dead after a deploy. What an earlier process and build posted works, an open modal too', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const deploy = async (old: { stop(): Promise<void> }) => {
      await old.stop();
      return startBot(world);
    };
    const first = await startBot(world);
    const execution = kickoff(world, first);
    const card = await sees(workspace, 'the first card', ready);
    kickoff(world, first);
    const other = await sees(workspace, 'the second card', ({ ts, ...it }) => ts !== card.ts && ready(it));
    const [value, otherValue] = [`${approvalOf(card)}.1`, `${approvalOf(other)}.1`];
    // In messages that outlive every deploy: these may never change.
    expect(wireValues(world, card.ts)).toMatchObject([
      { action_id: 'approve', value: expect.stringMatching(`^${value}\\.\\w{8}$`) },
      { action_id: 'request_revision', value: expect.stringMatching(`^${value}\\.\\w{8}$`) },
    ]);
    await openModal(world, card.ts);
    const modal = workspace.openView('UBEN');
    expect(modal).toMatchObject({
      callback_id: 'revision',
      private_metadata: expect.stringMatching(`^${value}\\.\\w{8}@\\d{13},U\\w+,C\\w+,[\\d.]+$`),
    });
    const inputs = (modal?.blocks ?? []).filter(({ type }) => type === 'input');
    expect(inputs).toMatchObject([
      { block_id: 'feedback', element: { action_id: 'feedback' } },
      { block_id: 'people_note', element: { action_id: 'people_note' }, optional: true },
    ]);

    const second = await deploy(first);
    platform.failures.plan(refused);
    expect(await submit(world, 'Shorter')).toMatchObject({ acked: true, closed: true });
    await says(world, card.ts, texts.crewai.failures.token_rejected);
    expect(wireValues(world, card.ts)).toMatchObject([
      { action_id: 'retry', value: expect.stringMatching(`^${value}\\.`) },
      { action_id: 'give_up', value: expect.stringMatching(`^${value}\\.`) },
    ]);
    await clickOld(world, { user: 'UBEN', ts: other.ts, actionId: 'request_revision', value: otherValue });
    await workspace.changed(
      () => workspace.openView('UBEN')?.private_metadata.startsWith(otherValue) === true,
      {
        what: 'the modal of the second card',
      },
    );

    const third = await deploy(second);
    platform.failures.plan(refused);
    await clickOld(world, { ts: card.ts, actionId: 'retry', value });
    await platform.changed(() => platform.resumes.length === 2, { what: 'the decision again' });
    await clickOld(world, { ts: other.ts, actionId: 'approve', value: otherValue });
    await says(world, other.ts, accepted);

    await deploy(third);
    await clickOld(world, { ts: card.ts, actionId: 'give_up', value });
    await says(world, card.ts, closedBy('<@UANA>'));
    expect(platform.resumes.map(({ status }) => status)).toEqual([403, 403, 200]);
    expect(platform.execution(execution).status).toBe('pending human input');
    expect(['UANA', 'UBEN'].flatMap((user) => ephemeralsTo(workspace, user))).toEqual([]);
  });

  test('not here: two clicks, two effects. A double click, or two people at once: one is sent, the other is told whose', async () => {
    for (const other of ['UANA', 'UBEN']) {
      const world = await startWorld(undefined, { dialect });
      const { workspace, platform } = world;
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      const users = ['UANA', other];
      const clicks = await Promise.all(users.map((user) => clickOn(world, ts, 'approve', user)));
      expect(clicks.map(({ acked }) => acked)).toEqual([true, true]);
      await completed(world, execution);
      const { all } = await says(world, ts, accepted);
      const decider = /Approved by <@(\w+)>/.exec(all)?.[1] as string;
      const late = users.find((user) => user !== decider) ?? decider;
      expect(await told(world, late)).toEqual([expect.stringContaining(alreadyApproved(`<@${decider}>`))]);
      expect(platform.resumes).toHaveLength(1);
      expect(platform.execution(execution).feedback).toEqual(['Approved.']);
    }
  });

  test('not here: two clicks, two effects. Approve and Send at once: one decides, the other is told that it was late', async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    await openModal(world, ts);
    platform.hold();
    const [click, sent] = await Promise.all([clickOn(world, ts, 'approve'), submit(world, 'Shorter')]);
    expect([click.acked, sent.acked]).toEqual([true, true]);
    const { all } = await says(world, ts, answered(world));
    if (sent.closed) {
      expect(all).toContain('Revision requested by <@UBEN>');
      expect((await told(world, 'UANA'))[0]).toContain('<@UBEN> already requested a revision');
    } else {
      expect(all).toContain('Approved by <@UANA>');
      const shown = JSON.stringify(workspace.openView('UBEN')?.blocks);
      expect(shown).toContain(alreadyApproved('<@UANA>'));
      expect(shown).toContain('"text":"Shorter"');
    }
    expect(platform.resumes).toHaveLength(1);
    expect(platform.execution(execution).feedback).toHaveLength(1);
  });

  const late = 'not here: the 3 seconds missed, the approver told that it failed though it landed. With';

  test(`${late} Slack and CrewAI silent the click is acked, and nobody is told of a failure`, async () => {
    const world = await startWorld(undefined, { dialect });
    const { workspace, platform } = world;
    const slack = await startGate(workspace.apiUrl);
    const crewai = await startGate(platform.baseUrl);
    const bot = await startBot(world, { SLACK_API_URL: slack.url, CREWAI_BASE_URL: crewai.url });
    kickoff(world, bot);
    const { ts } = await sees(workspace, 'the card', ready);
    await until(() => expect(bot.logged.join('')).toContain('card posted'));
    platform.hold();
    slack.hold();
    crewai.hold();
    expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    await says(world, ts, 'Sending it to CrewAI');
    crewai.release();
    slack.release();
    await says(world, ts, answered(world));
    platform.release();
    await says(world, ts, texts.card.continued);
    expect(ephemeralsTo(workspace, 'UANA')).toEqual([]);
    expect(platform.resumes).toHaveLength(1);
  });

  describeRedis('on Redis', () => {
    async function startOnRedis(gate: { url: string }) {
      const world = await startWorld(undefined, { dialect });
      const store = newRedisUrl().replace('127.0.0.1:6379', new URL(gate.url).host);
      const bot = await startBot(world, { STORE_URL: store });
      const execution = kickoff(world, bot);
      const { ts } = await sees(world.workspace, 'the card', ready);
      // Its link is in the record: nothing more is to be written before the click.
      await until(async () => {
        await ask(world, '', { user: 'UCAT' });
        expect(JSON.stringify(world.workspace.ephemerals('UCAT').at(-1))).toContain('/archives/');
      });
      return { ...world, world, execution, ts };
    }

    test(`${late} a store that is too slow the approver is told that nothing was recorded, and nothing is, later either`, async () => {
      const gate = await startGate(newRedisUrl());
      const { world, workspace, platform, execution, ts } = await startOnRedis(gate);
      gate.hold();
      expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
      expect((await told(world, 'UANA'))[0]).toContain('nothing was saved');
      gate.release();
      expect((await clickOn(world, ts, 'approve', 'UBEN')).acked).toBe(true);
      await completed(world, execution);
      expect((await says(world, ts, accepted)).all).toContain('Approved by <@UBEN>');
      expect(ephemeralsTo(workspace, 'UBEN')).toEqual([]);
      expect(platform.resumes).toHaveLength(1);
      expect(roots(world)).toHaveLength(1);
    });

    test(`${late} a store that recorded it and whose answer is late the approver is not told that nothing was recorded`, async () => {
      const gate = await startCommitGate(newRedisUrl());
      const { world, platform, ts } = await startOnRedis(gate);
      gate.hold();
      expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
      const [sentence] = await told(world, 'UANA');
      gate.release();
      await says(world, ts, 'Approved by <@UANA>');
      await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
      expect(sentence).not.toContain('nothing was saved');
    });
  });
});
