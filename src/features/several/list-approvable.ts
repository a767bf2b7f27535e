import { checkRight, learnRights } from '../../approval/access/deciders.ts';
import type { App } from '../../approval/app.ts';
import { refuseDecision } from '../../approval/lifecycle/refusal.ts';
import { type Approval, currentRound, hasVoted } from '../../approval/model/approval.ts';
import type { Output } from '../../approval/model/output.ts';
import { listOptions } from '../../approval/model/round.ts';
import { loadOutputInTurn } from '../../approval/notify/post-note.ts';
import { type Source, searchLists } from '../../approval/queries/list-approvals.ts';

/** True if a person only has to read the text to approve: no review, tool, options, fields, required note or irreversible action. */
export function isApprovable(approval: Approval): boolean {
  const round = currentRound(approval);
  const { question, review } = round;
  if (round.irreversible) return false;
  if (review || question?.tool || question?.freeText === 'required' || question?.fields || listOptions(round))
    return false;
  return refuseDecision(approval, round) === undefined;
}

/**
 * Visits the approvals that this person may approve, oldest first, after the place `after` (a former `next`), until the visitor
 * has enough. The next page begins with the approval that was too much. `next`: absent at the end. Rejects with a StoreError.
 */
export async function visitApprovable(
  app: App,
  person: string,
  after: string | undefined,
  visit: (approval: Approval, output: Output) => Promise<'go_on' | 'enough'>,
): Promise<{ next?: string | undefined }> {
  const { store, crews, clock } = app;
  const source: Source = {
    read: (slice) => store.list('waiting', [...crews.keys()], slice),
    reverse: false,
    keeps: async (approval) =>
      isApprovable(approval) && !hasVoted(approval, person) && (await mayDecide(app, approval, person)),
  };
  const { why, place } = await searchLists(
    app,
    source,
    after,
    clock.now() + LONGEST_SEARCH,
    async (approval) => visit(approval, await loadOutputInTurn(app, approval, currentRound(approval))),
  );
  return why === 'end' ? {} : { next: place ?? after };
}

async function mayDecide(app: App, approval: Approval, person: string): Promise<boolean> {
  const right = await checkRight(app, approval, person);
  if (right !== 'cannot_check' && right !== 'open_card') return right === 'yes';
  await learnRights(app, person, [approval]);
  return (await checkRight(app, approval, person)) === 'yes';
}

/** Longest search, in milliseconds. Meanwhile the open form says that it is being filled. */
const LONGEST_SEARCH = 5_000;
