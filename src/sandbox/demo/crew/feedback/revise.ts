import { isDeepStrictEqual } from 'node:util';
import { addNote } from '../outputs/note.ts';
import { applyFixes } from './fixes.ts';
import { type ReadFeedback, readExactText, readFeedback } from './read-feedback.ts';
import { EXAMPLES, NO_WISHES, type Wishes, type WishName } from './wishes.ts';

/** Writes the outputs of one task. */
export interface Writer {
  /** Wishes that the writer can follow. */
  possibleWishes: readonly WishName[];
  /** Names of the parts of the output that can be dropped and added again. */
  parts: readonly string[];
  /** Range of the wish `length`; 0 is the first output. */
  lengths: { shortest: number; longest: number };
  write(wishes: Wishes): string | object;
}

const QUOTE_MAX = 300;
const NO_MODEL = 'I am not a model, only a small program of this demo';
const EDITED_TEXT_NOTE = `${NO_MODEL}: I keep a text as a person edited it. Edit it again.`;

/**
 * Writes the next output of a task. `revisions`: feedback on all earlier outputs of this task, oldest first. Wishes add up;
 * a text that a person edited is used as it is. A note in the output names the feedback that it does not follow.
 */
export function revise(writer: Writer, revisions: readonly string[]): string | object {
  const latestFeedback = revisions.at(-1);
  const editedIndex = revisions.findLastIndex((feedback) => readExactText(feedback) !== undefined);
  const text = readExactText(revisions[editedIndex] ?? '');
  if (text !== undefined)
    return editedIndex === revisions.length - 1 ? text : addNote(text, EDITED_TEXT_NOTE);
  const earlierWishes = revisions
    .slice(0, -1)
    .reduce((wishes, feedback) => follow(writer, wishes, feedback).wishes, NO_WISHES);
  if (latestFeedback === undefined) return write(writer, earlierWishes);
  const { wishes, rest: unmatched } = follow(writer, earlierWishes, latestFeedback);
  const output = write(writer, wishes);
  if (unmatched.length > 0) return addNote(output, buildNotFollowedNote(unmatched, writer));
  const isSame = isDeepStrictEqual(output, write(writer, earlierWishes));
  return isSame ? addNote(output, `This feedback changed nothing. ${buildOffer(writer)}`) : output;
}

function write(writer: Writer, wishes: Wishes): string | object {
  return applyFixes(writer.write(wishes), wishes.fixes);
}

function follow(writer: Writer, earlierWishes: Wishes, feedback: string): ReadFeedback {
  const output = write(writer, earlierWishes);
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  const { wishes, rest } = readFeedback(feedback, earlierWishes, { ...writer, text });
  const { shortest, longest } = writer.lengths;
  return { wishes: { ...wishes, length: Math.min(Math.max(wishes.length, shortest), longest) }, rest };
}

function buildNotFollowedNote(unmatched: readonly string[], writer: Writer): string {
  const quotes = unmatched.map((text) => text.replace(/[.,;:]+$/, ''));
  const characters = [...quotes.join(' … ')];
  const quote =
    characters.length > QUOTE_MAX ? `${characters.slice(0, QUOTE_MAX).join('')}…` : characters.join('');
  return `I could not follow “${quote}”. ${buildOffer(writer)}`;
}

function buildOffer(writer: Writer): string {
  return `${NO_MODEL}. You can ask me for: ${listExamples(writer).join(' · ')}.`;
}

/** Lists examples of feedback that a writer follows. */
export function listExamples({ possibleWishes, parts: [part] }: Writer): string[] {
  const examples = possibleWishes.map((name) => EXAMPLES[name]);
  return [...examples, ...(part === undefined ? [] : [`drop the ${part}`]), 'replace … with …'];
}
