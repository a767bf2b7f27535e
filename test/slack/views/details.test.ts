import { expect, it } from 'vitest';
import { buildDetailsModal } from '../../../src/slack/views/modals/details.ts';
import { spoken } from '../../support/spoken.ts';
import { approval, round } from '../records.ts';
import { links, read } from './draw.ts';

it.each([
  ['has also the name in CrewAI of', 'press_release', '*Press release*', ' · task press_release'],
  ['has also the name in CrewAI of', 'draft', '*Draft*', ' · task draft'],
  ['has only the shown name of', 'Press release', '*Press release*', ''],
  ['has only the shown name of', '2nd_draft', '*2nd_draft*', ''],
])('%s the task %s', (_, task, shown, inCrewAi) => {
  const lines = read(
    buildDetailsModal(spoken(), approval([round()], { task }), links, { round: 1 }),
  ).says.split('\n');
  expect(lines).toContain(shown);
  expect(lines).toContain(`Crew press${inCrewAi} · run run-1 · approval ABCDEFGHJK`);
});
