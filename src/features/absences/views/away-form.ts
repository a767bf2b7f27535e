import type { ModalView } from '@slack/types';
import type { Away } from '../../../approval/model/away.ts';
import { appendLanguage } from '../../../slack/app/button-values.ts';
import type { Texts } from '../../../slack/texts/texts.ts';
import { plain, section } from '../../../slack/views/text/elements.ts';
import { ABSENCES_FORM, AWAY_DAY, SUBSTITUTE } from '../ids.ts';
import { absencesTexts } from '../texts.ts';

/** Asks for the last day of an absence and for a substitute. `absence`: the person's current one. Pure. */
export function buildAwayForm(texts: Texts, absence?: Away): ModalView {
  return {
    type: 'modal',
    callback_id: ABSENCES_FORM,
    private_metadata: appendLanguage(texts, ''),
    title: plain(absencesTexts(texts).title),
    submit: plain(absencesTexts(texts).save),
    close: plain(texts.actions.cancel),
    blocks: [
      section(absencesTexts(texts).explanation),
      {
        type: 'input',
        block_id: AWAY_DAY.block,
        label: plain(absencesTexts(texts).lastDay),
        element: {
          type: 'datepicker',
          action_id: AWAY_DAY.action,
          ...(absence ? { initial_date: absence.day } : {}),
        },
      },
      {
        type: 'input',
        block_id: SUBSTITUTE.block,
        label: plain(absencesTexts(texts).substitute),
        element: {
          type: 'users_select',
          action_id: SUBSTITUTE.action,
          ...(absence ? { initial_user: absence.substitute } : {}),
        },
      },
    ],
  };
}
