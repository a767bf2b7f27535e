import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { always, approvalOfRun, clickOn, kickoff, ready, sendPause } from '../support/process-steps.ts';
import type { describeRedis } from '../support/servers.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { sees, startWorld } from '../support/world.ts';
import {
  accepted,
  answerTo,
  aPause,
  command,
  expectUnharmed,
  http,
  isBack,
  type ServerStore,
  startCommitGate,
  through,
  told,
} from './store-outage-steps.ts';

const NOTHING_RECORDED = 'nothing was saved';
const NOT_LOOKED_UP = "I couldn't look that up right now";

/** What is asked of a bot whose store's server goes away, falls silent or cuts it off. */
export function storeOutage(
  name: string,
  describeStore: typeof describeRedis,
  newStore: () => Promise<ServerStore>,
) {
  describeStore(`${name} as the store`, () => {
    async function startBehindGate() {
      const [world, store] = [await startWorld(), await newStore()];
      const [gate, crewai] = [await startGate(store.url), await startGate(world.platform.baseUrl)];
      // A write that names a person is a decision.
      const settings = { STORE_URL: through(gate, store), CREWAI_BASE_URL: crewai.url, NOTIFY: 'none' };
      const bot = await spawnBot(world, settings);
      return { world, ...world, store, gate, crewai, bot };
    }

    test('while it is away everyone is refused or told, and nothing is recorded; then all goes on by itself', async () => {
      const { world, workspace, platform, gate, bot } = await startBehindGate();
      kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      await clickOn(world, card.ts, 'request_revision', 'UBEN');
      await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
      const submit = () => workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });

      await gate.shut();
      const refused = await sendPause(world, bot, aPause('run-2'));
      expect(refused).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
      for (const action of ['approve', 'request_revision']) {
        const answer = await answerTo(world, 'UANA', async () =>
          expect((await clickOn(world, card.ts, action)).acked).toBe(true),
        );
        expect(answer).toContain(NOTHING_RECORDED);
      }
      expect(workspace.openView('UANA')).toBeUndefined();
      const kept = await submit();
      expect(kept).toMatchObject({ acked: true, closed: false });
      expect(kept.errors?.feedback).toContain(NOTHING_RECORDED);
      expect(workspace.openView('UBEN')?.state.values).toMatchObject({
        feedback: { feedback: { value: 'Shorter' } },
      });
      expect(await answerTo(world, 'UANA', () => command(world))).toContain(NOT_LOOKED_UP);
      const unready = await http.get(`${bot.url}/readyz`);
      expect(unready).toMatchObject({ status: 503, data: { faults: { store: expect.any(String) } } });
      expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);

      await gate.open();
      await isBack(bot);
      expect(await answerTo(world, 'UANA', () => command(world))).toContain('One approval is waiting');
      expect(platform.resumes).toEqual([]);
      expect(await submit()).toMatchObject({ acked: true, closed: true });
      const again = await sendPause(world, bot, aPause('run-2'));
      expect(again).toMatchObject({ status: 202, data: { status: 'created' } });
      await sees(
        workspace,
        'its card',
        (message) => message.approval === again.data.approval && ready(message),
      );
      const second = await sees(
        workspace,
        'round 2',
        (message) => message.all.includes('round 2') && ready(message),
      );
      expect((await clickOn(world, second.ts, 'approve')).acked).toBe(true);
      await sees(workspace, 'accepted', (message) => message.ts === second.ts && accepted(message));
      expect(platform.resumes.map(({ status }) => status)).toEqual([200, 200]);
      expectUnharmed(bot);
    });

    test("what was decided before it goes out after it, and CrewAI's answer in between is recorded: each was sent once", async () => {
      const { world, workspace, platform, gate, crewai, bot } = await startBehindGate();
      const [due, sent] = [kickoff(world, bot), kickoff(world, bot)];
      const cardOf = async (run: string) => {
        const id = await approvalOfRun(world, run);
        return sees(workspace, 'a card', (message) => message.approval === id && ready(message));
      };
      const [dueCard, sentCard] = [await cardOf(due), await cardOf(sent)];
      platform.hold();
      const ofDue = (body: unknown) => (body as { executionId: string }).executionId === due;
      platform.failures.plan({ on: 'resume', failure: { status: 503 }, when: ofDue, ...always });
      await clickOn(world, dueCard.ts, 'approve');
      await sees(workspace, 'not accepted yet', ({ all }) => all.includes("I'll keep trying"));
      crewai.hold();
      await clickOn(world, sentCard.ts, 'approve');
      const took = (run: string) =>
        platform.resumes.filter(({ status, body }) => status === 200 && JSON.stringify(body).includes(run))
          .length;
      await platform.changed(() => took(sent) === 1, { what: '/resume' });
      await gate.shut();
      platform.failures.clear();
      crewai.release();
      await bot.logs('the outcome', ({ msg }) => msg === 'outcome not stored yet, retrying');
      await gate.open();
      for (const { ts } of [dueCard, sentCard])
        await sees(workspace, 'an acceptance', (message) => message.ts === ts && accepted(message));
      platform.release();
      for (const { ts } of [dueCard, sentCard])
        await sees(workspace, 'an end', ({ ts: of, all }) => of === ts && all.includes(texts.card.continued));
      expect([took(due), took(sent)]).toEqual([1, 1]);
      expectUnharmed(bot);
    });

    test("CrewAI's answer with a new id that comes during the outage is recorded after it, and nothing is sent again", async () => {
      const { world, workspace, platform, gate, crewai, bot } = await startBehindGate();
      kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      const body = JSON.stringify({ kickoff_id: 'another-id' });
      platform.failures.plan({ on: 'resume', failure: { status: 200, body } });
      crewai.hold();
      await clickOn(world, card.ts, 'approve');
      await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
      await gate.shut();
      crewai.release();
      await bot.logs('a failure', ({ msg }) => /outcome not stored yet|step failed/.test(msg));
      await gate.open();
      await sees(workspace, 'accepted', accepted);
      const webhook = { kickoff_id: 'another-id', result: 'Done' };
      await isBack(bot);
      expect((await http.post(bot.webhook('crew'), webhook)).status).toBe(202);
      await sees(workspace, 'the result in its thread', ({ all }) => all.includes('has finished'));
      expect(platform.resumes).toHaveLength(1);
    });

    test('connections that the server cuts are made anew, and the next click decides', async () => {
      const { world, workspace, platform, store, bot } = await startBehindGate();
      kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      await store.cutConnections();
      await isBack(bot);
      expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
      await sees(workspace, 'the end', accepted);
      expect(told(world, 'UANA')).toEqual([]);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
      expectUnharmed(bot);
    });

    test('while it says nothing everyone is told within 3 s, and what it does too late decides nothing', async () => {
      const { world, workspace, platform, gate, bot } = await startBehindGate();
      kickoff(world, bot);
      const card = await sees(workspace, 'the card', ready);
      await clickOn(world, card.ts, 'request_revision', 'UBEN');
      await workspace.changed(() => workspace.openView('UBEN') !== undefined, { what: 'the modal' });
      const submit = () => workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });
      gate.hold();
      const [click, kept, look] = await Promise.all([
        clickOn(world, card.ts, 'approve'),
        submit(),
        command(world, '', 'UCAT'),
      ]);
      gate.release();
      expect([click.acked, kept.acked, look.acked]).toEqual([true, true, true]);
      expect(kept.closed).toBe(false);
      expect(kept.errors?.feedback).toContain(NOTHING_RECORDED);
      await workspace.changed(() => told(world, 'UANA').length + told(world, 'UCAT').length === 2, {
        what: 'both answers',
      });
      expect(told(world, 'UANA')[0]).toContain(NOTHING_RECORDED);
      expect(told(world, 'UCAT')[0]).toContain(NOT_LOOKED_UP);
      await isBack(bot);
      const waiting = await answerTo(world, 'UCAT', () => command(world, '', 'UCAT'));
      expect(waiting).toContain('One approval is waiting');
      expect(platform.resumes).toEqual([]);
      expect(await submit()).toMatchObject({ acked: true, closed: true });
      await sees(workspace, 'the decision', ({ all }) => all.includes('Revision requested by <@UBEN>'));
      expectUnharmed(bot);
    });

    async function startBehindCommitGate() {
      const [world, store] = [await startWorld(), await newStore()];
      const gate = await startCommitGate(store.url);
      const bot = await spawnBot(world, { STORE_URL: through(gate, store), NOTIFY: 'none' });
      kickoff(world, bot);
      const card = await sees(world.workspace, 'the card', ready);
      const record = () => store.read(`approval/${card.approval}`);
      // The bot writes nothing more by itself.
      await until(async () => expect(await record()).toContain('"posted"'));
      return { world, ...world, gate, bot, card, record };
    }

    test('a decision that reaches it too late is not made, and the person was not told that it was', async () => {
      const { world, workspace, platform, gate, bot, card, record } = await startBehindCommitGate();
      gate.keep('the write', 'UANA');
      // Its fate is not known while the person waits: neither "recorded" nor "nothing was recorded" would be honest.
      expect(await answerTo(world, 'UANA', () => clickOn(world, card.ts, 'approve'))).toContain(
        "I don't know whether this was saved",
      );
      gate.release();
      await isBack(bot);
      expect((await clickOn(world, card.ts, 'approve', 'UBEN')).acked).toBe(true);
      await sees(workspace, 'the end', accepted);
      expect(await record()).not.toContain('UANA');
      expect(told(world, 'UBEN')).toEqual([]);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
    });

    test('nobody is told that nothing was recorded when it was, and only the answer of the store was lost', async () => {
      const { world, workspace, platform, gate, card, record } = await startBehindCommitGate();
      gate.keep('its answer', 'UANA');
      const click = clickOn(world, card.ts, 'approve');
      await until(async () => expect(await record()).toContain('UANA'));
      gate.cut();
      expect((await click).acked).toBe(true);
      await sees(workspace, 'the end', accepted);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
      expect(told(world, 'UANA').join('\n')).not.toContain(NOTHING_RECORDED);
    });

    test.runIf(process.env.CI)(
      'while it says nothing for long, webhooks get 503 and /readyz too, until it speaks',
      {
        timeout: 40_000,
      },
      async () => {
        const { world, workspace, platform, gate, bot } = await startBehindGate();
        kickoff(world, bot);
        const card = await sees(workspace, 'the card', ready);
        gate.hold();
        const [refused, unready] = await Promise.all([
          sendPause(world, bot, aPause('run-2')),
          http.get(`${bot.url}/readyz`),
        ]);
        expect(refused).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
        expect(unready).toMatchObject({ status: 503, data: { faults: { store: expect.any(String) } } });
        gate.release();
        await isBack(bot);
        const { status, data } = await sendPause(world, bot, aPause('run-2'));
        expect(status).toBe(202);
        await sees(workspace, 'its card', ({ approval }) => approval === data.approval);
        await clickOn(world, card.ts, 'approve');
        await sees(workspace, 'accepted', accepted);
        expect(platform.resumes).toHaveLength(1);
        expectUnharmed(bot);
      },
    );
  });
}
