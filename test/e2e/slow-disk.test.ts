import { expect, test } from 'vitest';
import { describeDisk } from '../support/disk/disk.ts';
import { clickOn, noAnswerTo, roots, seesAccepted } from '../support/process-steps.ts';
import { post, readFacts, seesCards, startOnDisk, startWithCard } from './disk-steps.ts';
import { answerTo, command, http, isBack } from './store-outage-steps.ts';

const approvalIn = ({ data }: Awaited<ReturnType<typeof post>>) => data.approval;
const names = (first: number, count: number) => Array.from({ length: count }, (_, n) => `run-${first + n}`);

describeDisk('while the disk does not respond', () => {
  test('what waits for the disk waits, and all else is answered', async () => {
    const story = await startWithCard();
    const { world, disk, bot, card, execution } = story;
    disk.hold('wal');
    const click = clickOn(world, card.ts, 'approve');
    await disk.held('wal');
    const answers: Awaited<ReturnType<typeof post>>[] = [];
    const webhooks = names(1, 5).map(async (name) => answers.push(await post(bot, name)));

    // More turns of the event loop than it takes to receive these webhooks.
    for (let turn = 0; turn < 30; turn += 1) expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);
    const looked = await answerTo(world, 'UBEN', () => command(world, '', 'UBEN'));
    expect(looked).toContain('One approval is waiting');
    const wrong = bot.webhook('task').replace(/token=.*/, 'token=wrong');
    expect((await http.post(wrong, {})).status).toBe(401);
    expect((await http.post(bot.webhook('task'), { output: 'of no run' })).status).toBe(422);
    expect((await http.get(`${bot.url}/nothing`)).status).toBe(404);
    expect(await http.get(`${bot.url}/readyz`)).toMatchObject({
      status: 503,
      data: { faults: { store: 'the disk of the database does not respond' } },
    });
    expect(answers).toEqual([]);
    expect(roots(world)).toEqual([card]);
    expect(world.platform.resumes).toEqual([]);

    disk.release('wal');
    await Promise.all([click, ...webhooks]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    await seesAccepted(world, card);
    await seesCards(story, answers.map(approvalIn));
    await isBack(bot);
    expect(world.platform.execution(execution).feedback).toEqual(['Approved.']);
  });

  test('webhooks that come meanwhile share an fsync, and each has its card', async () => {
    const story = await startOnDisk();
    const { world, disk, bot } = story;
    world.workspace.failures.plan(noAnswerTo('chat.postMessage'));
    disk.slowDown(50);
    disk.hold('wal');
    const first = post(bot, 'run-0');
    await disk.held('wal');
    const others = names(1, 40).map((name) => post(bot, name));
    for (let turn = 0; turn < 30; turn += 1) await http.get(`${bot.url}/healthz`);
    const before = disk.syncs();
    disk.release('wal');
    const statuses = (await Promise.all([first, ...others])).map(({ status }) => status);
    expect(disk.syncs() - before).toBeLessThan(20);
    expect(new Set(statuses)).toEqual(new Set([202]));
    const received = (await readFacts(story)).filter(({ what }) => what === 'received');
    expect(received).toHaveLength(41);
  });
});
