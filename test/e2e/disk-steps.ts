import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Disk, makeDisk, type Reached } from '../support/disk/disk.ts';
import {
  clickOn,
  exportFacts,
  ready,
  roots,
  seesAccepted,
  startRunWithCard,
} from '../support/process-steps.ts';
import { type Gate, type SpawnedBot, spawnBot, startGate } from '../support/spawn-bot.ts';
import { besideBot } from '../support/sqlite-beside.ts';
import { sees, startWorld, type World } from '../support/world.ts';
import { aTask, http, WITH_OPS } from './store-outage-steps.ts';

export interface OnDisk {
  world: World;
  disk: Disk;
  /** The network path from the bot to CrewAI. */
  crewai: Gate;
  bot: SpawnedBot;
}

/** Starts a bot whose database has a disk of its own. */
export async function startOnDisk(): Promise<OnDisk> {
  const world = await startWorld(undefined, { dialect: 'documented' }, WITH_OPS);
  const disk = makeDisk(world.folder);
  const crewai = await startGate(world.platform.baseUrl);
  const settings = { OPS_CHANNEL: 'COPS', CREWAI_BASE_URL: crewai.url };
  const bot = await spawnBot(world, { ...disk.settings, ...settings });
  return { world, disk, crewai, bot };
}

/** Starts a bot on a disk with a run that waits on its card and nothing left to write. */
export async function startWithCard() {
  const onDisk = await startOnDisk();
  const { world, bot } = onDisk;
  const { execution, card } = await startRunWithCard(world, bot);
  await isQuiet(onDisk);
  // CrewAI sends a webhook once, so none may be lost while the bot is down.
  world.platform.hold();
  return { ...onDisk, execution, card };
}

/**
 * Waits until nothing is due, in a separate process. With a second connection in this process, the database would not
 * be recovered after a kill.
 */
const isQuiet = ({ disk }: Pick<OnDisk, 'disk'>): Promise<void> =>
  besideBot(
    disk.file,
    `const due = db.prepare("SELECT key FROM records WHERE key > 'open/' AND key < 'open0'");
    for (let looks = 0; due.all().length > 0; looks += 1) {
      if (looks > 300) throw new Error('something is still due');
      pause(50);
    }`,
  );

/** Cuts the power and restarts the bot. */
export async function cutPower(
  { disk }: Pick<OnDisk, 'disk'>,
  bot: SpawnedBot,
  reached?: Reached,
): Promise<SpawnedBot> {
  await bot.kill();
  disk.cutPower(reached);
  return bot.restart();
}

export const post = (bot: SpawnedBot, name: string, output = `Output of ${name}`) =>
  http.post<{ status: string; approval: string }>(bot.webhook('task'), { ...aTask(name), output });

/** Resolves with the answer to a webhook. The status is 0 if the bot ended before. */
export const answerOf = (sent: ReturnType<typeof post>) =>
  sent.catch(() => ({ status: 0, data: { approval: '' } }));

/** Checks that CrewAI got exactly this decision and that the history has it once. */
export async function expectApproved(story: Awaited<ReturnType<typeof startWithCard>>, by = 'UANA') {
  const { world, execution, card } = story;
  expect((await seesAccepted(world, card)).all).toContain(`Approved by <@${by}>`);
  expect(world.platform.resumes.map(({ status }) => status)).toEqual([200]);
  expect(world.platform.execution(execution).feedback).toEqual(['Approved.']);
  const decided = (await readFacts(story)).filter(({ what }) => what === 'decided');
  expect(decided.map((fact) => fact.execution)).toEqual([execution]);
}

/** Decides a waiting card and checks that CrewAI got exactly this decision. */
export async function approveOnce(story: Awaited<ReturnType<typeof startWithCard>>) {
  const { world, card } = story;
  const waiting = await sees(world.workspace, 'the card that waits', ({ ts }) => ts === card.ts);
  expect(waiting.buttons).toContain('Approve');
  expect((await clickOn(world, card.ts, 'approve', 'UBEN')).acked).toBe(true);
  await expectApproved(story, 'UBEN');
}

/** Waits until each of these approvals has a waiting card, and checks that it has only one. */
export async function seesCards({ world }: Pick<OnDisk, 'world'>, ids: readonly string[]): Promise<void> {
  const cards = (id: string) => roots(world).filter((message) => message.approval === id && ready(message));
  await world.workspace.changed(() => ids.every((id) => cards(id).length > 0), {
    what: `a card for each of ${ids.join(', ')}`,
    timeoutMs: 40_000,
  });
  for (const id of ids) expect(cards(id)).toHaveLength(1);
}

/** Reads what the export says happened, and to which run. */
export const readFacts = ({ world, disk }: Pick<OnDisk, 'world' | 'disk'>) =>
  exportFacts(world, { STORE_URL: `sqlite://${disk.file}` });

/** True if the log of the database contains these words, on disk or not. */
export const logHas = ({ disk }: Pick<OnDisk, 'disk'>, words: string) =>
  readFileSync(`${disk.file}-wal`).includes(words);
