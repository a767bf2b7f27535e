import { z } from 'zod';
import type { Target } from '../../approval/decisions.ts';
import { type Approval, findRound } from '../../approval/model/approval.ts';
import { outputFingerprint } from '../../approval/model/round.ts';
import type { ListQuery } from '../../approval/queries/look-ups.ts';

/** A button's value and a modal's memory: which round of which approval it decides, of which output, opened on which card click. */
export function writeTarget({
  approvalId,
  round,
  output,
  cardClickedAt,
}: Omit<Target, 'card' | 'via'>): string {
  const clicked = cardClickedAt === undefined ? '' : `@${Math.floor(cardClickedAt)}`;
  return `${approvalId}.${round}${output ? `.${output}` : ''}${clicked}`;
}

/** The target of a round as it is shown. */
export function targetOf(approval: Approval, round: number): Target {
  const shown = findRound(approval, round);
  return { approvalId: approval.id, round, ...(shown ? { output: outputFingerprint(shown) } : {}) };
}

/** Reads it back; undefined when it is none of ours. */
export function readTarget(value: string | undefined): Target | undefined {
  const [, approvalId, round, output, clicked] =
    /^([0-9A-Z]{10,16})\.(\d{1,6})(?:\.(\w{1,8}))?(?:@(\d{1,15}))?$/.exec(value ?? '') ?? [];
  if (approvalId === undefined) return undefined;
  return {
    approvalId,
    round: Number(round),
    ...(output ? { output } : {}),
    ...(clicked ? { cardClickedAt: Number(clicked) } : {}),
  };
}

/** Which round a modal is opened on, and when its card was clicked for it. */
export type Opened = Pick<Target, 'round' | 'cardClickedAt'>;

/** The target of a modal: the round as it is shown, with what the click that opened it proves. */
export function modalTarget(approval: Approval, { round, cardClickedAt }: Opened): Target {
  return { ...targetOf(approval, round), ...(cardClickedAt === undefined ? {} : { cardClickedAt }) };
}

/** What a menu's option does, and to which round. */
export function writeChoice(what: string, target: Target): string {
  return `${what}:${writeTarget(target)}`;
}

export function readChoice(value: string | undefined): { what: string; target: Target } | undefined {
  const [what = '', rest] = (value ?? '').split(':');
  const target = readTarget(rest);
  return target && { what, target };
}

/** A page of what is read in a modal. */
export interface PageTarget {
  target: Target;
  what: 'output' | 'changes';
  page: number;
}

export function writePage({ target, what, page }: PageTarget): string {
  return `${what}:${writeTarget(target)}:${page}`;
}

export function readPage(value: string | undefined): PageTarget | undefined {
  const [what, rest, page] = (value ?? '').split(':');
  const target = readTarget(rest);
  if (!target || (what !== 'output' && what !== 'changes') || !/^\d{1,5}$/.test(page ?? '')) return undefined;
  return { target, what, page: Number(page) };
}

/** A page of a list: what is listed, where the page begins, and where those before it began. */
export interface ListPage {
  query: ListQuery;
  after?: string | undefined;
  before: (string | null)[];
}

/** Pages that a button leads back through; its value has no room for all. */
const MOST_BEFORE = 20;
const place = z.string().max(40);
const optional = { crew: z.string().max(255).optional() };
const listPageSchema = z.object({
  query: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('waiting'), ...optional, mine: z.boolean().optional() }),
    z.object({
      kind: z.literal('history'),
      ...optional,
      person: z.string().max(40).optional(),
      since: z.number().optional(),
    }),
    z.object({ kind: z.literal('find'), words: z.string().max(200), person: z.string().max(40).optional() }),
  ]),
  after: place.optional(),
  before: z.array(place.nullable()).max(MOST_BEFORE),
});

export function writeListPage({ query, after, before }: ListPage): string {
  return JSON.stringify({ query, after, before: before.slice(-MOST_BEFORE) });
}

/** Reads it back; undefined when it is none of ours. */
export function readListPage(value: string | undefined): ListPage | undefined {
  try {
    return listPageSchema.parse(JSON.parse(value ?? '')) as ListPage;
  } catch {
    return undefined;
  }
}
