import { checkRight, learnRights } from '../../approval/access/deciders.ts';
import type { App } from '../../approval/app.ts';
import { refuseDecision } from '../../approval/lifecycle/refusal.ts';
import { type Approval, currentRound, hasVoted } from '../../approval/model/approval.ts';
import type { Output } from '../../approval/model/output.ts';
import { listOptions } from '../../approval/model/round.ts';
import { loadOutputInTurn } from '../../approval/notify/post-note.ts';
import { type Source, walk } from '../../approval/queries/list-approvals.ts';

/** Whether it waits to be approved or revised by a person who only reads its text: no review, tool, option, field or required text. */
export function isApprovable(approval: Approval): boolean {
  const round = currentRound(approval);
  const { question, review } = round;
  if (review || question?.tool || question?.freeText === 'required' || question?.fields || listOptions(round))
    return false;
  return refuseDecision(approval, round) === undefined;
}

/**
 * Visits what this person may approve, oldest first, beyond `after` (a former `next`), until the visitor has enough; that
 * one is the first of the next page. `next`: absent at the end. Rejects with a StoreError.
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
  const { why, place } = await walk(app, source, after, clock.now() + LOOKED_FOR, async (approval) =>
    visit(approval, await loadOutputInTurn(app, approval, currentRound(approval))),
  );
  return why === 'end' ? {} : { next: place ?? after };
}

async function mayDecide(app: App, approval: Approval, person: string): Promise<boolean> {
  const may = await checkRight(app, approval, person);
  if (may !== 'cannot_check' && may !== 'open_card') return may === 'yes';
  await learnRights(app, person, [approval]);
  return (await checkRight(app, approval, person)) === 'yes';
}

/** The form is open already and says that it is being filled. */
const LOOKED_FOR = 5_000;
