import type { NamedDay } from '../../approval/model/away.ts';
import { isUserId } from '../../approval/model/crew/slack-ids.ts';
import { isWord, plainWord, readDate, readTypedPerson } from '../../slack/listeners/read-command.ts';
import type { Sentence } from '../../slack/texts/texts.ts';
import { escapeLine } from '../../slack/views/text/escape.ts';
import { absencesTexts } from './texts.ts';

/** A person's request: to be away, to be back, or to see the present state. */
export type AbsenceRequest = { day: NamedDay; substitute: string } | 'back' | 'state';

/** Words in English, then in the other languages without accents. */
const UNTIL = ['until', 'till', 'ate', 'hasta'] as const;
const OFF = ['off', 'back', 'fim', 'fin', 'voltei', 'volvi'] as const;

/** Reads `until friday @ben`, `off` or nothing. `wrong`: a sentence that names the mistake. Pure. */
export function readAbsenceRequest(
  typedWords: readonly string[],
  command: string,
): AbsenceRequest | { wrong: Sentence } {
  if (typedWords.length === 0) return 'state';
  if (typedWords.length === 1 && isWord(typedWords[0] as string, OFF)) return 'back';
  const words = typedWords.filter((word) => !isWord(word, UNTIL));
  const people = words.filter((word) => readTypedPerson(word) !== undefined);
  const { id: substitute, name } = readTypedPerson(people[0] ?? '') ?? {};
  const day = readDay(words.filter((word) => !people.includes(word)).join(' '));
  if (name !== undefined) return { wrong: ({ refusals }) => refusals.unknownPerson(escapeLine(name, 80)) };
  if (substitute === undefined || !isUserId(substitute) || people.length > 1 || !day)
    return { wrong: (texts) => absencesTexts(texts).wrong(command) };
  return { day, substitute };
}

/** Reads a day of the week, today, tomorrow or a date, in the three languages. */
function readDay(typed: string): NamedDay | undefined {
  const word = plainWord(typed)
    .replace(/[,.]$/, '')
    .replace(/^el /, '')
    .replace(/[- ]feira$/, '');
  const weekday = WEEKDAYS.findIndex((names) => names.includes(word));
  if (weekday !== -1) return { weekday };
  const nearDay = NEAR_DAYS.findIndex((names) => names.includes(word));
  if (nearDay !== -1) return { ahead: nearDay - 1 };
  return readDate(word) === undefined ? undefined : { date: word };
}
const WEEKDAYS: readonly (readonly string[])[] = [
  ['sunday', 'sun', 'domingo'],
  ['monday', 'mon', 'segunda', 'lunes'],
  ['tuesday', 'tue', 'terca', 'martes'],
  ['wednesday', 'wed', 'quarta', 'miercoles'],
  ['thursday', 'thu', 'quinta', 'jueves'],
  ['friday', 'fri', 'sexta', 'viernes'],
  ['saturday', 'sat', 'sabado'],
];
/** Yesterday, today and tomorrow. */
const NEAR_DAYS: readonly (readonly string[])[] = [
  ['yesterday', 'ontem', 'ayer'],
  ['today', 'hoje', 'hoy'],
  ['tomorrow', 'amanha', 'manana'],
];
