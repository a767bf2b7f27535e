import { PERSONAS } from '../people.ts';
import { readFix } from './fixes.ts';
import { type Clause, RULES } from './wish-rules.ts';
import type { Wishes, WishName } from './wishes.ts';

export interface ReadFeedback {
  /** Wishes of earlier rounds, updated by this feedback. */
  wishes: Wishes;
  /** Requests that match no wish, as the person wrote them. */
  rest: readonly string[];
}

/** An output and the feedback that the demo crew understands for it. */
export interface CommentedOutput {
  possibleWishes: readonly WishName[];
  /** Names of the parts that can be dropped and added again. */
  parts: readonly string[];
  /** Output that the person read. */
  text: string;
}

/** First line of the bot's feedback on the live dialect: it instructs the model and is not a wish. */
const REVISION_LINE = /^This output is not accepted\.[^\n]*:\n\n/;
/** Name before each reply, if replies in the thread are used as feedback. */
const SPEAKER = new RegExp(`^(?:${PERSONAS.map(({ name }) => name).join('|')}): `, 'gm');
/** Line of the bot before a text that a person edited. */
const EXACT_TEXT_LINE = /^Use exactly this text, word for word:\n\n/;
const SENTENCE_END = /(?<=[.!?])\s+|\n+/;
const CLAUSE_END = /[,;:.!?]+(?=\s|$)|\s+(?:and|but|plus|then|also|&|\+|-|–|—)\s+/i;
const NEGATION =
  /\b(?:no|not|never|without|remove|drop|omit|skip|delete|leave out|take out|(?:do|does|should|must|is|are)n['’]?t)\b/i;
/** Negations that ask to add a part: "there is no price" and "you don't name the price". */
const LACK =
  /\b(?:there(?:['’]s| is| are|['’]re) no|(?:has|have|see|find) no|(?:you|we|they|it|i|text) (?:do|does|did|can|could)(?: not|n['’]?t) \w+)\b/gi;
const ADDITION = /\b(?:add|include|mention|with|need|needs|want|keep|bring back|missing)\b/i;
const COURTESY =
  /^(?:(?:please|thanks|thank you|hi|hello|hey|and|but|also|good|great|nice|fine|work|job|ok|okay|almost|sorry|looks)\W*)*$/i;

/** Reads the edited text that CrewAI must use as output; undefined if the feedback has no such text. */
export function readExactText(feedback: string): string | undefined {
  const request = feedback.replace(REVISION_LINE, '');
  return EXACT_TEXT_LINE.test(request) ? request.replace(EXACT_TEXT_LINE, '') : undefined;
}

/** Reads the wishes in plain English feedback. `feedback`: as CrewAI received it. */
export function readFeedback(feedback: string, earlierWishes: Wishes, output: CommentedOutput): ReadFeedback {
  const sentences = feedback.replace(REVISION_LINE, '').replace(SPEAKER, '').split(SENTENCE_END).map(cleanUp);
  const readings = sentences.map((sentence) => readSentence(sentence, earlierWishes, output));
  return {
    wishes: {
      ...Object.assign({ ...earlierWishes }, ...readings.map(({ change }) => change)),
      parts: Object.assign({ ...earlierWishes.parts }, ...readings.map(({ parts }) => parts)),
      fixes: [...earlierWishes.fixes, ...readings.flatMap(({ fix }) => fix ?? [])],
    },
    rest: readings.flatMap(({ rest }) => rest),
  };
}

function readSentence(sentence: string, earlierWishes: Wishes, output: CommentedOutput) {
  const { fix, others } = readFix(sentence, output.text);
  const clauses = others.split(CLAUSE_END).map(cleanUp);
  const requests = clauses.filter((text) => !COURTESY.test(text));
  const change: Partial<Wishes> = {};
  const parts: Record<string, boolean> = {};
  const unmatched: string[] = [];
  let isAdded: boolean | undefined;
  for (const text of requests) {
    const clause = buildClause(text);
    // "Drop the quote and the contact" has one verb for two parts: a short clause repeats the verb before it.
    isAdded = readVerb(clause) ?? (clause.words <= 3 ? isAdded : undefined);
    const changes = output.possibleWishes
      .map((name) => RULES[name](clause, earlierWishes))
      .filter((ruleChange) => ruleChange !== undefined);
    const part = output.parts.find((name) => new RegExp(`\\b${name}s?\\b`, 'i').test(text));
    Object.assign(change, ...changes);
    if (part !== undefined && isAdded !== undefined) parts[part] = isAdded;
    else if (changes.length === 0) unmatched.push(text);
  }
  // A sentence without any understood clause is quoted whole: its clauses alone say little.
  const unmatchedRequests =
    unmatched.length === requests.length && unmatched.length > 0 ? [cleanUp(others)] : unmatched;
  return { change, parts, fix, rest: unmatchedRequests };
}

/** True if the clause asks to add, false if to drop; undefined if it has neither verb nor negation. */
function readVerb({ text, isNegated }: Clause): boolean | undefined {
  if (isNegated) return false;
  return ADDITION.test(text) ? true : undefined;
}

function buildClause(clauseText: string): Clause {
  const text = clauseText
    .replace(LACK, 'missing')
    // "No longer" is a limit if "than" follows, and otherwise a "not".
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
