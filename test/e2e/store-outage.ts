import { expect, test } from 'vitest';
import {
  approves,
  clickOn,
  ready,
  seesAccepted,
  seesModal,
  sendPause,
  startRunWithCard,
} from '../support/process-steps.ts';
import type { describePostgres } from '../support/servers.ts';
import { startGate } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';
import {
  answerTo,
  aPause,
  command,
  http,
  isBack,
  type ServerStore,
  startCommitGate,
  through,
  told,
} from './store-outage-steps.ts';

/** Matches every write of a decision by Ana, and no other write. */
const BY_ANA = /by\\*":\\*"UANA/;
const NOTHING_RECORDED = 'nothing was saved';
const NOT_LOOKED_UP = "I couldn't look that up right now";
const UNREADY = { status: 503, data: { faults: { store: expect.any(String) } } };
const UNAVAILABLE = { status: 503, data: { error: 'store_unavailable' } };

/** Opens UBEN's form for a revision and returns a function that submits it. */
async function openRevision(world: World, { ts }: { ts: string }) {
  await clickOn(world, ts, 'request_revision', 'UBEN');
  await seesModal(world, 'UBEN');
  return () => world.workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter' } } });
}

/** Tests a bot whose store's server goes away, stops responding or cuts its connections. */
export function storeOutage(
  name: string,
  describeStore: typeof describePostgres,
  newStore: () => Promise<ServerStore>,
) {
  describeStore(`${name} as the store`, () => {
    async function startBehindGate() {
      const [world, store] = [await startWorld(), await newStore()];
      const gate = await startGate(store.url);
      const bot = await startBot(world, { STORE_URL: through(gate, store), NOTIFY: 'none' });
      const { card } = await startRunWithCard(world, bot);
      return { world, ...world, store, gate, bot, card };
    }

    test('while it is away everyone is refused or told, and nothing is recorded; then all goes on by itself', async () => {
      const { world, workspace, platform, gate, bot, card } = await startBehindGate();
      const submit = await openRevision(world, card);
      await gate.shut();
      expect(await sendPause(world, bot, aPause('run-2'))).toMatchObject(UNAVAILABLE);
      for (const action of ['approve', 'request_revision']) {
        const answer = await answerTo(world, 'UANA', async () =>
          expect((await clickOn(world, card.ts, action)).acked).toBe(true),
        );
        expect(answer).toContain(NOTHING_RECORDED);
      }
      expect(workspace.openView('UANA')).toBeUndefined();
      const submission = await submit();
      expect(submission).toMatchObject({ acked: true, closed: false });
      expect(submission.errors?.feedback).toContain(NOTHING_RECORDED);
      const typed = { feedback: { feedback: { value: 'Shorter' } } };
      expect(workspace.openView('UBEN')?.state.values).toMatchObject(typed);
      expect(await answerTo(world, 'UANA', () => command(world))).toContain(NOT_LOOKED_UP);
      expect(await http.get(`${bot.url}/readyz`)).toMatchObject(UNREADY);
      expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);

      await gate.open();
      await isBack(bot);
      expect(await answerTo(world, 'UANA', () => command(world))).toContain('One approval is waiting');
      expect(platform.resumes).toEqual([]);
      expect(await submit()).toMatchObject({ acked: true, closed: true });
      const { status, data } = await sendPause(world, bot, aPause('run-2'));
      expect({ status, data }).toMatchObject({ status: 202, data: { status: 'created' } });
      await sees(workspace, 'its card', (one) => one.approval === data.approval && ready(one));
      const isSecond = (one: { all: string; buttons: string[] }) => one.all.includes('round 2') && ready(one);
      await approves(world, await sees(workspace, 'round 2', isSecond));
      expect(platform.resumes.map((resume) => resume.status)).toEqual([200, 200]);
    });

    test('connections that the server cuts are opened again, and the next click decides', async () => {
      const { world, platform, store, bot, card } = await startBehindGate();
      await store.cutConnections();
      await isBack(bot);
      await approves(world, card);
      expect(told(world, 'UANA')).toEqual([]);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
    });

    test('while it does not respond everyone is told within 3 s, webhooks and /readyz get 503, and what it does too late decides nothing', async () => {
      const { world, workspace, platform, gate, bot, card } = await startBehindGate();
      const submit = await openRevision(world, card);
      gate.hold();
      const [click, submission, look, webhook, ready] = await Promise.all([
        clickOn(world, card.ts, 'approve'),
        submit(),
        command(world, '', 'UCAT'),
        sendPause(world, bot, aPause('run-2')),
        http.get(`${bot.url}/readyz`),
      ]);
      expect([webhook, ready]).toMatchObject([UNAVAILABLE, UNREADY]);
      expect([click.acked, submission.acked, look.acked, submission.closed]).toEqual([
        true,
        true,
        true,
        false,
      ]);
      expect(submission.errors?.feedback).toContain(NOTHING_RECORDED);
      const answers = () => ['UANA', 'UCAT'].flatMap((user) => told(world, user));
      await workspace.changed(() => answers().length === 2, { what: 'both answers' });
      gate.release();
      expect(told(world, 'UANA')[0]).toContain(NOTHING_RECORDED);
      expect(told(world, 'UCAT')[0]).toContain(NOT_LOOKED_UP);
      await isBack(bot);
      const waiting = await answerTo(world, 'UCAT', () => command(world, '', 'UCAT'));
      expect(waiting).toContain('One approval is waiting');
      expect(platform.resumes).toEqual([]);
      expect(await submit()).toMatchObject({ acked: true, closed: true });
      await sees(workspace, 'the decision', ({ all }) => all.includes('Revision requested by <@UBEN>'));
    });

    async function startBehindCommitGate() {
      const [world, store] = [await startWorld(), await newStore()];
      const gate = await startCommitGate(store.url);
      const bot = await startBot(world, { STORE_URL: through(gate, store), NOTIFY: 'none' });
      const { card } = await startRunWithCard(world, bot);
      const record = () => store.read(`approval/${card.approval}`);
      // The bot has then written everything that it writes by itself.
      await until(async () => expect(await record()).toContain('"posted"'));
      return { world, ...world, gate, bot, card, record };
    }

    test('a decision that reaches it too late is not made, and the person was not told that it was', async () => {
      const { world, platform, gate, bot, card, record } = await startBehindCommitGate();
      gate.keep('the write', BY_ANA);
      // The outcome is unknown while the person waits: neither "recorded" nor "nothing was recorded" would be honest.
      const answer = await answerTo(world, 'UANA', () => clickOn(world, card.ts, 'approve'));
      expect(answer).toContain("I don't know whether this was saved");
      gate.release();
      await isBack(bot);
      await approves(world, card, 'UBEN');
      expect(await record()).not.toMatch(BY_ANA);
      expect(told(world, 'UBEN')).toEqual([]);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
    });

    test('nobody is told that nothing was recorded when it was, and only the answer of the store was lost', async () => {
      const { world, platform, gate, card, record } = await startBehindCommitGate();
      gate.keep('its answer', BY_ANA);
      const click = clickOn(world, card.ts, 'approve');
      await until(async () => expect(await record()).toContain('UANA'));
      gate.cut();
      expect((await click).acked).toBe(true);
      await seesAccepted(world, card);
      expect(platform.resumes.map(({ status }) => status)).toEqual([200]);
      expect(told(world, 'UANA').join('\n')).not.toContain(NOTHING_RECORDED);
    });
  });
}
