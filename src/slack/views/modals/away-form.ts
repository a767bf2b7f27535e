import type { ModalView } from '@slack/types';
import type { Away } from '../../../approval/model/away.ts';
import { keepLanguage } from '../../app/button-values.ts';
import { AWAY_DAY, CALLBACKS, SUBSTITUTE } from '../../app/ids.ts';
import { texts } from '../../texts/texts.ts';
import { plain, section } from '../text/elements.ts';

/** Asks until when a person is away and who is asked instead. `own`: what they said before. Pure. */
export function buildAwayForm(own?: Away): ModalView {
  return {
    type: 'modal',
    callback_id: CALLBACKS.away,
    private_metadata: keepLanguage(''),
    title: plain(texts.away.title),
    submit: plain(texts.away.save),
    close: plain(texts.actions.cancel),
    blocks: [
      section(texts.away.explanation),
      {
        type: 'input',
        block_id: AWAY_DAY.block,
        label: plain(texts.away.lastDay),
        element: {
          type: 'datepicker',
          action_id: AWAY_DAY.action,
          ...(own ? { initial_date: own.day } : {}),
        },
      },
      {
        type: 'input',
        block_id: SUBSTITUTE.block,
        label: plain(texts.away.substitute),
        element: {
          type: 'users_select',
          action_id: SUBSTITUTE.action,
          ...(own ? { initial_user: own.substitute } : {}),
        },
      },
    ],
  };
}
