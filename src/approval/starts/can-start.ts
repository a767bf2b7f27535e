import { canDecide, type DecisionRight } from '../access/can-decide.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { PeopleDirectory } from '../ports.ts';

/** Why a person cannot start a run of a crew. */
export type StartRefusal =
  | { code: 'unknown_crew'; crew: string }
  | { code: 'nothing_to_start' }
  /** CrewAI cannot reach the bot. */
  | { code: 'no_public_url' }
  | { code: 'not_starter' | 'guest' | 'not_member' | 'cannot_check' };

/** Lists the crews whose runs can be started from Slack. */
export function listStartable(crews: ReadonlyMap<string, Crew>): Crew[] {
  return [...crews.values()].filter(({ starts }) => starts !== undefined);
}

/**
 * Finds why a person may not start runs of a crew; undefined: they may. A crew's starters may; without starters, the members of
 * its channel, guests only if the crew allows them. Asks Slack for unknown facts.
 */
export async function findStartRefusal(
  people: PeopleDirectory,
  crew: Crew,
  person: string,
): Promise<StartRefusal | undefined> {
  if (!canReport(crew)) return { code: 'no_public_url' };
  let right = checkStarter(people, crew, person);
  if (right === 'cannot_check' || right === 'open_card') {
    await Promise.all([people.learn([person], []), people.learnMembers([crew.channel])]);
    right = checkStarter(people, crew, person);
  }
  if (right === 'no') people.refreshGroups();
  return REFUSALS[right];
}

/** True if a person may start some run, by what is known without asking Slack. Only for what the bot offers. */
export function canStart(people: PeopleDirectory, crews: ReadonlyMap<string, Crew>, person: string): boolean {
  return listStartable(crews).some((crew) => canReport(crew) && checkStarter(people, crew, person) === 'yes');
}

/** True if the bot would see the run's pauses: without a webhook URL the run would wait unseen, and a program asks by itself. */
function canReport({ starts, ownUrls }: Crew): boolean {
  return starts === 'program' || ownUrls.task !== undefined;
}

function checkStarter(people: PeopleDirectory, crew: Crew, person: string): DecisionRight {
  // A guest to whom decisions are escalated is not named as a starter.
  const policy = { ...crew.policy, escalateTo: [] };
  const rules = { ...crew, approvers: crew.starters ?? [], excludeRequester: false, policy };
  const inChannel = people.inChannel(person, crew.channel);
  return canDecide(person, rules, {}, { escalated: false, inChannel }, people);
}

const REFUSALS: Readonly<Record<DecisionRight, StartRefusal | undefined>> = {
  yes: undefined,
  no: { code: 'not_starter' },
  cannot_check: { code: 'cannot_check' },
  open_card: { code: 'cannot_check' },
  requester: { code: 'not_starter' },
  guest: { code: 'guest' },
  not_member: { code: 'not_member' },
};
