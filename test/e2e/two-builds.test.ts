import { join } from 'node:path';
import axios from 'axios';
import { expect, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { eachRecord } from '../../src/store/record-store.ts';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import { FIELD, makeNextBuild, NEXT_FORMAT } from '../support/next-build.ts';
import { clickOn, kickoff, ready, sendPause } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { share } from '../support/shared.ts';
import { run, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { ephemeralsTo, sees, shown, startWorld, type World } from '../support/world.ts';

const RUNS = 6;
const SWEPT = 'all records are of the current format';
const http = axios.create({ validateStatus: () => true });

describeEachServer('an upgrade to a build of the next format, on', (newUrl) => {
  const next = share(makeNextBuild);

  test('is refused beside bots of this one, and loses nothing with --upgrade, even if one of them still runs', {
    timeout: scaleLimit(400_000),
  }, async () => {
    const world = await startWorld();
    const storeUrl = await newUrl();
    const settings = { STORE_URL: storeUrl, PORT: '0' };
    const start = (built: string, ...args: string[]) => spawnBot(world, settings, args, built);
    const refused = async (built: string) => {
      const own = { ...world.settings, ...settings };
      const { code, stderr } = await run(join(built, 'main.js'), own, { cwd: world.folder }).ended;
      return [code, stderr];
    };
    const [stopped, forgotten] = [await start(BUILT), await start(BUILT)];
    for (let count = 0; count < RUNS; count += 1) kickoff(world, forgotten);
    const cards = await waiting(world, RUNS);

    expect(await refused(next())).toEqual([
      1,
      `The store of STORE_URL is of format ${RECORD_VERSION}, and this version writes ${NEXT_FORMAT}, which the version before cannot read. Nothing was changed: stop every bot of the earlier version, make a backup, and start once with: npm start -- --upgrade\n`,
    ]);
    expect(await readForms(storeUrl)).toEqual([`${RECORD_VERSION} ${FIELD.now}`]);
    await approve(world, cards[0]);
    await decisions(world, 1);

    await stop(stopped);
    const upgraded = await start(next(), '--upgrade');
    await upgraded.logs('the sweep', ({ msg }) => msg === SWEPT);
    expect(await readForms(storeUrl)).toEqual([`${NEXT_FORMAT} ${FIELD.next}`]);

    // Slack still calls the forgotten one: nothing is stored, and whoever clicked is told.
    world.workspace.connectBot(`${forgotten.url}/slack/events`);
    await approve(world, cards[1]);
    await world.workspace.changed(
      () => ephemeralsTo(world.workspace, 'UANA').some(({ text }) => text === texts.refusals.notRecorded),
      { what: 'the sentence that nothing was recorded' },
    );
    expect((await sendPause(world, forgotten, { run: 'run-late', output: '# Late' })).status).toBe(503);
    expect((await http.get(`${forgotten.url}/readyz`)).status).toBe(503);
    await stop(forgotten);

    world.workspace.connectBot(`${upgraded.url}/slack/events`);
    for (const card of cards.slice(1)) await approve(world, card);
    await decisions(world, RUNS);
    await sees(world.workspace, 'no card that waits', () =>
      shown(world.workspace).every((one) => !ready(one)),
    );
    await stop(upgraded);
    const { records, close } = await openNext(storeUrl);
    expect(await records.range('execution/run-late', { limit: 1 })).toEqual([]);
    expect(await records.get('format')).toBe(String(NEXT_FORMAT));
    await close();

    expect(await refused(BUILT)).toEqual([
      1,
      `The store of STORE_URL is of format ${NEXT_FORMAT}, which a newer version of the bot wrote; this one reads up to ${RECORD_VERSION}. Nothing was changed: start the newer version, or restore the backup from before its upgrade and start with --restored.\n`,
    ]);
  });
});

async function waiting({ workspace }: World, count: number) {
  const all = () => shown(workspace).filter(ready);
  await workspace.changed(() => all().length === count, { what: `${count} cards` });
  return all();
}

async function approve(world: World, card: { ts: string } | undefined): Promise<void> {
  expect((await clickOn(world, card?.ts ?? '', 'approve')).acked).toBe(true);
}

/** CrewAI was sent each decision once. */
async function decisions({ platform }: World, count: number): Promise<void> {
  const accepted = () => platform.resumes.filter(({ status }) => status === 200);
  await platform.changed(() => accepted().length >= count, { what: `${count} decisions` });
  expect(accepted()).toHaveLength(count);
}

async function stop(bot: SpawnedBot): Promise<void> {
  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0 });
}

/** A store of any format, as its records are. */
async function openNext(url: string) {
  if (url.startsWith('redis')) {
    const { openRedis } = await import('../../src/store/backends/redis.ts');
    const { records } = await openRedis(url, () => {});
    return { records, close: () => records.disconnect() };
  }
  const { openPostgres } = await import('../../src/store/backends/postgres.ts');
  const { records } = await openPostgres(url, () => {});
  return { records, close: () => records.disconnect() };
}

/** In which forms the approvals are, each once. */
async function readForms(url: string): Promise<string[]> {
  const { records, close } = await openNext(url);
  const forms = new Set<string>();
  for await (const { raw } of eachRecord(records, 'approval')) {
    const { value } = JSON.parse(raw) as { value: Record<string, unknown> };
    const fields = Object.values(FIELD).filter((name) => name in value);
    forms.add(`${value.v} ${fields.join()}`);
  }
  await close();
  return [...forms];
}
