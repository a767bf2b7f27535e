import type { Feature } from '../../slack/feature.ts';
import { mapById } from '../../slack/listeners/click.ts';
import { button } from '../../slack/views/text/elements.ts';
import { SEVERAL_ACTIONS, SEVERAL_FORM } from './ids.ts';
import { isApprovable } from './list-approvable.ts';
import { openSeveral, submitSeveral } from './listeners.ts';
import { severalTexts } from './texts.ts';

/** *Decide several…*: up to ten whole texts in one form, each with a checkbox. Each selected approval gets its own decision. */
export const several: Feature = {
  clicks: mapById(SEVERAL_ACTIONS, { decideSeveral: { onClick: openSeveral } }),
  submissions: { [SEVERAL_FORM]: submitSeveral },
  home: (texts, { waiting }) =>
    waiting.filter(({ approval }) => isApprovable(approval)).length > 1
      ? [button(SEVERAL_ACTIONS.decideSeveral, severalTexts(texts).open, 'first')]
      : [],
};
