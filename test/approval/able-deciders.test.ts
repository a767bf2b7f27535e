import { expect, test } from 'vitest';
import { createAbleDeciders } from '../../src/approval/able-deciders.ts';
import type { Crew } from '../../src/approval/crew.ts';
import type { PeopleDirectory } from '../../src/approval/ports.ts';
import { DEFAULT_POLICY } from '../../src/approval/task-rules.ts';
import { createWorld, nobodyKnown } from './worker-world.ts';

const HOUR = 60 * 60_000;

/** A card that waits, and what is known of people, who may leave. */
async function waiting(rules: Partial<Crew>) {
  const left = new Set<string>();
  const groups = new Map<string, Set<string>>([['SEDITORS', new Set(['UBEN'])]]);
  const known: PeopleDirectory = {
    ...nobodyKnown,
    members: (id) => groups.get(id),
    isGone: (id) => left.has(id),
  };
  const world = createWorld({ rules, people: known });
  const id = await world.output('A release');
  const alarms: string[] = [];
  const able = createAbleDeciders({
    store: world.store,
    crews: new Map([['press', world.crew]]),
    people: known,
    clock: world.clock,
    log: { info() {}, warn() {}, error() {} },
    alarm: (_, sentence) => void alarms.push(sentence),
    wake: () => {},
  });
  able.start();
  const few = async () => (await world.approval(id)).tooFew;
  return { world, id, left, groups, alarms, able, few };
}

test('an approval whose only approver has left says so within the hour, to the operators too, and no longer once there is one', async () => {
  const { world, left, alarms, few } = await waiting({ approvers: ['UANA'] });
  await world.clock.advance(HOUR);
  expect(await few()).toBeUndefined();
  left.add('UANA');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual({ able: 0, required: 1 });
  expect(alarms).toEqual([expect.stringContaining('Too few people are left who can decide 1 waiting')]);
  left.clear();
  await world.clock.advance(HOUR);
  expect(await few()).toBeUndefined();
});

test('an emptied group decides nothing; one that cannot be read is not counted', async () => {
  const { world, groups, few } = await waiting({ approvers: ['SEDITORS'] });
  groups.set('SEDITORS', new Set());
  await world.clock.advance(HOUR);
  expect(await few()).toEqual({ able: 0, required: 1 });
  groups.delete('SEDITORS');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual({ able: 0, required: 1 });
});

test('a vote that was given counts', async () => {
  const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
  const { world, id, left, few } = await waiting({ approvers: ['UANA', 'UBEN', 'UCAT'], policy });
  await world.approve(id, 'UANA');
  left.add('UBEN');
  await world.clock.advance(HOUR);
  expect(await few()).toBeUndefined();
  left.add('UCAT');
  await world.clock.advance(HOUR);
  expect(await few()).toEqual({ able: 1, required: 2 });
});

test('nothing is looked at after the end', async () => {
  const { world, left, able, few } = await waiting({ approvers: ['UANA'] });
  able.close();
  left.add('UANA');
  await world.clock.advance(5 * HOUR);
  expect(await few()).toBeUndefined();
});
