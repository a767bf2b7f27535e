import { type Approval, currentRound, type Note, type Round, roundNumbered } from './approval.ts';
import type { Crew } from './crew.ts';
import { LOST_OUTPUT, type Output } from './output.ts';
import { deciders, isApproverId, isUserId, type RunPeople } from './policy.ts';
import type { ApprovalStore, Cards, Clock, NoteContent, PeopleDirectory } from './ports.ts';
import { commonApprovers, rulesOf, type TaskRules } from './task-rules.ts';

/** Says what is for the thread: to whom, where, and whether it is the time for it. */
export function createNotes({
  store,
  cards,
  settings,
  people,
  clock,
}: {
  store: ApprovalStore;
  cards: Cards;
  settings: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
  clock: Clock;
}) {
  /** Posts what the note says; gives the time until which it waits, if it is not its time yet. */
  async function say(approval: Approval, note: Note): Promise<number | undefined> {
    if (note.kind === 'whole_output') {
      const round = roundNumbered(approval, note.round) as Round;
      await cards.file({ approval, round, output: await outputOf(store, approval, round) });
    } else if (note.kind === 'whole_changes') {
      await sayChanges(approval, note.round);
    } else if (note.kind === 'run_result') {
      await cards.note(approval, note, { result: await store.result(approval.crew, approval.executionId) });
    } else if (isOver(approval, note)) {
      return undefined;
    } else if (note.kind === 'reminder') {
      const asked = await askedToDecide(approval);
      const { ids, dawn } = approval.policy.urgent ? { ids: asked } : await people.awake(asked, clock.now());
      if (ids.length === 0 && dawn !== undefined) return dawn;
      await cards.note(approval, note, { calls: ids, ...elsewhereFor(approval, ids) });
    } else await cards.note(approval, note, elsewhereFor(approval, calledBy(note)));
    return undefined;
  }

  async function sayChanges(approval: Approval, number: number): Promise<void> {
    const [round, earlier] = [number, number - 1].map((one) => roundNumbered(approval, one)) as [
      Round,
      Round,
    ];
    const [output, before] = [
      await outputOf(store, approval, round),
      await outputOf(store, approval, earlier),
    ];
    await cards.changes({ approval, round, output }, before);
  }

  /** Whom an approval in another's direct message calls does not see it: the crew's channel tells them. */
  function elsewhereFor(approval: Approval, calls: readonly string[]): NoteContent {
    const others = calls.some((id) => id !== approval.channel);
    const channel = settings.get(approval.crew)?.channel;
    return others && isUserId(approval.channel) && channel !== undefined ? { elsewhere: channel } : {};
  }

  /** Slack ids of those who are to decide; none: nobody in particular. */
  async function askedToDecide(approval: Approval): Promise<string[]> {
    const { assignee, votes, escalatedAt } = currentRound(approval);
    if (assignee !== undefined) return [assignee];
    const crew = settings.get(approval.crew);
    if (!crew) return [];
    const run: RunPeople = (await store.execution(approval.crew, approval.executionId))?.record ?? {};
    const all = rulesOf(crew, approval);
    const rules = { ...(all[0] as TaskRules), approvers: commonApprovers(all) };
    const asked = deciders(rules, run, people.members);
    const more = escalatedAt === undefined || asked.length === 0 ? [] : approval.policy.escalateTo;
    const done = votes.map(({ by }) => by);
    const excluding = all.some(({ excludeRequester }) => excludeRequester);
    const excluded = excluding ? await requesterOf(run) : undefined;
    return [...new Set([...asked, ...more])].filter((id) => !done.includes(id) && id !== excluded);
  }

  async function requesterOf({ requestedBy }: RunPeople): Promise<string | null | undefined> {
    if (requestedBy === undefined || isApproverId(requestedBy)) return requestedBy;
    await people.learn([], [requestedBy]);
    return people.idOf(requestedBy);
  }

  return { say };
}

/** What a round shows. */
export async function outputOf(store: ApprovalStore, approval: Approval, round: Round): Promise<Output> {
  return (await store.output(approval.id, round.hashes[0] as string)) ?? LOST_OUTPUT;
}

/** Whom a note asks to decide. */
function calledBy(note: Note): string[] {
  if (note.kind === 'escalated') return note.to;
  return note.kind === 'assigned' ? [note.to] : [];
}

/** It was about a round that waits no more. */
function isOver(approval: Approval, note: Note): boolean {
  const asks =
    ['reminder', 'escalated', 'assigned'].includes(note.kind) || (note.kind === 'expired' && !note.decision);
  if (!asks || !('round' in note)) return false;
  const { number, status } = currentRound(approval);
  return note.round !== number || status !== 'waiting';
}
