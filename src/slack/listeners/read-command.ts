import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { ListQuery } from '../../approval/queries/look-up.ts';
import { parseDuration } from '../../lib/duration.ts';
import { findNearest } from '../../lib/edit-distance.ts';
import type { SlackApp } from '../slack-app.ts';
import type { Sentence } from '../texts/texts.ts';
import type { HelpRow } from '../views/lists/help.ts';
import { suggestCommand } from '../views/text/sentences.ts';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** A feature's command. */
export type FeatureCommandRun = (app: SlackApp, args: CommandArgs) => Promise<void>;

/** A command of a feature, `/approvals <word> …`. */
export interface FeatureCommand extends HelpRow {
  /** In English, then in the other languages without accents. */
  words: readonly [string, ...string[]];
  /** Reads the words after the command: a function to run, or a sentence about the mistake, with an example that works. Pure. */
  read: (words: readonly string[], command: string) => { run: FeatureCommandRun } | { wrong: Sentence };
}

/** The words after `/approvals`, understood. */
export type Command =
  /** `named`: a person who was typed instead of chosen from Slack's list. */
  | { kind: 'list'; query: ListQuery; named?: string }
  /** `decides`: a decision was typed, which only buttons make. */
  | { kind: 'look'; id: string; nearest?: string; decides?: true }
  | { kind: 'status'; id: string }
  | { kind: 'feature'; run: FeatureCommandRun }
  | { kind: 'runs'; crew?: string; mine: boolean }
  | { kind: 'help' }
  /** `sentence`: what is wrong, with an example that works. */
  | { kind: 'wrong'; sentence: Sentence };

const COMMANDS = ['waiting', 'find', 'history', 'status', 'runs', 'help'] as const;
type CommandName = (typeof COMMANDS)[number];

/** The words of the other languages, without accents. None has two meanings. */
const WORDS: Readonly<Record<string, CommandName | 'mine' | 'since'>> = {
  esperando: 'waiting',
  minhas: 'mine',
  mias: 'mine',
  buscar: 'find',
  historico: 'history',
  historial: 'history',
  desde: 'since',
  estado: 'status',
  execucoes: 'runs',
  ejecuciones: 'runs',
  ajuda: 'help',
  ayuda: 'help',
};

/** Decisions could be typed in earlier versions. */
const DECISIONS: ReadonlySet<string> = new Set([
  ...['approve', 'revise', 'choose'],
  ...['aprovar', 'aprobar', 'revisar', 'escolher', 'elegir'],
]);

/** A word of a command in English, whatever its language and case. */
function readWord(typed: string): string {
  const plain = plainWord(typed);
  return Object.hasOwn(WORDS, plain) ? (WORDS[plain] as string) : typed.toLowerCase();
}

/** True if a person typed one of these words: the first is English, the others are compared without accents. */
export function isWord(typed: string, [english, ...others]: FeatureCommand['words']): boolean {
  return typed.toLowerCase() === english || others.includes(plainWord(typed));
}

/** In small letters, without accents. */
export function plainWord(typed: string): string {
  return typed.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}

const MAX_WORDS_LENGTH = 200;
const MENTION = /^<@([A-Z0-9]{1,30})(?:\|[^>]*)?>$/;
/** As Slack copies the id; the name of a crew may be in capitals too. */
const MEMBER_ID = /^@?([UW](?=[A-Z0-9]*\d)[A-Z0-9]{7,29})$/;
/** Longest id, in characters. */
const MAX_ID = 255;

