/** Button on the Home tab and below lists, and *Next* in the form. */
export const SEVERAL_ACTIONS = { decideSeveral: 'decide_several' } as const;

export const SEVERAL_FORM = 'approve_several';

/** Checkbox of one approval. Slack keeps the input of a block with the same id, even on the next page. */
export const SELECTED = 'selected';
export const selectBlock = (target: string) => `select:${target}`;
