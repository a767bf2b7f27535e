import { z } from 'zod';
import { findVisibleCrews } from '../access/can-look-up.ts';
import type { App } from '../app.ts';
import type { Approval } from '../model/approval.ts';
import type { Output } from '../model/output.ts';
import type { RunStatus } from '../model/run/run-status.ts';
import type { NamedDeciders } from '../ports.ts';

const crew = z.string().max(255).optional();
const person = z.string().max(40).optional();
/** Lists that people can page through. `since`: milliseconds since 1970; `person`: someone who decided. */
export const listQuerySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('waiting'), crew, mine: z.boolean().optional() }),
  z.object({ kind: z.literal('history'), crew, person, since: z.number().optional() }),
  z.object({ kind: z.literal('find'), words: z.string().max(200), person }),
]);
export type ListQuery = z.infer<typeof listQuerySchema>;

export interface Listing {
  approvals: Approval[];
  /** Outputs of the waiting approvals that the person may decide, by approval id. */
  outputs: ReadonlyMap<string, Output>;
  /** Deciders of these approvals, by approval id. */
  deciders?: ReadonlyMap<string, NamedDeciders>;
  /** Number of waiting approvals; `more`: there are more than were counted. */
  total?: { count: number; more: boolean };
  /** Place where the next page begins; absent: the last page. */
  next?: string;
  /** The search ran out of time. The next page continues it. */
  stopped: boolean;
}
/** Why a look-up shows nothing. */
export type LookUpRefusal =
  | { code: 'may_not_look' }
  | { code: 'cannot_check' }
  | { code: 'unknown_crew'; crew: string; crews: string[] }
  /** Several runs begin with the given text. */
  | { code: 'ambiguous'; text: string };
export interface RunReport {
  executionId: string;
  /** Status of the run, from each crew that may have it. */
  said: { crew: string; status: RunStatus }[];
  /** Approvals of the run; absent: the person may not see them. */
  approvals?: Approval[];
}
export const ROWS_PER_PAGE = 10;
/** Most ids to read for a prefix: some may belong to crews that the person may not see. */
export const MAX_ALIKE = 50;
export const SHORTEST_PREFIX = 6;
/** Most approvals or starts counted for the statistics. */
export const MAX_COUNTED = 1000;
/** Finds the crews that an answer may be about: all that a person may see, or the one that they name; otherwise the refusal. */
export async function findCrewsInScope(
  app: App,
  person: string,
  crew?: string,
): Promise<string[] | LookUpRefusal> {
  const { names, unchecked } = await findVisibleCrews(app, person);
  if (names.length === 0) return { code: unchecked ? 'cannot_check' : 'may_not_look' };
  if (crew === undefined) return names;
  const namedCrew = names.includes(crew)
    ? crew
    : names.find((name) => name.toLowerCase() === crew.toLowerCase());
  return namedCrew === undefined ? { code: 'unknown_crew', crew, crews: names } : [namedCrew];
}
