import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { describeDisk } from '../support/disk/disk.ts';
import { clickOn, seesAccepted } from '../support/process-steps.ts';
import { sees, shown } from '../support/world.ts';
import {
  answerOf,
  approveOnce,
  cutPower,
  expectApproved,
  type OnDisk,
  post,
  readFacts,
  seesCards,
  startOnDisk,
  startWithCard,
} from './disk-steps.ts';
import { answerTo, command, expectUnharmed, http } from './store-outage-steps.ts';

/** SQLite's name for an fsync that failed. */
const FAULT = /^could not be synced to disk \(SQLITE_IOERR.*\)/;

/** Operators are told of the fault once, and nothing is taken. */
async function expectStopped({ world, bot, disk }: OnDisk): Promise<void> {
  expect(await http.get(`${bot.url}/readyz`)).toMatchObject({
    status: 503,
    data: { faults: { store: expect.stringMatching(FAULT) } },
  });
  // The disk works again; what it lost is not known.
  for (const name of ['run-2', 'run-3'])
    expect(await post(bot, name)).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
  const looked = await answerTo(world, 'UBEN', () => command(world, '', 'UBEN'));
  expect(looked).toContain("I couldn't look that up right now");
  const tells = ({ all }: { all: string }) => all.includes('Nothing is stored until you restart the bot');
  const { all } = await sees(world.workspace, 'the alert', tells, 'COPS');
  expect(all).toContain(`Reason: ${disk.file} could not be synced to disk`);
  expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);
  expect(shown(world.workspace, 'COPS').filter(tells)).toHaveLength(1);
  const lines = bot.logged.filter(({ msg }) => msg.startsWith('the database cannot be used any more'));
  expect(lines).toHaveLength(1);
  expectUnharmed(bot);
}

describeDisk('a disk that fails to write a decision, once', () => {
  test.each([
    // It is in the memory of the machine.
    ['kill -9', true],
    ['a power cut', false],
  ])(
    'nothing is recorded or sent until a restart; after %s, one decision is recorded, and stays',
    async (end, isFound) => {
      const story = await startWithCard();
      const { world, disk, card } = story;
      disk.failOnce('wal');
      const said = await answerTo(world, 'UANA', () => clickOn(world, card.ts, 'approve'));
      expect(said).toBe(texts.refusals.perhapsRecorded);
      await expectStopped(story);
      expect(world.platform.resumes).toEqual([]);

      if (end === 'kill -9') await story.bot.kill();
      const again = end === 'kill -9' ? await story.bot.restart() : await cutPower(story, story.bot);
      expect((await readFacts(story)).some(({ what }) => what === 'decided')).toBe(isFound);
      if (!isFound) await approveOnce(story);
      await seesAccepted(world, card);
      const { status, data } = await post(again, 'run-2');
      expect(status).toBe(202);
      await seesCards(story, [data.approval]);
      // A second fsync of what the first one lost succeeds, and writes nothing.
      await cutPower(story, again);
      await expectApproved(story, isFound ? 'UANA' : 'UBEN');
      expect((await readFacts(story)).map(({ execution }) => execution)).toContain('run-2');
    },
  );
});

describeDisk('a disk that fails to write a copy of the log', () => {
  const LARGE = 'x'.repeat(600_000);

  test('stops the bot from accepting more; nothing that it accepted is lost', async () => {
    const story = await startOnDisk();
    const { disk, bot } = story;
    disk.failOnce('db');
    const taken: string[] = [];
    for (let n = 10; n < 30; n += 1) {
      const { status, data } = await answerOf(post(bot, `run-${n}`, `Output ${n} ${LARGE}`));
      if (status !== 202) {
        expect(status).toBe(503);
        break;
      }
      taken.push(data.approval);
    }
    expect(taken.length).toBeLessThan(20);
    await expectStopped(story);
    const again = await cutPower(story, bot);
    await seesCards(story, taken);
    expect((await post(again, 'run-2')).status).toBe(202);
  });
});
