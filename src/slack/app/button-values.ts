import { z } from 'zod';
import { type Approval, findRound } from '../../approval/model/approval.ts';
import { LANGUAGES, type Language } from '../../approval/model/crew/language.ts';
import { readFingerprint } from '../../approval/model/round.ts';
import { type DecisionPlace, type DrawnPlace, PLACES, SHORT_HASH_LENGTH } from '../../approval/model/seen.ts';
import { listQuerySchema } from '../../approval/queries/look-up.ts';
import type { CardClick, Target } from '../../approval/read-round.ts';
import type { Texts } from '../texts/texts.ts';

/** The round that a button's value names, and what the button's place shows. */
export type ButtonTarget = Pick<Target, 'approvalId' | 'round' | 'output' | 'drawn'>;

/** Writes a button's value or a modal's private_metadata: the round and its output, and the card on which the modal was opened. */
export function writeTarget({
  approvalId,
  round,
  output,
  drawn,
  openedOn,
}: ButtonTarget & Pick<Target, 'openedOn'>): string {
  const target = `${approvalId}.${round}${output ? `.${output}` : ''}${drawn ? `/${writeDrawn(drawn)}` : ''}`;
  return openedOn ? `${target}@${writeCardClick(openedOn)}` : target;
}

/** Letters of the places and languages in values. A letter never gets another meaning: cards with it stay in channels. */
const PLACE_LETTERS: Readonly<Record<DecisionPlace, string>> = {
  card: 'c',
  home: 'h',
  list: 'l',
  look_up: 'u',
  several: 's',
  last_page: 'p',
  thread: 't',
};
const LANGUAGE_LETTERS: Readonly<Record<Language, string>> = { en: 'e', 'pt-BR': 'p', es: 's' };

/** Writes what a place shows: "ceVq3kXW0a9fQz.15i.1aao!" is a card in English with 1,494 of 60,000 characters, and a confirmation. */
function writeDrawn({ place, language, hash = '', part, pages, asked }: DrawnPlace): string {
  const figures = part ? `.${part.shown.toString(36)}.${part.of.toString(36)}` : '';
  const pageCount = pages === undefined ? '' : `*${pages.toString(36)}`;
  return `${PLACE_LETTERS[place]}${LANGUAGE_LETTERS[language]}${hash}${figures}${pageCount}${asked ? '!' : ''}`;
}

const DRAWN = new RegExp(
  `^(.)(.)([\\w-]{${SHORT_HASH_LENGTH}})?(?:\\.([0-9a-z]{1,8})\\.([0-9a-z]{1,8}))?(?:\\*([0-9a-z]{1,4}))?(!)?$`,
);

/** Reads what `writeDrawn` wrote; undefined for any other text. */
function readDrawn(text: string): DrawnPlace | undefined {
  const [, placeLetter, languageLetter, hash, shownText, ofText, pages, asked] = DRAWN.exec(text) ?? [];
  const place = PLACES.find((name) => PLACE_LETTERS[name] === placeLetter);
  const language = LANGUAGES.find((code) => LANGUAGE_LETTERS[code] === languageLetter);
  const part = { shown: Number.parseInt(shownText ?? '0', 36), of: Number.parseInt(ofText ?? '0', 36) };
  if (!place || !language || part.shown > part.of) return undefined;
  return {
    place,
    language,
    ...(hash === undefined ? {} : { hash }),
    ...(shownText === undefined ? {} : { part }),
    ...(pages === undefined ? {} : { pages: Number.parseInt(pages, 36) }),
    ...(asked === undefined ? {} : { asked: true as const }),
  };
}

function writeCardClick({ at, by, channel, ts }: CardClick): string {
  return [Math.floor(at), by, channel, ts].join(',');
}

/** Adds the language of a form to its private_metadata: an answer to the form is in that language, whatever process gives it. */
export function appendLanguage({ language }: Texts, metadata: string): string {
  return `${metadata}~${language}`;
}

/** Reads what `appendLanguage` wrote; a form of an earlier version has no language. */
export function readLanguage(formMetadata: string): { metadata: string; language?: Language } {
  const separator = formMetadata.lastIndexOf('~');
  const language = LANGUAGES.find((code) => separator !== -1 && code === formMetadata.slice(separator + 1));
  return language ? { metadata: formMetadata.slice(0, separator), language } : { metadata: formMetadata };
}

/** The target of a round, with the fingerprint of its output. */
export function buildTarget(approval: Approval, round: number): Target {
  const shownRound = findRound(approval, round);
  return { approvalId: approval.id, round, ...(shownRound ? { output: readFingerprint(shownRound) } : {}) };
}

/** Reads the value of a button; undefined for any other value. Drops `openedOn`, which only our modals can prove. */
export function readTarget(value: string | undefined): Target | undefined {
  const { openedOn: _, ...target } = readModalTarget(value) ?? {};
  return 'approvalId' in target ? (target as Target) : undefined;
}

