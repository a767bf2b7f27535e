import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Files and folders whose texts are checked. */
const CHECKED = ['src', 'README.md', 'SECURITY.md', 'docs', '.github', 'crews.example.yml', '.env.example'];
/** Names under which 0.1.0 stored its records: they stay. */
const STORED_NAMES = 'src/approval/model/stored-names.ts';
const TEXTS = /\.(md|ya?ml|ts|mjs|json|example|service)$/;
/** The words and their replacements are maintained here; its section of banned words is not checked. */
const GUIDE = '.github/CONTRIBUTING.md';
const BANNED_SECTION = /^## Banned words$[\s\S]*?(?=^## |(?![\s\S]))/m;

interface Finding {
  line: number;
  found: string;
}
type Rule = (text: string) => Finding[];

const rules = readRules(readFileSync(GUIDE, 'utf8'));

/** Reads the three tables of banned words. */
function readRules(guide: string): Rule[] {
  const section = BANNED_SECTION.exec(guide)?.[0] ?? '';
  const rows = (heading: string) => {
    const table = section.split(/^### /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
    const cells = [...table.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split('|'));
    return cells.slice(2).map((row) => row.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, a]) => a)));
  };
  const words = (cell: readonly (string | undefined)[] = []) => cell.filter((word) => word !== undefined);
  return [
    ...rows('Words and phrases').map(([banned, allowed]) => phraseRule(words(banned), words(allowed))),
    ...rows('Sentence starts').map(([banned]) => sentenceRule(words(banned))),
    ...rows('Identifiers').map(([banned]) => identifierRule(words(banned))),
  ];
}

/** Finds words and phrases, across line breaks of prose and comments and inside longer identifiers. */
function phraseRule(banned: readonly string[], allowed: readonly string[]): Rule {
  return (text) => {
    const spaced = text.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/_/g, ' ');
    const exempt = matches(spaced, allowed, 'gi').map(({ index, 0: { length } }) => [index, index + length]);
    return matches(spaced, banned, 'gi')
      .filter(({ index }) => !exempt.some(([from = 0, to = 0]) => index >= from && index < to))
      .map((match) => findingOf(spaced, match));
  };
}

/** Finds the capitalized words with which a sentence would begin. */
function sentenceRule(banned: readonly string[]): Rule {
  return (text) => matches(text, banned, 'g').map((match) => findingOf(text, match));
}

/** Finds names of functions and variables; the same words in prose are not names. */
function identifierRule(banned: readonly string[]): Rule {
  const whole = banned.map((word) => word.replace('*', ''));
  const parts = banned.filter((word) => word.endsWith('*')).map((word) => word.replace('*', ''));
  const declared = '(?:\\b(?:const|let|var|function|class)\\s+|[\\w)\\]]\\??\\.)';
  const used = '(?=\\(|\\s*=[^=]|\\s*\\}|\\?:|,[\\s\\w,]*\\})';
  const name = new RegExp(
    `${declared}(?:${whole.join('|')})\\b|(?<![\\w.])(?:${whole.join('|')})\\b${used}`,
    'g',
  );
  return (text) => {
    const compounds = [...text.matchAll(/\b[A-Za-z_$][\w$]*\b/g)].filter(([token]) => {
      const words = token.split(/_|(?<=[a-z\d])(?=[A-Z])/).map((word) => word.toLowerCase());
      return words.length > 1 && words.some((word) => parts.includes(word));
    });
    return [...text.matchAll(name), ...compounds].map((match) => findingOf(text, match));
  };
}

function matches(text: string, phrases: readonly string[], flags: string): RegExpExecArray[] {
  if (phrases.length === 0) return [];
  const gap = '\\s+(?:(?:\\*|//|#|>)\\s+)?';
  const pattern = phrases.map((phrase) => phrase.split(' ').join(gap)).join('|');
  return [...text.matchAll(new RegExp(`(?<![\\w-])(?:${pattern})(?!\\w)`, flags))];
}

function findingOf(text: string, { index, 0: found }: RegExpExecArray): Finding {
  return { line: text.slice(0, index).split('\n').length, found: found.replace(/\s+/g, ' ') };
}

function check(text: string): string[] {
  return rules.flatMap((rule) => rule(text).map(({ found }) => found));
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((file) => statSync(file).isFile() && TEXTS.test(file));
}

describe('the language of the project', () => {
  test.each(CHECKED.flatMap(filesIn).filter((file) => file !== STORED_NAMES))(
    '%s contains no banned word',
    (file) => {
      const whole = readFileSync(file, 'utf8');
      const text = file === GUIDE ? whole.replace(BANNED_SECTION, '') : whole;
      const findings = rules.flatMap((rule) => rule(text));
      expect(findings.map(({ line, found }) => `${file}:${line} ${found}`)).toEqual([]);
    },
  );

  test.each([
    ['Each crew has its door.', 'door'],
    ['const crew = crewAtDoor(response);', 'Door'],
    ['const MOST_TWINS = 5;', 'TWINS'],
    ['CrewAI hangs for a minute.', 'hangs'],
    ['This message is no card.', 'is no'],
    ['/**\n * A name that is\n * no setting.\n */', 'is * no'],
    ['Anyone but guests can decide.', 'Anyone but'],
    ['Kept for so long.', 'for so long'],
    ['Whoever clicked is asked.', 'Whoever'],
    ['await tellOthers(people);', 'tellOthers'],
    ['const { service, tell } = context;', 'tell'],
    ['const isToldOtherwise = true;', 'isToldOtherwise'],
    ['log.error(briefly(error));', 'briefly'],
    ['const crew = must(crews.get(name));', 'must'],
  ])('"%s" is found', (text, found) => {
    expect(check(text)).toEqual([found]);
  });

  test.each([
    'A doorbell in a warehouse: I recommend an amended intelligence of twinkling.',
    'There is no approval with this ID, and it is no longer kept.',
    'The card names whoever decided, but not why; as long as it waits, it must be shown briefly.',
    'Records tell what happened. People were told (see below).',
    'The retelling of storytellers in-house; Slack does not hang up.',
    'const { mustache, foretold } = words;',
  ])('"%s" is not found', (text) => {
    expect(check(text)).toEqual([]);
  });

  test('the guide bans at least 20 words and explains at least 20 terms in one line each', () => {
    const guide = readFileSync(GUIDE, 'utf8');
    const glossary = guide.split(/^## /m).find((part) => part.startsWith('Glossary')) ?? '';
    const terms = [...glossary.matchAll(/^\| (.+?) \| .+ \|$/gm)].slice(1).map(([, term]) => term);
    expect(terms.length).toBeGreaterThanOrEqual(20);
    expect(terms).toEqual(terms.toSorted());
    expect([...(BANNED_SECTION.exec(guide)?.[0] ?? '').matchAll(/`/g)].length).toBeGreaterThan(40);
  });
});