/** Mentions and channels as Slack escapes them; their labels may contain spaces. */
const ESCAPED = /<([@#])([A-Z0-9]{1,30})\|[^<>]*>/g;

/** Restores the text of a command as it was typed: Slack escapes three characters (`should_escape`). */
function unescapeText(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

/** Reads the text of a slash command. Pure; `now` in milliseconds since 1970. */
export function readCommand(
  typedText: string,
  now: number,
  command = '/approvals',
  features: readonly FeatureCommand[] = [],
): Command {
  const text = unescapeText(typedText.replace(ESCAPED, '<$1$2>'));
  const words = text
    .trim()
    .replace(/^`+|`+$/g, '')
    .split(/\s+/)
    .filter(Boolean);
  const [firstWord = '', ...otherWords] = words;
  if (firstWord === '') return { kind: 'list', query: { kind: 'waiting' } };
  if (readWord(firstWord) === 'mine') return readWaiting(words);
  const name = COMMANDS.find((command) => command === readWord(firstWord));
  if (name) return readNamed(name, otherWords, now);
  if (DECISIONS.has(plainWord(firstWord))) return readTypedDecision(otherWords);
  const feature = features.find(({ words }) => isWord(firstWord, words));
  if (feature) {
    const result = feature.read(otherWords, command);
    return 'wrong' in result ? rejectCommand(result.wrong) : { kind: 'feature', run: result.run };
  }
  const names = COMMANDS.flatMap((name) => [
    name,
    ...features.filter(({ after }) => after === name).map(({ words: [english] }) => english),
  ]);
  const nearest = findNearest(firstWord.toLowerCase().slice(0, 20), names)[0];
  if (otherWords.length === 0)
    return { kind: 'look', id: firstWord.slice(0, MAX_ID + 1), ...(nearest ? { nearest } : {}) };
  return rejectCommand((texts) => `${texts.refusals.unknownCommand}${suggestCommand(texts, nearest)}`);
}

/** The approval that a decision was typed for, without the number of its round. */
function readTypedDecision([typedId = '']: readonly string[]): Command {
  const id = typedId.replace(/`|\.\d{1,6}`?$/g, '').slice(0, MAX_ID + 1);
  return id === ''
    ? rejectCommand(({ refusals }) => refusals.onlyButtonsDecide)
    : { kind: 'look', id, decides: true };
}

function readNamed(name: CommandName, words: string[], now: number): Command {
  const [typedId = ''] = words;
  switch (name) {
    case 'waiting':
      return readWaiting(words);
    case 'history':
      return readHistory(words, now);
    case 'find':
      return readFind(words);
    case 'status':
      return words.length === 1
        ? { kind: 'status', id: typedId.replace(/`/g, '').slice(0, MAX_ID + 1) }
        : rejectCommand(({ refusals }) => refusals.wrongStatus);
    case 'runs': {
      const filter = readCrewAndMine(words);
      return filter
        ? { kind: 'runs', mine: false, ...filter }
        : rejectCommand(({ refusals }) => refusals.wrongRun);
    }
    case 'help':
      return { kind: 'help' };
  }
}

function readWaiting(words: readonly string[]): Command {
  const filter = readCrewAndMine(words);
  return filter
    ? { kind: 'list', query: { kind: 'waiting', ...filter } }
    : rejectCommand(({ refusals }) => refusals.wrongCrew);
}

/** Reads `[crew] [mine]`; undefined with more than one crew. */
function readCrewAndMine(words: readonly string[]): { crew?: string; mine?: true } | undefined {
  const [crew, ...otherCrews] = words.filter((word) => readWord(word) !== 'mine');
  if (otherCrews.length > 0) return undefined;
  const mine = words.length > (crew ? 1 : 0);
  return { ...(crew ? { crew } : {}), ...(mine ? { mine } : {}) };
}

function readFind(typedWords: readonly string[]): Command {
  if (typedWords.length === 0) return rejectCommand(({ refusals }) => refusals.nothingToFind);
  // A bare word in capitals may be anything.
  const people = typedWords.filter((word) => /^<?@/.test(word) && readTypedPerson(word) !== undefined);
  if (people.length > 1) return rejectCommand(({ refusals }) => refusals.wrongFind);
  const { id, name } = readTypedPerson(people[0] ?? '') ?? {};
  const words = typedWords
    .filter((word) => !people.includes(word))
    .join(' ')
    .slice(0, MAX_WORDS_LENGTH)
    .toWellFormed();
  const query: ListQuery = { kind: 'find', words, ...(id === undefined ? {} : { person: id }) };
  return { kind: 'list', query, ...(name === undefined ? {} : { named: name }) };
}

/** Reads a person's id, or a name that identifies nobody; undefined for any other word. */
export function readTypedPerson(word: string): { id?: string; name?: string } | undefined {
  const [, id] = MENTION.exec(word) ?? MEMBER_ID.exec(word) ?? [];
  if (id !== undefined) return { id };
  return word.startsWith('@') ? { name: word.slice(1) } : undefined;
}

function readHistory(words: readonly string[], now: number): Command {
  const query: Extract<ListQuery, { kind: 'history' }> = { kind: 'history' };
  let unknownName: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string;
    const { id, name } = readTypedPerson(word) ?? {};
    if (readWord(word) === 'since') {
      const since = readSince(words.slice(index + 1), now);
      if (!since) return rejectCommand(({ refusals }) => refusals.wrongTime);
      query.since = since.at;
      index += since.words;
    } else if (id !== undefined) query.person = id;
    else if (name !== undefined) unknownName = name;
    else if (query.crew === undefined) query.crew = word;
    else return rejectCommand(({ refusals }) => refusals.wrongHistory);
  }
  return {
    kind: 'list',
    query,
    ...(unknownName === undefined || query.person ? {} : { named: unknownName }),
  };
}

/** Reads a duration before now, or a date; `words`: how many words it takes. */
function readSince([first = '', second = '']: readonly string[], now: number) {
  const oneWordDuration = parseDuration(translateUnit(first));
  if (oneWordDuration !== undefined) return { at: now - oneWordDuration, words: 1 };
  const twoWordDuration = parseDuration(translateUnit(`${first} ${second}`));
  if (twoWordDuration !== undefined) return { at: now - twoWordDuration, words: 2 };
  const date = readDate(first);
  return date === undefined ? undefined : { at: date, words: 1 };
}

/** A date (YYYY-MM-DD) that the calendar has; its beginning in UTC. */
export function readDate(text: string): number | undefined {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(date) && new Date(date).toISOString().startsWith(text) ? date : undefined;
}

/** A time in Portuguese or Spanish, with its unit in English. */
export function translateUnit(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  return plain.replace(
    /\b(dia|semana|hora|minuto|ano)s?$/i,
    (unit) => UNITS[unit.charAt(0).toLowerCase()] ?? unit,
  );
}
const UNITS: Readonly<Record<string, string>> = { d: 'd', s: 'w', h: 'h', m: 'min', a: 'y' };

function rejectCommand(sentence: Sentence): Command {
  return { kind: 'wrong', sentence };
}
