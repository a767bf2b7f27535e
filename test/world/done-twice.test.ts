import { expect, onTestFinished, test } from 'vitest';
import { FIND_TARGETS } from '../sandbox/crewai/called-urls.ts';
import type { Card } from './cards.ts';
import { History } from './history.ts';
import { SECOND } from './world.ts';

const SETUP = { asker: 'documented', order: 0, route: 'task', replicas: 2, quorum: 1 } as const;
/** Its own webhook, its card, the click; then the call of its revision. */
const BEFORE_RESUME = { at: 4, when: 'before' } as const;

/**
 * The process that a revision is requested on stands still before its POST /resume, and the other one sends the revision
 * meanwhile: CrewAI does the task twice, and the second output is the one that was sent back.
 */
async function doesTwice(own: Parameters<typeof History.begin>[1] = {}): Promise<History> {
  const history = await History.begin(SETUP, own);
  const { world, next } = history;
  onTestFinished(world.end);
  await world.pass(2 * SECOND);
  world.strike(1, { ...BEFORE_RESUME, freezeFor: 30 * SECOND });
  void history.click('request_revision', 'UANA', { back: 0, door: 1 });
  await world.pass(5 * SECOND);
  world.door = 0;
  await world.pass(20 * SECOND);
  next.output = 'older';
  await world.pass(30 * SECOND);
  expect(history.witness.pauses().map(({ output }) => output)).toEqual([
    'draft, version 1',
    'draft, version 2',
    'draft, version 1',
  ]);
  return history;
}

const show = (card: Card) => [card.round, card.state, /draft, version \d/.exec(card.text)?.[0]];

test('a task that CrewAI does twice waits on its card with the output that CrewAI waits with', async () => {
  const { world, witness } = await doesTwice();
  expect(world.cards().map(show)).toEqual([
    [1, 'continued', undefined],
    [2, 'superseded', undefined],
    [3, 'waiting', 'draft, version 1'],
  ]);
  witness.checkEnd();
  expect(witness.faults).toEqual([]);
});

test('where no URL brings a ticket, the witness sees what is decided by a card that shows another output', async () => {
  const history = await doesTwice({ crewai: { findTargets: FIND_TARGETS.first } });
  const { world, witness } = history;
  expect(world.cards().map(show)).toEqual([
    [1, 'continued', undefined],
    [2, 'waiting', 'draft, version 2'],
  ]);
  witness.checkEnd();
  expect(witness.faults.splice(0)).toContainEqual(
    'promise 7: CrewAI waits for draft, version 1, but no card shows it',
  );
  void history.click('approve', 'UBEN', { back: 0, door: 0 });
  await world.pass(10 * SECOND);
  witness.check();
  expect(witness.faults).toContainEqual(
    'promise 5: "Approved." decided draft, version 1, which its card did not show',
  );
});
