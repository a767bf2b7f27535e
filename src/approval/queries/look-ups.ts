import { bindParts } from '../../lib/bind.ts';
import { stats } from './figures.ts';
import { named, status } from './find-runs.ts';
import { list } from './list-approvals.ts';
import { runs } from './list-runs.ts';
import type { LookUpParts } from './query-parts.ts';

/** What people ask about approvals: every answer holds only what this person can see. */
export function createLookUps(parts: LookUpParts) {
  return bindParts(parts, { list, named, status, stats, runs });
}

export type LookUps = ReturnType<typeof createLookUps>;
