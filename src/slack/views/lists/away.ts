import type { AwayRefusal, GoneAway, HandedOver, Whereabouts } from '../../../approval/away.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Away } from '../../../approval/model/away.ts';
import { isUserId } from '../../../approval/model/crew/slack-ids.ts';
import { texts } from '../../texts/texts.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention, writeTask } from '../text/names.ts';

/** A section takes 3,000 characters: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const ROWS_PER_SECTION = 5;
const MOST_NAMED = 10;

/** What a substitute gets: who is away, and what waits for them already. Pure. */
export function buildAwayNotice(
  person: string,
  { day }: Pick<Away, 'day'>,
  { waiting, more }: HandedOver,
  links: CardLinks,
): MessageView {
  const text = texts.away.notice(mention(person), texts.away.day(day));
  const rows = waiting.map((approval) => describeWaiting(approval, links));
  const parts = Array.from({ length: Math.ceil(rows.length / ROWS_PER_SECTION) }, (_, index) =>
    rows.slice(index * ROWS_PER_SECTION, (index + 1) * ROWS_PER_SECTION).join('\n'),
  );
  const heading = more ? texts.away.notAllSeen : texts.away.nothingWaiting;
  const further = rows.length > 0 && more ? texts.lists.notAllListed(`\`${links.command} mine\``) : undefined;
  return {
    text,
    blocks: [
      section(text),
      section(rows.length > 0 ? texts.away.waiting : heading),
      ...parts.map(section),
      ...context(further),
    ],
  };
}

/** A card in somebody's direct message cannot be opened by others. */
function describeWaiting(approval: Approval, links: CardLinks): string {
  const task = isUserId(approval.channel) ? `*${writeTask(approval.task, 120)}*` : linkTask(approval, links);
  return `• ${texts.card.name(task, escapeLine(approval.crew, 64))} (\`${approval.id}\`)`;
}

/** Whether a person is away, and for whom they stand in. */
export function describeWhereabouts({ own, isAlone, standsInFor }: Whereabouts): string {
  const substitute = own && mention(own.substitute);
  const away = own ? [texts.away.gone(texts.away.day(own.day), substitute as string)] : [];
  const alone = isAlone ? [texts.away.alone(substitute as string)] : [];
  const others = standsInFor
    .slice(0, MOST_NAMED)
    .map(({ person, day }) => texts.away.standsIn(mention(person), texts.away.day(day)));
  const more = standsInFor.length > MOST_NAMED ? [texts.lists.andMore(standsInFor.length - MOST_NAMED)] : [];
  return [...away, ...alone, ...others, ...more].join(' ') || texts.away.notAway;
}

/** The answer to a person who will be away. */
export function describeGone({ away, notIn, openIn, severalIn, standsInFor }: GoneAway): string {
  const name = mention(away.substitute);
  const crews = (names: readonly string[]) => names.map((crew) => escapeLine(crew, 64));
  return [
    texts.away.gone(texts.away.day(away.day), name),
    ...(notIn.length > 0 ? [texts.away.notIn(name, crews(notIn))] : []),
    ...(openIn.length > 0 ? [texts.away.openIn(crews(openIn))] : []),
    ...(severalIn.length > 0 ? [texts.away.severalIn(crews(severalIn))] : []),
    ...standsInFor.slice(0, MOST_NAMED).map((id) => texts.away.askedAgain(mention(id))),
  ].join(' ');
}

/** Why they cannot be, or not with this substitute. `name`: of the substitute. */
export function describeAwayRefusal(refusal: AwayRefusal, name: string): string {
  const { refused } = texts.away;
  if (refusal.code === 'substitute_away') return refused[refusal.code](name, texts.away.day(refusal.day));
  const describe = refused[refusal.code];
  return typeof describe === 'string' ? describe : describe(name);
}
