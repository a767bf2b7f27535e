import type { Language } from '../../src/approval/model/crew/language.ts';
import { en, inLanguage, type Texts } from '../../src/slack/texts/texts.ts';

let current: Texts = en;

/** The texts with which the gallery and the tests draw: English, except within `speak`. */
export function spoken(): Texts {
  return current;
}

/** Draws something in a language. `draw` must be synchronous. */
export function speak<T>(language: Language, draw: () => T): T {
  const before = current;
  current = inLanguage(language);
  try {
    return draw();
  } finally {
    current = before;
  }
}
