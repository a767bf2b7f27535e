import { expect } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';

const WHEN = 'the time';

/** Takes the part of a sentence before the time that it names. */
const upToTime = (write: (when: string) => string) => write(WHEN).split(` ${WHEN}`)[0] as string;

/** `by`: the decider's name as the sentence shows it. */
export const alreadyApproved = (by: string) =>
  upToTime((when) => texts.refusals.alreadyDecided({ action: 'approve', option: undefined, by, when }));

/** The sentence of a closed card. `by`: the name as the card shows it. */
export const closedBy = (by: string) => upToTime((when) => texts.state.closed(by, when));

/** Matches a text that contains a sentence or fits a pattern. */
export const saying = (sentence: string | RegExp): unknown =>
  typeof sentence === 'string' ? expect.stringContaining(sentence) : expect.stringMatching(sentence);
