import type { Mutants } from '../../mutants/mutant.ts';

export const mutants: Mutants = {
  'src/features/starts/index.ts': [
    [
      "mayStart ? [button(STARTS_ACTIONS.startCrew, startsTexts(texts).startTitle, 'start')] : []",
      '[]',
      'features/starts/start-form',
    ],
  ],
  'src/features/starts/views/start-form.ts': [
    ['(knownInputs, name) && !isMissing', '(knownInputs, name)', 'features/starts/start-form'],
  ],
};
