import { PERSONAS } from '../people.ts';
import { type Clause, RULES } from './wish-rules.ts';
import type { Wishes, WishName } from './wishes.ts';

export interface ReadFeedback {
  /** The wishes of before, with those of this feedback. */
  wishes: Wishes;
  /** What was asked and is not one of the wishes, as the person wrote it. */
  rest: readonly string[];
}

/** On the live dialect the bot sends this line first: it instructs the model, and asks for no change. */
const REVISION_LINE = /^This output is not accepted\.[^\n]*:\n\n/;
/** Who said it, where replies are used as feedback. */
const SPEAKER = new RegExp(`^(?:${PERSONAS.map(({ name }) => name).join('|')}): `, 'gm');
/** How the bot asks for a text that a person edited. */
const EXACTLY = /^Use exactly this text, word for word:\n\n/;
const SENTENCE_END = /(?<=[.!?])\s+|\n+/;
const CLAUSE_END = /[,;:.!?]+(?=\s|$)|\s+(?:and|but|plus|then|also|&|\+|-|–|—)\s+/i;
const NEGATION =
  /\b(?:no|not|never|without|remove|drop|omit|skip|delete|leave out|take out|(?:do|does|should|must|is|are)n['’]?t)\b/i;
/** "There is no price" and "you don't name the price" ask for one. */
const LACK =
  /\b(?:there(?:['’]s| is| are|['’]re) no|(?:has|have|see|find) no|(?:you|we|they|it|i|text) (?:do|does|did|can|could)(?: not|n['’]?t) \w+)\b/gi;
const COURTESY =
  /^(?:(?:please|bitte|thanks|thank you|hi|hello|hey|and|but|also|good|great|nice|fine|work|job|ok|okay|almost|sorry|looks)\W*)*$/i;

/** The text that the output is to be; undefined where the feedback asks for something else. */
export function readExactText(feedback: string): string | undefined {
  const asked = feedback.replace(REVISION_LINE, '');
  return EXACTLY.test(asked) ? asked.replace(EXACTLY, '') : undefined;
}

/**
 * Reads what a person asked for, in plain English. Takes the feedback as CrewAI received it, the wishes of the rounds
 * before, and the wishes that the task can follow.
 */
export function readFeedback(feedback: string, before: Wishes, known: readonly WishName[]): ReadFeedback {
  const sentences = feedback.replace(REVISION_LINE, '').replace(SPEAKER, '').split(SENTENCE_END).map(cleanUp);
  const read = sentences.map((sentence) => readSentence(sentence, before, known));
  return {
    wishes: Object.assign({ ...before }, ...read.map(({ change }) => change)),
    rest: read.flatMap(({ rest }) => rest),
  };
}

function readSentence(sentence: string, before: Wishes, known: readonly WishName[]) {
  const clauses = sentence.split(CLAUSE_END).map(cleanUp);
  const asking = clauses.filter((text) => !COURTESY.test(text));
  const read = asking.map((text) => ({ text, change: readClause(text, before, known) }));
  const missed = read.filter(({ change }) => change === undefined).map(({ text }) => text);
  // A sentence that is not understood at all is quoted whole: its parts alone say little.
  const rest = missed.length === asking.length && missed.length > 0 ? [sentence] : missed;
  return { change: Object.assign({}, ...read.map(({ change }) => change)) as Partial<Wishes>, rest };
}

/** Gives what the clause changes; undefined if no known wish is in it. */
function readClause(text: string, before: Wishes, known: readonly WishName[]): Partial<Wishes> | undefined {
  const clause = buildClause(text);
  const changes = known.map((name) => RULES[name](clause, before)).filter((change) => change !== undefined);
  return changes.length > 0 ? Object.assign({}, ...changes) : undefined;
}

function buildClause(given: string): Clause {
  const text = given
    .replace(LACK, 'missing')
    // "No longer" is a limit before "than", and a "not" everywhere else.
    .replace(/\bno longer than\b/gi, 'not long')
    .replace(/\bno longer\b/gi, 'not');
  return { text, words: text.split(/\s+/).length, isNegated: NEGATION.test(text) };
}

function cleanUp(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/^[-*•]\s/, '')
    .trim();
}
