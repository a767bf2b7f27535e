import type { Language } from '../../approval/model/crew/language.ts';
import { actionsTexts } from './actions.ts';
import { alertsTexts } from './alerts.ts';
import { awayTexts } from './away.ts';
import { cardTexts } from './card.ts';
import { commandTexts } from './command.ts';
import { crewaiTexts } from './crewai.ts';
import { fieldsTexts } from './fields.ts';
import { formsTexts } from './forms.ts';
import { listsTexts } from './lists.ts';
import { notesTexts } from './notes.ts';
import { peopleTexts } from './people.ts';
import { readingTexts } from './reading.ts';
import { refusalsTexts } from './refusals.ts';
import { runsTexts } from './runs.ts';
import { stateTexts } from './state.ts';

const ofLanguage = <L extends Language>(language: L) => ({
  refusals: refusalsTexts[language],
  people: peopleTexts[language],
  card: cardTexts[language],
  state: stateTexts[language],
  notes: notesTexts[language],
  runs: runsTexts[language],
  crewai: crewaiTexts[language],
  actions: actionsTexts[language],
  fields: fieldsTexts[language],
  forms: formsTexts[language],
  reading: readingTexts[language],
  away: awayTexts[language],
  lists: listsTexts[language],
  command: commandTexts[language],
  alerts: alertsTexts[language],
});
/** What the core says in Slack, in one language. */
export type Texts = ReturnType<typeof ofLanguage> & { readonly language: Language };

export const en: Texts = { ...ofLanguage('en'), language: 'en' };
export const es: Texts = { ...ofLanguage('es'), language: 'es' };
export const ptBR: Texts = { ...ofLanguage('pt-BR'), language: 'pt-BR' };

const ALL: Readonly<Record<Language, Texts>> = { en, 'pt-BR': ptBR, es };

/** The texts of the core in a language. */
export function inLanguage(language: Language): Texts {
  return ALL[language];
}

/** The texts in a person's language, once it is known: an answer waits for it for half a second at most, a decision never does. */
export type LearnTexts = () => Promise<Texts>;

/** What a person reads, in whatever language theirs is. */
export type Sentence = (texts: Texts) => string;

/** The texts of a feature, by those of the core. */
export function inLanguages<T extends object>(
  all: { readonly en: T } & Readonly<Record<Language, NoInfer<T>>>,
): (texts: Texts) => T {
  return ({ language }) => all[language];
}
