import { z } from 'zod';
import { findVisibleCrews } from '../access/can-look-up.ts';
import type { App } from '../app.ts';
import type { Approval } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import type { RunStatus } from '../model/run/run-status.ts';
import type { NamedDeciders } from '../ports.ts';

const crew = z.string().max(255).optional();
const person = z.string().max(40).optional();
/** What can be listed in pages. `since`: milliseconds since 1970; `person`: one of those who decided. */
export const listQuerySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('waiting'), crew, mine: z.boolean().optional() }),
  z.object({ kind: z.literal('history'), crew, person, since: z.number().optional() }),
  z.object({ kind: z.literal('find'), words: z.string().max(200), person }),
]);
export type ListQuery = z.infer<typeof listQuerySchema>;

export interface Listing {
  approvals: Approval[];
  /** By approval: the outputs of those that wait for a decision which the asker may make. */
  outputs: ReadonlyMap<string, Output>;
  /** By approval: who can decide those. */
  deciders?: ReadonlyMap<string, NamedDeciders>;
  /** How many wait in all, as far as they were counted. */
  total?: { count: number; more: boolean };
  /** Where the next page begins; absent on the last. */
  next?: string;
  /** Not all was looked at: the next page goes on there. */
  stopped: boolean;
}
/** Why nothing is shown: people are told in one sentence. */
export type LookUpRefusal =
  | { code: 'may_not_look' }
  | { code: 'cannot_check' }
  | { code: 'unknown_crew'; crew: string; crews: string[] }
  /** More than one run begins with what was given. */
  | { code: 'ambiguous'; text: string };
export interface RunReport {
  executionId: string;
  /** What each crew that may have this run says of it. */
  said: { crew: string; status: RunStatus }[];
  /** Undefined: this person may not see them. */
  approvals?: Approval[];
}
export const ROWS_PER_PAGE = 10;
/** Of other crews some may begin so too. */
export const MOST_ALIKE = 50;
export const SHORTEST_PREFIX = 6;
/** Nor in figures. */
export const MOST_COUNTED = 1000;
/** The crews that an answer may be about: all that a person may see, or the one that they name. */
export async function scope(app: App, person: string, crew?: string): Promise<string[] | LookUpRefusal> {
  const { names, unchecked } = await findVisibleCrews(app, person);
  if (names.length === 0) return { code: unchecked ? 'cannot_check' : 'may_not_look' };
  if (crew === undefined) return names;
  const named = names.includes(crew) ? crew : names.find((name) => name.toLowerCase() === crew.toLowerCase());
  return named === undefined ? { code: 'unknown_crew', crew, crews: names } : [named];
}