/** What builds before format 9 wrote for a look-up. */
const EARLIER_LOOK_UP = 'look_up';

/** True if a later version wrote the value: it names a round, and a place that this version does not know. */
export function isOfLaterVersion(value: string | undefined): boolean {
  // A form with several rounds holds their values as JSON.
  return (value ?? '')
    .split(/[:"]/)
    .some(
      (part) =>
        /^[0-9A-Z]{10,16}\.\d{1,6}(?:\.\w{1,8})?\/./.test(part) && readModalTarget(part) === undefined,
    );
}

/** Reads what `writeTarget` wrote into one of our modals; undefined for any other value. */
export function readModalTarget(value: string | undefined): Target | undefined {
  const [, approvalId, round, output, place, at, by = '', channel = '', ts = ''] =
    /^([0-9A-Z]{10,16})\.(\d{1,6})(?:\.(\w{1,8}))?(?:\/([^@]{2,40}))?(?:@(\d{1,15}),(\w{1,40}),(\w{1,40}),([\d.]{1,40}))?$/.exec(
      value ?? '',
    ) ?? [];
  if (approvalId === undefined) return undefined;
  const drawn = place === undefined || place === EARLIER_LOOK_UP ? undefined : readDrawn(place);
  if (place !== undefined && place !== EARLIER_LOOK_UP && !drawn) return undefined;
  return {
    approvalId,
    round: Number(round),
    ...(output ? { output } : {}),
    ...(drawn ? { drawn } : {}),
    // Slack cannot tell a look-up from a list.
    ...(place === EARLIER_LOOK_UP || drawn?.place === 'look_up' ? { via: 'look_up' as const } : {}),
    ...(at ? { openedOn: { at: Number(at), by, channel, ts } } : {}),
  };
}

/** The round of a modal, where and what is shown there, and the card on which the modal was opened. */
export type OpenedRound = Pick<Target, 'round' | 'via' | 'isCut' | 'openedOn' | 'drawn'>;

/** The target of a modal: the round, its output, the click on the card, and what the place of the click shows. */
export function modalTarget(approval: Approval, { round, openedOn, drawn }: OpenedRound): Target {
  return {
    ...buildTarget(approval, round),
    ...(openedOn ? { openedOn } : {}),
    ...(drawn ? { drawn } : {}),
  };
}

/** Writes the value of a menu's entry: its action and its round. */
export function writeChoice(entry: string, target: ButtonTarget): string {
  return `${entry}:${writeTarget(target)}`;
}

export function readChoiceValue(value: string | undefined): { what: string; target: Target } | undefined {
  const [what = '', targetText] = (value ?? '').split(':');
  const target = readTarget(targetText);
  return target && { what, target };
}

/** The index of an option of a Flow; -1 for any other value, also an empty one. */
export function readOptionIndex(value: string | undefined): number {
  return /^\d{1,4}$/.test(value ?? '') ? Number(value) : -1;
}

/** Texts of a round that people read page by page. */
const PAGED_TEXTS = ['output', 'changes', 'state', 'options'] as const;

/** A page of a round's output, of its changes, of the state of its Flow or of its options, in a modal. */
export interface PageTarget {
  target: Target;
  content: (typeof PAGED_TEXTS)[number];
  page: number;
  /** Number of pages of an output that the person has opened in order, from the first. An earlier build counts none. */
  opened?: number | undefined;
}

export function writePage({ target, content, page, opened }: PageTarget): string {
  return `${content}:${writeTarget(target)}:${page}${opened ? `:${opened}` : ''}`;
}

export function readPage(value: string | undefined): PageTarget | undefined {
  const [textName, targetText, page, opened = '0'] = (value ?? '').split(':');
  const target = readModalTarget(targetText);
  const content = PAGED_TEXTS.find((text) => text === textName);
  if (!target || !content || ![page ?? '', opened].every((count) => /^\d{1,5}$/.test(count)))
    return undefined;
  return { target, content, page: Number(page), opened: Number(opened) };
}

/** How many pages a button leads back: its value has no room for more. */
const MAX_PAGES_BACK = 20;
const pageStartSchema = z.string().max(40);
const listPageSchema = z.object({
  query: listQuerySchema,
  after: pageStartSchema.optional(),
  before: z.array(pageStartSchema.nullable()).max(MAX_PAGES_BACK),
});
/** A page of a list: the query, where the page begins, and where the pages before it began. */
export type ListPage = z.infer<typeof listPageSchema>;

export function writeListPage({ query, after, before }: ListPage): string {
  return JSON.stringify({ query, after, before: before.slice(-MAX_PAGES_BACK) });
}

/** Reads what `writeListPage` wrote; undefined for any other value. */
export function readListPage(value: string | undefined): ListPage | undefined {
  try {
    return listPageSchema.parse(JSON.parse(value ?? ''));
  } catch {
    return undefined;
  }
}
