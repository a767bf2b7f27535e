/** On the Home tab, below lists, and *Next* in its form. */
export const SEVERAL_ACTIONS = { decideSeveral: 'decide_several' } as const;

export const SEVERAL_FORM = 'approve_several';

/** Whether one of several approvals is selected. Slack keeps what is entered in a block of the same id, also on the next page. */
export const SELECTED = 'selected';
export const selectBlock = (target: string) => `select:${target}`;
