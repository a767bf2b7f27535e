import { expect, test, vi } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { describeDisk } from '../support/disk/disk.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, noAnswerTo, roots, seesAccepted } from '../support/process-steps.ts';
import {
  answerOf,
  approveOnce,
  cutPower,
  expectApproved,
  logHas,
  post,
  readFacts,
  seesCards,
  startOnDisk,
  startWithCard,
} from './disk-steps.ts';
import { answerTo, command } from './store-outage-steps.ts';

/** What a decision by UANA is in the database. */
const DECISION = '"action":"approve"';

describeDisk('a decision and a power cut', () => {
  test('before the decision is on disk, with every other piece of it written: nobody has seen it, and the approval waits', async () => {
    const story = await startWithCard();
    const { world, disk, bot, card } = story;
    expect(logHas(story, DECISION)).toBe(false);
    disk.hold('wal');
    const said = await answerTo(world, 'UANA', () => clickOn(world, card.ts, 'approve'));
    await disk.held('wal');
    expect(logHas(story, DECISION)).toBe(true);

    expect(said).toBe(texts.refusals.perhapsRecorded);
    const waiting = await answerTo(world, 'UBEN', () => command(world, '', 'UBEN'));
    expect(waiting).toContain('One approval is waiting');
    const facts = (await readFacts(story)).map(({ what }) => what);
    expect(facts).toContain('posted');
    expect(facts).not.toContain('decided');
    expect(roots(world)).toEqual([card]);
    expect(world.platform.resumes).toEqual([]);

    // A commit is written in pieces: the head of a page, then the page.
    await cutPower(story, bot, { wal: (write) => write % 2 === 0 });
    await approveOnce(story);
  });

  test('right after its click was acked: CrewAI gets the decision, once', async () => {
    const story = await startWithCard();
    const { world, bot, card, crewai } = story;
    await crewai.shut();
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await bot.kill();
    await crewai.open();
    await cutPower(story, bot);
    await expectApproved(story);
  });

  test('after a kill -9 that left the decision in memory only: once sent, it stays', async () => {
    const story = await startWithCard();
    const { world, disk, bot, card } = story;
    disk.hold('wal');
    const click = clickOn(world, card.ts, 'approve');
    await disk.held('wal');
    expect(logHas(story, DECISION)).toBe(true);
    await bot.kill();
    await click;
    disk.release('wal');
    // The decision is read at the start: from now on it has to stay.
    const again = await bot.restart();
    await seesAccepted(world, card);
    await cutPower(story, again);
    await expectApproved(story);
  });
});

describeDisk('a webhook and a power cut', () => {
  test('after its 202: its card comes after the restart', async () => {
    const story = await startOnDisk();
    const { world, bot } = story;
    world.workspace.failures.plan(noAnswerTo('chat.postMessage'));
    const { status, data } = await post(bot, 'run-1');
    expect(status).toBe(202);
    await bot.kill();
    world.workspace.failures.clear();
    const again = await cutPower(story, bot);
    await seesCards(story, [data.approval]);
    expect((await post(again, 'run-1')).data).toMatchObject({ status: 'duplicate' });
    expect(roots(world)).toHaveLength(1);
  });

  test('before it is on disk: there was no 202, and sent again it makes one card', async () => {
    const story = await startWithCard();
    const { world, disk, bot } = story;
    disk.hold('wal');
    const first = answerOf(post(bot, 'run-1'));
    await disk.held('wal');
    expect(logHas(story, 'Output of run-1')).toBe(true);
    const again = await cutPower(story, bot);
    expect((await first).status).toBe(0);
    expect((await readFacts(story)).filter(({ execution }) => execution === 'run-1')).toEqual([]);
    const second = await post(again, 'run-1');
    expect(second).toMatchObject({ status: 202 });
    expect(second.data.status).not.toBe('duplicate');
    await seesCards(story, [second.data.approval]);
    expect(roots(world)).toHaveLength(2);
  });
});

describeDisk('a power cut while the log is copied into the database', () => {
  /** More than the pages after which the log is copied. */
  const LARGE = 'x'.repeat(600_000);

  test('with every third page of it written: each webhook that got 202 has its card', async () => {
    const story = await startOnDisk();
    const { disk, bot } = story;
    disk.hold('db');
    const taken: string[] = [];
    const sent = Array.from({ length: 12 }, async (_, n) => {
      const { status, data } = await answerOf(post(bot, `run-${n}`, `Output ${n} ${LARGE}`));
      if (status === 202) taken.push(data.approval);
    });
    await disk.held('db');
    await vi.waitUntil(() => taken.length > 0, { timeout: scaleLimit(15_000) });
    const again = await cutPower(story, bot, { db: (write) => write % 3 === 0 });
    await Promise.all(sent);
    await seesCards(story, taken);
    expect((await post(again, 'run-later')).status).toBe(202);
  });
});
