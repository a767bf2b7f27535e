import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';

const en = english.formatList;

const ptBR: typeof en = portuguese.formatList;

const es: typeof en = spanish.formatList;

/** List of people in a sentence. */
export const peopleTexts = { en, 'pt-BR': ptBR, es };
