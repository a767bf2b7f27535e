import { isDeepStrictEqual } from 'node:util';
import { addNote } from '../outputs/note.ts';
import { applyFixes } from './fixes.ts';
import { type ReadFeedback, readExactText, readFeedback } from './read-feedback.ts';
import { EXAMPLES, NO_WISHES, type Wishes, type WishName } from './wishes.ts';

/** Writes the outputs of one task. */
export interface Writer {
  /** The wishes that it can follow. */
  follows: readonly WishName[];
  /** Names of what can be dropped from its output and added again. */
  parts: readonly string[];
  /** The range of `length`; 0 is the first output. */
  lengths: { shortest: number; longest: number };
  /** Pure. */
  write(wishes: Wishes): string | object;
}

const QUOTE_MAX = 300;
const NO_MODEL = 'I am not a model, only a small program of this demo';
const KEPT_AS_EDITED = `${NO_MODEL}: I keep a text as a person edited it. Edit it again.`;

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
  if (newest === undefined) return write(writer, before);
  const { wishes, rest } = follow(writer, before, newest);
  const output = write(writer, wishes);
  if (rest.length > 0) return addNote(output, buildNotFollowedNote(rest, writer));
  const isSame = isDeepStrictEqual(output, write(writer, before));
  return isSame ? addNote(output, `This feedback changed nothing. ${buildOffer(writer)}`) : output;
}

function write(writer: Writer, wishes: Wishes): string | object {
  return applyFixes(writer.write(wishes), wishes.fixes);
}

function follow(writer: Writer, before: Wishes, feedback: string): ReadFeedback {
  const output = write(writer, before);
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  const { wishes, rest } = readFeedback(feedback, before, { ...writer, text });
  const { shortest, longest } = writer.lengths;
  return { wishes: { ...wishes, length: Math.min(Math.max(wishes.length, shortest), longest) }, rest };
}

function buildNotFollowedNote(rest: readonly string[], writer: Writer): string {
  const asked = rest.map((text) => text.replace(/[.,;:]+$/, ''));
  const letters = [...asked.join(' … ')];
  const quote = letters.length > QUOTE_MAX ? `${letters.slice(0, QUOTE_MAX).join('')}…` : letters.join('');
  return `I could not follow “${quote}”. ${buildOffer(writer)}`;
}

function buildOffer(writer: Writer): string {
  return `${NO_MODEL}. You can ask me for: ${listExamples(writer).join(' · ')}.`;
}

/** How a person can say what this task follows. */
export function listExamples({ follows, parts: [part] }: Writer): string[] {
  const examples = follows.map((name) => EXAMPLES[name]);
  return [...examples, ...(part === undefined ? [] : [`drop the ${part}`]), 'replace … with …'];
}
