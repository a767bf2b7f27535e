import type { ViewSubmitAction } from '@slack/bolt';
import { ASSIGNEE, FEEDBACK, OPTION, PEOPLE_NOTE } from '../../app/ids.ts';
import type { Typed } from '../../views/modals/decision-modals.ts';

/** What a person typed and chose in a modal. */
export interface Entered extends Typed {
  assignee: string;
  /** The index of the chosen option of a Flow; -1 without one. */
  option: number;
  /** The modal has announced that its text stays in the thread. */
  forPeople: boolean;
}

export function readEntered(view: ViewSubmitAction['view']): Entered {
  const field = ({ block, action }: { block: string; action: string }) => view.state.values[block]?.[action];
  return {
    feedback: field(FEEDBACK)?.value ?? '',
    note: field(PEOPLE_NOTE)?.value?.trim() ?? '',
    assignee: field(ASSIGNEE)?.selected_user ?? '',
    option: Number(field(OPTION)?.selected_option?.value ?? -1),
    forPeople: !(PEOPLE_NOTE.block in view.state.values),
  };
}
