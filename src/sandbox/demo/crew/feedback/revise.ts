import { isDeepStrictEqual } from 'node:util';
import { addNote } from '../outputs/note.ts';
import { type ReadFeedback, readExactText, readFeedback } from './read-feedback.ts';
import { EXAMPLES, NO_WISHES, type Wishes, type WishName } from './wishes.ts';

/** Writes the outputs of one task. */
export interface Writer {
  /** The wishes that it can follow. */
  follows: readonly WishName[];
  /** The range of `length`; 0 is the first output. */
  lengths: { shortest: number; longest: number };
  /** Gives the output; `note` is what the crew has to say about it. Pure. */
  write(wishes: Wishes, note: string | undefined): string | object;
}

const QUOTE_MAX = 300;
const KEPT_AS_EDITED =
  'I am not a model, only a small program of this demo: I keep a text as a person edited it. Edit it again.';

/**
 * Writes the next output of a task. Takes the feedback on each output of this task so far, the oldest first: wishes
 * add up, and a text that a person edited is used as it is. What cannot be followed is said in the output. Pure.
 */
export function revise(writer: Writer, revisions: readonly string[]): string | object {
  const newest = revisions.at(-1);
  const edited = revisions.findLastIndex((feedback) => readExactText(feedback) !== undefined);
  const text = readExactText(revisions[edited] ?? '');
  if (text !== undefined) return edited === revisions.length - 1 ? text : addNote(text, KEPT_AS_EDITED);
  const before = revisions
    .slice(0, -1)
    .reduce((wishes, feedback) => follow(writer, wishes, feedback).wishes, NO_WISHES);
  if (newest === undefined) return writer.write(before, undefined);
  const { wishes, rest } = follow(writer, before, newest);
  if (rest.length > 0) return writer.write(wishes, buildNotFollowedNote(rest, writer));
  const output = writer.write(wishes, undefined);
  const isSame = isDeepStrictEqual(output, writer.write(before, undefined));
  return isSame ? writer.write(wishes, `This feedback changed nothing. ${buildOffer(writer)}`) : output;
}

function follow({ follows, lengths }: Writer, before: Wishes, feedback: string): ReadFeedback {
  const { wishes, rest } = readFeedback(feedback, before, follows);
  const length = Math.min(Math.max(wishes.length, lengths.shortest), lengths.longest);
  return { wishes: { ...wishes, length }, rest };
}

function buildNotFollowedNote(rest: readonly string[], writer: Writer): string {
  const asked = rest.map((text) => text.replace(/[.,;:]+$/, ''));
  const letters = [...asked.join(' … ')];
  const quote = letters.length > QUOTE_MAX ? `${letters.slice(0, QUOTE_MAX).join('')}…` : letters.join('');
  return `I could not follow “${quote}”. ${buildOffer(writer)}`;
}

function buildOffer({ follows }: Writer): string {
  return `I am not a model, only a small program of this demo. You can ask me for: ${listExamples(follows).join(' · ')}.`;
}

/** How a person can say each of these wishes. */
export function listExamples(follows: readonly WishName[]): string[] {
  return follows.map((name) => EXAMPLES[name]);
}
