import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import {
  describeAmbiguousId,
  describeLookUpRefusal,
  describeMissingRound,
  describeNotFound,
} from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';

/** Resolves to the approval that a person typed the id of, or to a sentence why there is none. Rejects with a StoreError. */
export async function findApproval(
  { lookUps, links }: Pick<ListenerContext, 'lookUps' | 'links'>,
  { id, round }: { id: string; round: number },
  person: string,
): Promise<Approval | string> {
  const approvals = await lookUps.named(person, id);
  if (!Array.isArray(approvals)) return describeLookUpRefusal(approvals);
  const [only, ...others] = approvals.filter((approval) => approval.id.startsWith(id.toUpperCase()));
  if (!only) return describeNotFound(id);
  if (others.length > 0) return describeAmbiguousId(id);
  const { number } = currentRound(only);
  return round <= number ? only : describeMissingRound(only.id, round, number, links.command);
}
