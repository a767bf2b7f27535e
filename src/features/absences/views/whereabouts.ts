import type { AwayRefusal, GoneAway, Whereabouts } from '../../../approval/away.ts';
import { texts } from '../../../slack/texts/texts.ts';
import { escapeLine } from '../../../slack/views/text/escape.ts';
import { mention } from '../../../slack/views/text/names.ts';
import { absencesTexts } from '../texts.ts';

const MOST_NAMED = 10;

/** Whether a person is away, and for whom they stand in. */
export function describeWhereabouts({ own, isAlone, standsInFor }: Whereabouts): string {
  const substitute = own && mention(own.substitute);
  const away = own ? [absencesTexts.gone(texts.away.day(own.day), substitute as string)] : [];
  const alone = isAlone ? [absencesTexts.alone(substitute as string)] : [];
  const others = standsInFor
    .slice(0, MOST_NAMED)
    .map(({ person, day }) => absencesTexts.standsIn(mention(person), texts.away.day(day)));
  const more = standsInFor.length > MOST_NAMED ? [texts.lists.andMore(standsInFor.length - MOST_NAMED)] : [];
  return [...away, ...alone, ...others, ...more].join(' ') || absencesTexts.notAway;
}

/** The answer to a person who will be away. */
export function describeGone({ away, notIn, openIn, severalIn, standsInFor }: GoneAway): string {
  const name = mention(away.substitute);
  const crews = (names: readonly string[]) => names.map((crew) => escapeLine(crew, 64));
  return [
    absencesTexts.gone(texts.away.day(away.day), name),
    ...(notIn.length > 0 ? [absencesTexts.notIn(name, crews(notIn))] : []),
    ...(openIn.length > 0 ? [absencesTexts.openIn(crews(openIn))] : []),
    ...(severalIn.length > 0 ? [absencesTexts.severalIn(crews(severalIn))] : []),
    ...standsInFor.slice(0, MOST_NAMED).map((id) => absencesTexts.askedAgain(mention(id))),
  ].join(' ');
}

/** Why they cannot be, or not with this substitute. `name`: of the substitute. */
export function describeAwayRefusal(refusal: AwayRefusal, name: string): string {
  const { refused } = absencesTexts;
  if (refusal.code === 'substitute_away') return refused[refusal.code](name, texts.away.day(refusal.day));
  const describe = refused[refusal.code];
  return typeof describe === 'string' ? describe : describe(name);
}
