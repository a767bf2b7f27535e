import { expect, test } from 'vitest';
import { FEATURES } from '../../src/features/index.ts';
import { ACTIONS, CALLBACKS, OPTION_BUTTONS, OPTION_FORM_BUTTONS } from '../../src/slack/app/ids.ts';
import { readCommand } from '../../src/slack/listeners/read-command.ts';
import { idsOfFeatures } from '../support/features.ts';

const CORE = {
  clicks: [...Object.values(ACTIONS), ...OPTION_BUTTONS, ...OPTION_FORM_BUTTONS],
  submissions: Object.values(CALLBACKS),
  messageShortcuts: ['approval_details'],
  globalShortcuts: [],
};

test.each(Object.keys(CORE) as (keyof typeof CORE)[])('no id of %s belongs to two', (table) => {
  const ids: string[] = [...CORE[table], ...idsOfFeatures(table)];
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test('no word of a command belongs to two, and none to the core', () => {
  const words = FEATURES.flatMap(({ commands = [] }) => commands.flatMap((command) => command.words));
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  for (const word of words) expect(readCommand(word, 0), word).toMatchObject({ kind: 'look', id: word });
});
