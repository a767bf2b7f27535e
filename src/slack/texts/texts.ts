import type { Language } from '../../approval/model/crew/language.ts';
import { en } from './en.ts';

/** All that people read in Slack, in one language. */
export type Texts = typeof en;

const ALL: Readonly<Record<Language, Texts>> = { en, 'pt-BR': en, es: en };

/** The texts of the language that is spoken at the moment: that of `speak`, else English. */
export let texts: Texts = en;

/** Builds what people read, in a language. Nothing in it waits, since others speak in the meantime. */
export function speak<T>(language: Language, build: () => T): T {
  const before = texts;
  texts = ALL[language];
  try {
    return build();
  } finally {
    texts = before;
  }
}
