import type { AwayRefusal } from '../../../src/approval/away.ts';
import { absencesTexts } from '../../../src/features/absences/texts.ts';
import { buildAwayForm } from '../../../src/features/absences/views/away-form.ts';
import {
  describeAwayRefusal,
  describeGone,
  describeWhereabouts,
} from '../../../src/features/absences/views/whereabouts.ts';
import { buildAwayNotice } from '../../../src/slack/views/lists/away.ts';
import { section } from '../../../src/slack/views/text/elements.ts';
import { type GalleryPart, showMessage, showView } from '../../gallery/gallery-view.ts';
import { AT, LINKS, makeWaiting } from '../../gallery/samples.ts';
import { spoken } from '../../support/spoken.ts';

const AWAY_REFUSALS: {
  readonly [Code in AwayRefusal['code']]: Extract<AwayRefusal, { code: Code }>;
} = {
  past_day: { code: 'past_day' },
  far_day: { code: 'far_day' },
  self: { code: 'self' },
  not_active: { code: 'not_active' },
  not_able: { code: 'not_able' },
  substitute_away: { code: 'substitute_away', day: '2026-12-24' },
  nothing_to_decide: { code: 'nothing_to_decide' },
  cannot_check: { code: 'cannot_check' },
};

export function buildGalleryPart(): GalleryPart {
  const waiting = makeWaiting();
  const away = { day: '2026-12-04', since: 0, until: 0, substitute: 'UBEN' };
  const absences = [
    ...Object.values(AWAY_REFUSALS).map((refusal) => describeAwayRefusal(spoken(), refusal, '<@UBEN>')),
    describeGone(spoken(), {
      away,
      notIn: ['press', 'research'],
      openIn: ['news'],
      severalIn: ['payments'],
      standsInFor: ['UCAT'],
    }),
    describeWhereabouts(spoken(), { ownAbsence: away, isAlone: true, standsInFor: [] }),
    absencesTexts(spoken()).back,
    absencesTexts(spoken()).notAway,
    absencesTexts(spoken()).perhapsSaved,
    spoken().away.notTold('<@UBEN>'),
    absencesTexts(spoken()).wrong(LINKS.command),
    spoken().away.lastDayChanged('<@UANA>', spoken().away.day(away.day)),
    spoken().away.released('<@UANA>'),
    spoken().away.substituteAway('<@UBEN>', spoken().away.day(away.day)),
  ];
  const handedOver = { waiting: [waiting, waiting], more: true };
  const views = [
    showView('modal away', buildAwayForm(spoken())),
    showView(
      'modal away, changed',
      buildAwayForm(spoken(), { day: '2026-12-04', since: AT, until: AT, substitute: 'UBEN' }),
    ),
    showMessage('answers to a person who will be away', { text: 'Away', blocks: absences.map(section) }),
    showMessage('notice to a substitute', buildAwayNotice(spoken(), 'UANA', away, handedOver, LINKS)),
    showMessage(
      'notice to a substitute, nothing waits',
      buildAwayNotice(spoken(), 'UANA', away, { waiting: [], more: false }, LINKS),
    ),
    showMessage(
      'notice to a substitute, too much waits',
      buildAwayNotice(spoken(), 'UANA', away, { waiting: [], more: true }, LINKS),
    ),
  ];
  return { title: 'People who are away', views };
}
