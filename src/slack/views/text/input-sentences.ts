import { escapeLine } from './escape.ts';

/** A modal was submitted without its text. */
export const FEEDBACK_MISSING = 'Please say what should change.';
export const ANSWER_MISSING = 'Please write an answer.';
export const CHOICE_NOTE_MISSING = 'Please write a note, or click the option on the card instead.';
export const NOTE_MISSING = 'Please write a note, or click Approve instead.';

/** Why a typed command was not carried out, each with an example that works. */
export const WRONG_CREW = 'Name one crew at most: `waiting press mine`.';
export const WRONG_RUN = 'Name one crew at most: `run press`, `runs press mine`.';
export const WRONG_FIND = 'Give at most one @person, and words: `find @ana budget`.';
export const WRONG_HISTORY = 'Give at most one crew, one @person and `since`: `history press @ana since 7d`.';
export const WRONG_STATUS = 'Type the ID of one run: `status 97eba64f`. Its first six characters are enough.';
export const NOTHING_TO_FIND = 'Say what to find: `find budget`.';
export const WRONG_TIME = 'Say since when: `since 7d`, `since 2 weeks` or `since 2026-01-31`.';

export function describeUnknownCommand(nearest: string | undefined): string {
  return `I do not know this command.${suggestCommand(nearest)}`;
}

/** Follows a sentence; empty without a similar command. */
export function suggestCommand(nearest: string | undefined): string {
  return nearest ? ` Did you mean \`${nearest}\`?` : '';
}

/** For `choose` without an option. */
export function describeMissingOption(command: string): string {
  return `Name the approval and one of its options: \`${command} choose 7XK2M9QD4TRW8HZC publish\`.`;
}

/** For `choose` with an option that the Flow does not offer. */
export function describeUnknownOption(typed: string, options: readonly string[]): string {
  const named = options.slice(0, 10).map((option) => `"${escapeLine(option, 75)}"`);
  const offered =
    named.length > 0 ? `It has ${named.join(', ')}.` : 'It has no options: use *Other answer…* on its card.';
  return `"${escapeLine(typed, 75)}" is not one of its options, so nothing was recorded. ${offered}`;
}

/** `verb`: `approve`, `revise` or `choose`. */
export function describeMissingId(command: string, verb: string): string {
  return `Name the approval by its id, as \`${command}\` shows it: \`${verb} 7XK2M9QD4TRW8HZC\`.`;
}

export function describeWrongDays(most: number): string {
  return `Give a number of days, at most ${most}: \`stats 7d\` or \`stats 30d\`.`;
}

export function describeAmbiguousId(id: string): string {
  return `More than one approval begins with "${escapeLine(id, 20)}": please type more of the id.`;
}

export function describeLongNote(most: number): string {
  return `The note is longer than ${most} characters, so nothing was recorded.`;
}

/** Follows the refusal of a typed decision on an older round: how to see and approve the current one. */
export function describeCurrentRound(id: string, round: number, command: string): string {
  return `\`${command} ${id}\` shows it, \`${command} approve ${id}.${round}\` approves it.`;
}
