import { AsyncLocalStorage } from 'node:async_hooks';
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

const ofLanguage = <L extends Language>(language: L) => ({
  refusals: refusalsTexts[language],
  people: peopleTexts[language],
  card: cardTexts[language],
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
export const en = ofLanguage('en');
export const es: Texts = ofLanguage('es');
export const ptBR: Texts = ofLanguage('pt-BR');

/** What the core says in Slack, in one language. */
export type Texts = typeof en;

/** The language of what is built for somebody, as far as it is known. */
export interface Spoken {
  readonly language: Language;
  /** Resolves once the language is known, or is not known in time. */
  readonly known?: Promise<void> | undefined;
}
const spoken = new AsyncLocalStorage<Spoken>();

/** All that people read in Slack, but what features say: in the language that is spoken (`speak`), else in English. */
export const texts: Texts = inLanguages({ en, 'pt-BR': ptBR, es });

/** The texts of the language that is spoken, of texts in all of them. */
export function inLanguages<T extends object>(
  all: { readonly en: T } & Readonly<Record<Language, NoInfer<T>>>,
): T {
  return Object.defineProperties(
    {} as T,
    Object.fromEntries(
      Object.keys(all.en).map((part) => [
        part,
        { enumerable: true, get: () => all[spokenLanguage()][part as keyof T] },
      ]),
    ),
  );
}

export function spokenLanguage(): Language {
  return spoken.getStore()?.language ?? 'en';
}

/** What is said after a decision waits for the language of the person; the decision does not. */
export async function languageKnown(): Promise<void> {
  await spoken.getStore()?.known;
}

/** Runs something, and all that follows from it, in a language. */
export function speak<T>(language: Language | Spoken, work: () => T): T {
  return spoken.run(typeof language === 'string' ? { language } : language, work);
}
