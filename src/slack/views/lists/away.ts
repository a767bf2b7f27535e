import type { AwayRefusal, GoneAway, HandedOver, Whereabouts } from '../../../approval/away.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Away } from '../../../approval/model/away.ts';
import { texts } from '../../texts/texts.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention } from '../text/names.ts';

/** What a substitute gets: who is away, and what waits for them already. Pure. */
export function buildAwayNotice(
  person: string,
  away: Away,
  { waiting, more }: HandedOver,
  links: CardLinks,
): MessageView {
  const text = texts.away.notice(mention(person), texts.away.day(away.day));
  const rows = waiting.map((approval) => describeWaiting(approval, links)).join('\n');
  const already =
    waiting.length === 0
      ? [section(more ? texts.away.notAllSeen : texts.away.nothingWaiting)]
      : [section(`${texts.away.waiting}\n${rows}`)];
  const further =
    waiting.length > 0 && more ? texts.lists.notAllListed(`\`${links.command} mine\``) : undefined;
  return { text, blocks: [section(text), ...already, ...context(further)] };
}

function describeWaiting(approval: Approval, links: CardLinks): string {
  return `• ${texts.card.name(linkTask(approval, links), escapeLine(approval.crew, 64))} (\`${approval.id}\`)`;
}

/** Whether a person is away, and for whom they stand in, in sentences. */
export function describeWhereabouts({ own, standsInFor }: Whereabouts): string[] {
  const away = own ? [texts.away.gone(texts.away.day(own.day), mention(own.substitute))] : [];
  const others = standsInFor.map(({ person, day }) =>
    texts.away.standsIn(mention(person), texts.away.day(day)),
  );
  return [...away, ...others];
}

/** The answer to a person who will be away. */
export function describeGone({ away, notIn }: GoneAway): string {
  const name = mention(away.substitute);
  const said = texts.away.gone(texts.away.day(away.day), name);
  const crews = notIn.map((crew) => escapeLine(crew, 64));
  return crews.length > 0 ? `${said} ${texts.away.notIn(name, crews)}` : said;
}

/** Why they cannot be, or not with this substitute. */
export function describeAwayRefusal(refusal: AwayRefusal, substitute: string): string {
  const { refused } = texts.away;
  if (refusal.code === 'substitute_away')
    return refused[refusal.code](mention(substitute), texts.away.day(refusal.day));
  const describe = refused[refusal.code];
  return typeof describe === 'string' ? describe : describe(mention(substitute));
}
