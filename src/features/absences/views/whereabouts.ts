import type { AwayRefusal, RecordedAbsence, Whereabouts } from '../../../approval/away.ts';
import type { Texts } from '../../../slack/texts/texts.ts';
import { escapeLine } from '../../../slack/views/text/escape.ts';
import { mention } from '../../../slack/views/text/names.ts';
import { absencesTexts } from '../texts.ts';

const MAX_NAMED = 10;

/** Describes a person's absence and lists the people for whom the person stands in. */
export function describeWhereabouts(texts: Texts, { ownAbsence, isAlone, standsInFor }: Whereabouts): string {
  const substitute = ownAbsence && mention(ownAbsence.substitute);
  const absenceSentence = ownAbsence
    ? [absencesTexts(texts).gone(texts.away.day(ownAbsence.day), substitute as string)]
    : [];
  const aloneSentence = isAlone ? [absencesTexts(texts).alone(substitute as string)] : [];
  const standInSentences = standsInFor
    .slice(0, MAX_NAMED)
    .map(({ person, day }) => absencesTexts(texts).standsIn(mention(person), texts.away.day(day)));
  const moreSentence =
    standsInFor.length > MAX_NAMED ? [texts.lists.andMore(standsInFor.length - MAX_NAMED)] : [];
  return (
    [...absenceSentence, ...aloneSentence, ...standInSentences, ...moreSentence].join(' ') ||
    absencesTexts(texts).notAway
  );
}

/** Answers a person who will be away. */
export function describeGone(
  texts: Texts,
  { away, notIn, openIn, severalIn, standsInFor }: RecordedAbsence,
): string {
  const name = mention(away.substitute);
  const writeCrews = (names: readonly string[]) => names.map((crew) => escapeLine(crew, 64));
  return [
    absencesTexts(texts).gone(texts.away.day(away.day), name),
    ...(notIn.length > 0 ? [absencesTexts(texts).notIn(name, writeCrews(notIn))] : []),
    ...(openIn.length > 0 ? [absencesTexts(texts).openIn(writeCrews(openIn))] : []),
    ...(severalIn.length > 0 ? [absencesTexts(texts).severalIn(writeCrews(severalIn))] : []),
    ...standsInFor.slice(0, MAX_NAMED).map((id) => absencesTexts(texts).askedAgain(mention(id))),
  ].join(' ');
}

/** Explains why a person cannot be away, or not with this substitute. `name`: the substitute's name. */
export function describeAwayRefusal(texts: Texts, refusal: AwayRefusal, name: string): string {
  const { refused } = absencesTexts(texts);
  if (refusal.code === 'substitute_away') return refused[refusal.code](name, texts.away.day(refusal.day));
  const describe = refused[refusal.code];
  return typeof describe === 'string' ? describe : describe(name);
}
