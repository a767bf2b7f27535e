import { PERSONAS } from '../people.ts';
import { readFix } from './fixes.ts';
import { type Clause, RULES } from './wish-rules.ts';
import type { Wishes, WishName } from './wishes.ts';

export interface ReadFeedback {
  /** The wishes of before, with those of this feedback. */
  wishes: Wishes;
  /** What was asked and is not one of the wishes, as the person wrote it. */
  rest: readonly string[];
}

/** What can be asked of an output. */
export interface Askable {
  follows: readonly WishName[];
  /** Names of what can be dropped from it and added again. */
  parts: readonly string[];
  /** The output that the person read. */
  text: string;
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
const ADDITION = /\b(?:add|include|mention|with|need|needs|want|keep|bring back|missing)\b/i;
const COURTESY =
  /^(?:(?:please|thanks|thank you|hi|hello|hey|and|but|also|good|great|nice|fine|work|job|ok|okay|almost|sorry|looks)\W*)*$/i;

/** The text that the output is to be; undefined where the feedback asks for something else. */
export function readExactText(feedback: string): string | undefined {
  const asked = feedback.replace(REVISION_LINE, '');
  return EXACTLY.test(asked) ? asked.replace(EXACTLY, '') : undefined;
}

/**
 * Reads what a person asked for, in plain English. Takes the feedback as CrewAI received it, and the wishes of the rounds
 * before.
 */
export function readFeedback(feedback: string, before: Wishes, askable: Askable): ReadFeedback {
  const sentences = feedback.replace(REVISION_LINE, '').replace(SPEAKER, '').split(SENTENCE_END).map(cleanUp);
  const read = sentences.map((sentence) => readSentence(sentence, before, askable));
  return {
    wishes: {
      ...Object.assign({ ...before }, ...read.map(({ change }) => change)),
      parts: Object.assign({ ...before.parts }, ...read.map(({ parts }) => parts)),
      fixes: [...before.fixes, ...read.flatMap(({ fix }) => fix ?? [])],
    },
    rest: read.flatMap(({ rest }) => rest),
  };
}

function readSentence(sentence: string, before: Wishes, askable: Askable) {
  const { fix, others } = readFix(sentence, askable.text);
  const clauses = others.split(CLAUSE_END).map(cleanUp);
  const asking = clauses.filter((text) => !COURTESY.test(text));
  const change: Partial<Wishes> = {};
  const parts: Record<string, boolean> = {};
  const missed: string[] = [];
  let asks: boolean | undefined;
  for (const text of asking) {
    const clause = buildClause(text);
    asks = readVerb(clause) ?? (clause.words <= 3 ? asks : undefined);
    const changes = askable.follows
      .map((name) => RULES[name](clause, before))
      .filter((one) => one !== undefined);
    const part = askable.parts.find((name) => new RegExp(`\\b${name}s?\\b`, 'i').test(text));
    Object.assign(change, ...changes);
    if (part !== undefined && asks !== undefined) parts[part] = asks;
    else if (changes.length === 0) missed.push(text);
  }
  // A sentence that is not understood at all is quoted whole: its parts alone say little.
  const rest = missed.length === asking.length && missed.length > 0 ? [cleanUp(others)] : missed;
  return { change, parts, fix, rest };
}

/** True: something is to be added; false: dropped. "The quote and the contact" says it once for both. */
function readVerb({ text, isNegated }: Clause): boolean | undefined {
  if (isNegated) return false;
  return ADDITION.test(text) ? true : undefined;
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
