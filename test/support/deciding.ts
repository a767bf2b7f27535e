import { ACTIONS, OPTION_BUTTONS } from '../../src/slack/app/ids.ts';

/** The `action_id` of each button that decides something. A card without one is settled. */
const DECIDING: ReadonlySet<string> = new Set([
  ACTIONS.approve,
  ACTIONS.approveWithText,
  ACTIONS.requestRevision,
  ...OPTION_BUTTONS,
  ACTIONS.chooseFromList,
  ACTIONS.otherAnswer,
  ACTIONS.retry,
  ACTIONS.giveUp,
  ACTIONS.undo,
]);

export const isDeciding = (element: object) =>
  'action_id' in element && DECIDING.has(String(element.action_id));
