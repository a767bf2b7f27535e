import { type Crew, listChannels } from '../model/crew/crew.ts';
import { isGroupId, isUserId } from '../model/crew/slack-ids.ts';
import { listNamedPeople } from '../model/crew/task-rules.ts';
import type { PeopleDirectory } from '../ports.ts';

/** Checks whether the settings let a person look up a crew's approvals: everyone, or people in its channels or rules. */
export function canLookUp(
  person: string,
  crew: Crew,
  people: Pick<PeopleDirectory, 'members' | 'inChannel'>,
): 'yes' | 'no' | 'cannot_check' {
  if (crew.lookUps === 'everyone') return 'yes';
  const answers = [
    ...listNamedPeople(crew).map((id) => (isGroupId(id) ? people.members(id)?.has(person) : id === person)),
    ...listChannels(crew)
      .filter((channel) => !isUserId(channel))
      .map((channel) => people.inChannel(person, channel)),
  ];
  if (answers.includes(true)) return 'yes';
  return answers.includes(undefined) ? 'cannot_check' : 'no';
}

/** Finds the crews whose approvals a person may look up. `unchecked`: Slack did not answer for some of them. */
export async function findVisibleCrews(
  { crews, people }: { crews: ReadonlyMap<string, Crew>; people: PeopleDirectory },
  person: string,
): Promise<{ names: string[]; unchecked: boolean }> {
  const checkAll = () =>
    [...crews.values()].map((crew) => ({ crew, right: canLookUp(person, crew, people) }));
  const uncheckedCrews = checkAll().filter(({ right }) => right === 'cannot_check');
  const channels = uncheckedCrews.flatMap(({ crew }) =>
    listChannels(crew).filter((channel) => !isUserId(channel)),
  );
  if (channels.length > 0) await people.learnMembers(channels);
  const answers = checkAll();
  return {
    names: answers.filter(({ right }) => right === 'yes').map(({ crew }) => crew.name),
    unchecked: answers.some(({ right }) => right === 'cannot_check'),
  };
}
