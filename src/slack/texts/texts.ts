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

const collectTexts = <L extends Language>(language: L) => ({
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
/** Texts of the core in Slack, in one language. */
export type Texts = ReturnType<typeof collectTexts> & { readonly language: Language };

export const en: Texts = { ...collectTexts('en'), language: 'en' };
export const es: Texts = { ...collectTexts('es'), language: 'es' };
export const ptBR: Texts = { ...collectTexts('pt-BR'), language: 'pt-BR' };

const TEXTS: Readonly<Record<Language, Texts>> = { en, 'pt-BR': ptBR, es };

/** Returns the texts of the core in a language. */
export function inLanguage(language: Language): Texts {
  return TEXTS[language];
}

/** Returns the texts in a person's language, once known. An answer waits for at most half a second, a decision never. */
export type LoadTexts = () => Promise<Texts>;

/** Writes a sentence in a person's language, which may still be unknown when the sentence is chosen. */
export type Sentence = (texts: Texts) => string;

/** Returns a function that picks a feature's texts in the language of the core's texts. */
export function inLanguages<T extends object>(
  textsByLanguage: { readonly en: T } & Readonly<Record<Language, NoInfer<T>>>,
): (texts: Texts) => T {
  return ({ language }) => textsByLanguage[language];
}
