import type { Button } from '@slack/types';
import type { Whereabouts } from '../../approval/away.ts';
import type { Feature } from '../../slack/feature.ts';
import { mapById } from '../../slack/listeners/click.ts';
import { ackWithAnswer } from '../../slack/listeners/command.ts';
import type { Texts } from '../../slack/texts/texts.ts';
import { button, context } from '../../slack/views/text/elements.ts';
import { ABSENCES_ACTIONS, ABSENCES_FORM } from './ids.ts';
import { answerAway, comeBackFromHome, openAwayForm, submitAway } from './listeners.ts';
import { readAbsenceRequest } from './read-away.ts';
import { absencesTexts } from './texts.ts';
import { describeWhereabouts } from './views/whereabouts.ts';

/**
 * `/approvals away until friday @ben`, and the form for it. The core records the absence, asks the substitute and notifies
 * substitutes (`approval/away.ts`).
 */
export const absences: Feature = {
  clicks: mapById(ABSENCES_ACTIONS, {
    goAway: { onClick: openAwayForm },
    comeBack: { onClick: comeBackFromHome },
  }),
  submissions: { [ABSENCES_FORM]: submitAway },
  commands: [
    {
      words: ['away', 'ausente'],
      after: 'runs',
      help: (texts) => absencesTexts(texts).help,
      read(words, command) {
        const ask = readAbsenceRequest(words, command);
        if (typeof ask === 'object' && 'wrong' in ask) return ask;
        return { run: (app, args) => ackWithAnswer(app, args, answerAway(app, args.command.user_id, ask)) };
      },
    },
  ],
  home: (texts, { away }) => (away ? [...buildAwayButtons(texts, away), ...describeOnHome(texts, away)] : []),
};

function buildAwayButtons(texts: Texts, { ownAbsence, decidesNothing }: Whereabouts): Button[] {
  if (!ownAbsence)
    return decidesNothing ? [] : [button(ABSENCES_ACTIONS.goAway, absencesTexts(texts).open, 'away')];
  return [
    button(ABSENCES_ACTIONS.comeBack, absencesTexts(texts).comeBack, 'back'),
    button(ABSENCES_ACTIONS.goAway, absencesTexts(texts).change, 'away'),
  ];
}

function describeOnHome(texts: Texts, away: Whereabouts) {
  return context(
    away.ownAbsence || away.standsInFor.length > 0 ? describeWhereabouts(texts, away) : undefined,
  );
}
