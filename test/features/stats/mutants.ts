import type { Mutants } from '../../mutants/mutant.ts';

export const mutants: Mutants = {
  'src/features/stats/figures.ts': [["({ action }) => action !== 'choose'", '() => true']],
};
