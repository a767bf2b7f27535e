import { type Approval, currentRound, type Round } from './approval.ts';
import type { Crew } from './crew.ts';
import type { Deciders } from './deciders.ts';
import { createLoader } from './load-approvals.ts';
import type { Output } from './output.ts';
import type { ApprovalStore, Log, PeopleDirectory } from './ports.ts';
import type { Service } from './service.ts';
import { createViewers } from './viewers.ts';

/** What a person's home tab shows. */
export interface Inbox {
  /** The output of those that are shown. */
  waiting: { approval: Approval; output?: Output }[];
  /** How many wait for other people, of crews that this person may look up. */
  others: number;
  /** Of how many it cannot be said. */
  unchecked: number;
  /** There are more than were looked at. */
  more: boolean;
  decided: { approval: Approval; round: Round }[];
}

const MOST_IN_INBOX = 200;
const OUTPUTS_IN_INBOX = 15;
const DECIDED_LATELY = 10;

/** What waits for a person, oldest first, and what they decided lately. It rejects with a StoreError. */
export function createInbox({
  store,
  crews,
  people,
  deciders,
  service,
  log,
}: {
  store: ApprovalStore;
  crews: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
  deciders: Deciders;
  service: Pick<Service, 'output'>;
  log: Log;
}) {
  const { load } = createLoader({ store, crews, log });
  const viewers = createViewers(crews, people);

  return async function inbox(person: string): Promise<Inbox> {
    const { names: seen } = await viewers.visible(person);
    const ids = (await store.waiting([...crews.keys()], { limit: MOST_IN_INBOX + 1 })).map(({ id }) => id);
    const all = await load(ids.slice(0, MOST_IN_INBOX));
    await people.learn([person], await deciders.requesters(all));
    const mine: Inbox['waiting'] = [];
    let [unchecked, others] = [0, 0];
    for (const approval of all) {
      const may = await deciders.mayNow(approval, person);
      if (may === 'cannot_check') unchecked += 1;
      else if (may !== 'yes' && seen.includes(approval.crew)) others += 1;
      if (may !== 'yes') continue;
      // What is not shown is only counted.
      const shown = mine.length < OUTPUTS_IN_INBOX;
      const output = shown ? await service.output(approval, currentRound(approval)) : undefined;
      mine.push({ approval, ...(output ? { output } : {}) });
    }
    const latest = await store.decidedBy(person, { limit: DECIDED_LATELY, reverse: true });
    const lately = await load(latest.map(({ id }) => id));
    const decided = lately.flatMap((approval) => {
      const round = approval.rounds.findLast(({ decision }) => decision?.by === person);
      return round ? [{ approval, round }] : [];
    });
    const more = ids.length > MOST_IN_INBOX;
    return { waiting: mine, others, unchecked, more, decided };
  };
}
