import { join } from 'node:path';
import axios from 'axios';
import { expect, test } from 'vitest';
import { UNDECIDABLE } from '../../src/approval/intake/build-approval.ts';
import { BUILT } from '../support/build.ts';
import { run } from '../support/spawn-bot.ts';
import { sees, startBot, startWorld } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

const APART = ['approvers: [UANA]', 'tasks: [{match: draft_*, approvers: [UBEN]}]'];
const TOGETHER = ['approvers: [UANA, UBEN]', 'tasks: [{match: draft_*, approvers: [UBEN]}]'];
const PAUSE = {
  execution_id: 'run-1',
  task_id: '00000000-0000-4000-8000-000000000001',
  task_output: 'A release',
};

test('that nobody may decide a pause without a name is told at the start and on its card', async () => {
  const world = await startWorld();
  const bot = await startBot(world, crewsFile(world, ...APART));
  expect(bot.logged.filter((line) => line.includes(UNDECIDABLE))).toHaveLength(1);
  expect(bot.logged.find((line) => line.includes(UNDECIDABLE))).toContain('"crew":"press"');
  await axios.post(bot.webhook('human-input'), PAUSE);
  const card = await sees(world.workspace, 'the card', ({ all }) => all.includes('A release'));
  expect(card.all).toContain('No one can decide this');
});

test('and by the doctor, who says nothing of it where someone may', async () => {
  const world = await startWorld();
  const doctor = async (...lines: string[]) => {
    const settings = { ...world.settings, ...crewsFile(world, ...lines) };
    return (
      await run(join(BUILT, 'cli', 'doctor', 'doctor.js'), settings, { cwd: world.folder, args: [] }).ended
    ).stdout;
  };
  expect(await doctor(...APART)).toMatch(new RegExp(`^note +approvers of press: ${UNDECIDABLE}\\.$`, 'm'));
  expect(await doctor(...TOGETHER)).not.toContain(UNDECIDABLE);
});
