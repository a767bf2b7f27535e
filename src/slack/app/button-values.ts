import { z } from 'zod';
import { type Approval, findRound } from '../../approval/model/approval.ts';
import { LANGUAGES, type Language } from '../../approval/model/crew/language.ts';
import { readFingerprint } from '../../approval/model/round.ts';
import { listQuerySchema } from '../../approval/queries/look-up.ts';
import type { CardClick, Target } from '../../approval/read-round.ts';
import type { Texts } from '../texts/texts.ts';

/** The round that a button's value names. `via`: set by look-ups, whose messages Slack cannot tell from a list's messages. */
export type ButtonTarget = Pick<Target, 'approvalId' | 'round' | 'output' | 'via'>;

/** Writes a button's value or a modal's private_metadata: the round and its output, and the card on which the modal was opened. */
export function writeTarget({
  approvalId,
  round,
  output,
  via,
  openedOn,
}: ButtonTarget & Pick<Target, 'openedOn'>): string {
  const target = `${approvalId}.${round}${output ? `.${output}` : ''}${via === 'look_up' ? '/look_up' : ''}`;
  return openedOn ? `${target}@${writeCardClick(openedOn)}` : target;
}

function writeCardClick({ at, by, channel, ts }: CardClick): string {
  return [Math.floor(at), by, channel, ts].join(',');
}

/** Adds the language of a form to its private_metadata: an answer to the form is in that language, whatever process gives it. */
export function keepLanguage({ language }: Texts, metadata: string): string {
  return `${metadata}~${language}`;
}

/** Reads what `keepLanguage` wrote; a form of an earlier version has no language. */
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

/** Reads what `writeTarget` wrote into one of our modals; undefined for any other value. */
export function readModalTarget(value: string | undefined): Target | undefined {
  const [, approvalId, round, output, via, at, by = '', channel = '', ts = ''] =
    /^([0-9A-Z]{10,16})\.(\d{1,6})(?:\.(\w{1,8}))?(?:\/(look_up))?(?:@(\d{1,15}),(\w{1,40}),(\w{1,40}),([\d.]{1,40}))?$/.exec(
      value ?? '',
    ) ?? [];
  if (approvalId === undefined) return undefined;
  return {
    approvalId,
    round: Number(round),
    ...(output ? { output } : {}),
    ...(via ? { via: 'look_up' as const } : {}),
    ...(at ? { openedOn: { at: Number(at), by, channel, ts } } : {}),
  };
}

/** The round of a modal, where and what is shown there, and the card on which the modal was opened. */
export type OpenedRound = Pick<Target, 'round' | 'via' | 'isCut' | 'openedOn'>;

/** The target of a modal: the round, its output and the click on the card. */
export function modalTarget(approval: Approval, { round, openedOn }: OpenedRound): Target {
  return { ...buildTarget(approval, round), ...(openedOn ? { openedOn } : {}) };
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
  what: (typeof PAGED_TEXTS)[number];
  page: number;
}

export function writePage({ target, what, page }: PageTarget): string {
  return `${what}:${writeTarget(target)}:${page}`;
}

export function readPage(value: string | undefined): PageTarget | undefined {
  const [textName, targetText, page] = (value ?? '').split(':');
  const target = readModalTarget(targetText);
  const what = PAGED_TEXTS.find((text) => text === textName);
  if (!target || !what || !/^\d{1,5}$/.test(page ?? '')) return undefined;
  return { target, what, page: Number(page) };
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
