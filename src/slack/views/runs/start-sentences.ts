import type { StartRefusal } from '../../../approval/kickoffs/can-start.ts';
import { escapeLine } from '../text/escape.ts';

/** Why a person cannot start a run. */
export function describeStartRefusal(refusal: StartRefusal): string {
  switch (refusal.code) {
    case 'unknown_crew':
      return `I found no crew "${escapeLine(refusal.crew, 64)}" that can be started. Without a name you can choose one.`;
    case 'nothing_to_start':
      return 'No crew can be started from Slack: none has a URL in the settings.';
    case 'no_public_url':
      return 'This cannot be started from Slack: CrewAI does not know where to report to. Ask the person who runs this bot to set PUBLIC_URL.';
    case 'not_starter':
      return 'You may not start this crew. Ask the person who runs this bot to add you to its starters.';
    case 'guest':
      return 'Guests and external users cannot start a crew here.';
    case 'not_member':
      return 'Only members of its channel can start this crew.';
    case 'cannot_check':
      return 'I cannot check right now whether you may start this. Please try again in a minute.';
  }
}

export const NOT_STARTED =
  'I could not reach my store, so nothing was started. Please try again in a moment.';
export const PERHAPS_STARTED =
  'My store did not answer in time, so I cannot say whether this was started. The channel will show it.';
export const FORM_LOST = 'This form cannot be read any more. Please open it again.';
export const RUN_LOST = 'I did not find this run any more.';
export const NO_FORM = 'Slack did not open the form, so nothing was started. Please try again.';
export const INPUT_MISSING = 'Please fill this in.';
export const NOT_AN_OBJECT = 'This must be a JSON object, such as {"topic": "rain jackets"}.';
export const NOT_EXACT =
  'A number here has too many digits, or a name stands twice. Please write the number as a text.';
export const NO_ID = 'Please leave out "id": CrewAI gives each run its own.';
