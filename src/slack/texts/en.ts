/**
 * Every sentence that people read in Slack, in English. A function gets its values ready to be shown (escaped names,
 * mentions, formatted dates) and gives a whole sentence: nothing here is joined from fragments, so that it can be
 * translated. Mentions, links and dates are written by the views.
 */
export const en = {
  /** Why something was not done, for the person who tried. */
  refusals: {},

  /** The card of a round. */
  card: {},

  /** Notes in the thread of a card, and direct messages about it. */
  notes: {},

  /** The message of a run that was started from Slack, and its notes. */
  runs: {},

  /** Why CrewAI did not take a decision or a start. */
  crewai: {},

  /** Buttons, menu entries and what they ask before they act. */
  actions: {},

  /** Modals in which people decide, and the form that starts a run. */
  forms: {},

  /** Details and whole outputs. */
  reading: {},

  /** The Home tab, lists, look-ups and figures. */
  lists: {},

  /** What the slash command answers. */
  command: {},

  /** What operators read in OPS_CHANNEL, and a channel about runs without a card. */
  alerts: {},
};

export type Texts = typeof en;
