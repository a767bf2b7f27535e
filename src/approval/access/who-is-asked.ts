import { hash } from 'node:crypto';
import type { App } from '../app.ts';
import { type Approval, type AskedRules, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isApproverId, isUserId } from '../model/crew/slack-ids.ts';
import { listCommonApprovers, resolveRules, type TaskRules } from '../model/crew/task-rules.ts';
import { listOptions } from '../model/round.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import {
  listDeciders,
  listRequesters,
  namesNobody,
  narrowRunPeople,
  type People,
  type RunPeople,
  readRequesterIds,
} from './can-decide.ts';

/** What its run and its question say of who decides an approval. */
export async function loadRunPeople({ store }: Pick<App, 'store'>, approval: Approval): Promise<RunPeople> {
  const run = (await store.run(approval.crew, approval.executionId))?.record;
  return narrowRunPeople(run ?? {}, currentRound(approval).question);
}

/** Whom the opening of a round asks and under which rules, for the history: by the settings, without what Slack says. Pure. */
export function describeAsked(crew: Crew, approval: Approval, record: RunRecord): AskedRules {
  const round = currentRound(approval);
  const run = narrowRunPeople(record, round.question);
  const rules = resolveRules(crew, approval);
  const common = { ...(rules[0] as TaskRules), approvers: listCommonApprovers(rules) };
  const { escalateTo, escalateAfter, onExpiry, expireAfter, undoWindow } = approval.policy;
  const excludeRequester = rules.some((rule) => rule.excludeRequester);
  const options = listOptions(round);
  return {
    channel: approval.channel,
    approvers: listDeciders(common, run, () => undefined),
    approvalsRequired: approval.policy.approvalsRequired,
    excludeRequester,
    ...(excludeRequester && isUserId(run.requestedBy ?? '') ? { requester: run.requestedBy } : {}),
    allowGuests: rules.every((rule) => rule.allowGuests),
    escalateTo,
    escalateAfter,
    onExpiry,
    expireAfter,
    undoWindow,
    ...(options ? { options: hash('sha256', JSON.stringify(options)) } : {}),
  };
}

/** True if nobody is named by the rules, the run, the question or CrewAI's routing: the members of the channel decide. */
export function isOpenToChannel(rules: readonly TaskRules[], approval: Approval, run: RunPeople): boolean {
  return rules.every((one) => namesNobody(one, run)) && !currentRound(approval).review?.responders;
}

/**
 * Slack ids of those who are asked to decide a waiting approval, by what is known of people: not those who have voted, nor
 * a requester who may not decide. Empty: nobody in particular. Pure.
 */
export function listAsked(
  rules: readonly TaskRules[],
  approval: Approval,
  run: RunPeople,
  people: Pick<People, 'members' | 'idOf'>,
): string[] {
  const { assignee, votes, escalatedAt } = currentRound(approval);
  if (assignee !== undefined) return [assignee];
  const asked = listDeciders(
    { ...(rules[0] as TaskRules), approvers: listCommonApprovers(rules, people.members) },
    run,
    people.members,
  );
  const more = escalatedAt === undefined || asked.length === 0 ? [] : approval.policy.escalateTo;
  const done = votes.map(({ by }) => by);
  const excluded = listExcluded(rules, run, people);
  const all = [...new Set([...asked, ...more])].filter((id) => !done.includes(id) && !excluded.includes(id));
  const responders = listResponders(approval, people);
  if (!responders) return all;
  const named = new Set(all.flatMap((id) => [id, ...(people.members(id) ?? [])]));
  return responders.filter(
    (id) => (asked.length === 0 || named.has(id)) && !done.includes(id) && !excluded.includes(id),
  );
}

/** The only people who may decide a review, where CrewAI enforces its routing, as far as they are known in Slack. */
function listResponders(approval: Approval, { idOf }: Pick<People, 'idOf'>): string[] | undefined {
  const { responders } = currentRound(approval).review ?? {};
  return responders?.map((email) => idOf(email)).filter((id) => typeof id === 'string');
}

/** The Slack ids of the requesters, if they cannot decide. */
export function listExcluded(
  rules: readonly TaskRules[],
  run: RunPeople,
  people: Pick<People, 'idOf'>,
): string[] {
  const areExcluded = rules.some(({ excludeRequester }) => excludeRequester);
  return areExcluded ? readRequesterIds(run, people).filter((id) => typeof id === 'string') : [];
}

/** Asks Slack whose the email addresses of requesters are who cannot decide, for a second at most. */
export async function learnRequesters(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
): Promise<void> {
  const crew = app.crews.get(approval.crew);
  if (!crew || !resolveRules(crew, approval).some(({ excludeRequester }) => excludeRequester)) return;
  const requesters = listRequesters(await loadRunPeople(app, approval));
  const unknown = requesters.filter((one) => !isApproverId(one) && app.people.idOf(one) === undefined);
  if (unknown.length > 0) await app.people.learn([], unknown);
}
