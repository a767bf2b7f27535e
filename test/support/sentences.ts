import { expect } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';

const WHEN = 'the time';

/** How a sentence begins, before the time that it names. */
const upToTime = (write: (when: string) => string) => write(WHEN).split(` ${WHEN}`)[0] as string;

/** `by`: as the sentence names them. */
export const alreadyApproved = (by: string) =>
  upToTime((when) => texts.refusals.alreadyDecided({ action: 'approve', option: undefined, by, when }));

/** What the card says. `by`: as it names them. */
export const closedBy = (by: string) => upToTime((when) => texts.state.closed(by, when));

/** Matches what contains a sentence as it is written, or fits a pattern. */
export const saying = (sentence: string | RegExp): unknown =>
  typeof sentence === 'string' ? expect.stringContaining(sentence) : expect.stringMatching(sentence);
