import { type Approval, currentRound } from './approval.ts';
import type { Crew } from './crew.ts';
import { isApproverId, type MayDecide, mayDecide } from './policy.ts';
import type { ApprovalStore, PeopleDirectory } from './ports.ts';
import type { Refusal } from './refusal.ts';
import { rulesFor } from './task-rules.ts';

/** Who may decide an approval: by the settings and its run, as they are at each click. They reject with a StoreError. */
export function createDeciders({
  store,
  crews,
  people,
}: {
  store: ApprovalStore;
  crews: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
}) {
  /** Why a person may not decide it; undefined: they may. `ask`: Slack is asked for what is not known, for a second at most. */
  async function refuse(approval: Approval, by: string, ask = true): Promise<Refusal | undefined> {
    const crew = crews.get(approval.crew);
    // A crew that was taken out of the settings: nobody is its approver any more.
    if (!crew) return { code: 'not_approver' };
    let may = await mayNow(approval, by);
    if (may === 'cannot_check' && ask) {
      await people.learn([by], await requesters([approval]));
      may = await mayNow(approval, by);
    }
    if (may === 'no') people.missed();
    return may === 'yes' ? undefined : { code: may === 'no' ? 'not_approver' : may };
  }

  /** Email addresses of those who started these runs, where they are left out. */
  async function requesters(approvals: readonly Approval[]): Promise<string[]> {
    const excluding = approvals.filter(({ crew: name, task }) => {
      const crew = crews.get(name);
      return crew && rulesFor(crew, task).excludeRequester;
    });
    const runs = await Promise.all(
      excluding.map(({ crew, executionId }) => store.execution(crew, executionId)),
    );
    return runs.flatMap((run) => {
      const by = run?.record.requestedBy;
      return by === undefined || isApproverId(by) ? [] : [by];
    });
  }

  /** Whether a person may decide, by what is known already. */
  async function mayNow(approval: Approval, by: string): Promise<MayDecide> {
    const crew = crews.get(approval.crew);
    if (!crew) return 'no';
    const run = (await store.execution(approval.crew, approval.executionId))?.record;
    // Whom it narrowed the approvers to is not known: then nobody, rather than everybody.
    if (!run || run.lost) return 'cannot_check';
    const escalated = currentRound(approval).escalatedAt !== undefined;
    return mayDecide(by, rulesFor(crew, approval.task), run, escalated, people);
  }

  /** Whether a person may see what an approval shows outside its channel: whoever may decide on it. */
  async function maySee(approval: Approval, person: string): Promise<boolean> {
    return (await refuse(approval, person)) === undefined;
  }

  /** Of those who have voted: who may not decide any more. */
  async function lostVotes(approval: Approval, ask: boolean): Promise<string[]> {
    const voters = currentRound(approval).votes.map(({ by }) => by);
    const refusals = await Promise.all(voters.map((by) => refuse(approval, by, ask)));
    return voters.filter((_, at) => refusals[at]?.code === 'not_approver');
  }

  return { refuse, lostVotes, requesters, mayNow, maySee };
}

export type Deciders = ReturnType<typeof createDeciders>;
