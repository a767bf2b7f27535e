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
/** What the core says in Slack, in one language. */
export type Texts = ReturnType<typeof ofLanguage> & { readonly language: Language };

export const en: Texts = { ...ofLanguage('en'), language: 'en' };
export const es: Texts = { ...ofLanguage('es'), language: 'es' };
export const ptBR: Texts = { ...ofLanguage('pt-BR'), language: 'pt-BR' };

const ALL: Readonly<Record<Language, Texts>> = { en, 'pt-BR': ptBR, es };

function inLanguage(language: Language): Texts {
  return ALL[language];
}

/** The texts of the language that is spoken (`speak`), else English. */
export function spoken(): Texts {
  return inLanguage(spokenLanguage());
}

/** The language of what is built for somebody, as far as it is known. */
export interface Spoken {
  readonly language: Language;
  /** Resolves once the language is known, or is not known in time. */
  readonly known?: Promise<void> | undefined;
}
const storage = new AsyncLocalStorage<Spoken>();

/** All that people read in Slack, but what features say, in the language that is spoken. */
export const texts: Texts = Object.defineProperties(
  {} as Texts,
  Object.fromEntries(
    Object.keys(en).map((part) => [part, { enumerable: true, get: () => spoken()[part as keyof Texts] }]),
  ),
);

/** The texts of a feature, by the language of the core's. */
export function inLanguages<T extends object>(
  all: { readonly en: T } & Readonly<Record<Language, NoInfer<T>>>,
): (texts: Texts) => T {
  return ({ language }) => all[language];
}

export function spokenLanguage(): Language {
  return storage.getStore()?.language ?? 'en';
}

/** What is said after a decision waits for the language of the person; the decision does not. */
export async function languageKnown(): Promise<void> {
  await storage.getStore()?.known;
}

/** Runs something, and all that follows from it, in a language. */
export function speak<T>(language: Language | Spoken, work: () => T): T {
  return storage.run(typeof language === 'string' ? { language } : language, work);
}
