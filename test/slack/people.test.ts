import { expect, it, onTestFinished, vi } from 'vitest';
import { createGroups } from '../../src/slack/groups.ts';
import { createPeople } from '../../src/slack/people.ts';
import { collectingLog, startStage } from './stage.ts';

async function start() {
  const { workspace, client } = await startStage();
  const { log, lines } = collectingLog();
  let now = 0;
  const clock = { now: () => now, after: () => () => {} };
  const groups = createGroups({ client, approvers: ['SEDITORS'], clock, log });
  onTestFinished(groups.close);
  const people = createPeople({ client, groups, team: () => ({ teamId: 'T0SANDBOX' }), clock, log });
  const asked = (method: string) => workspace.calls.filter((call) => call.method === method).length;
  return { workspace, groups, people, lines, asked, later: (ms: number) => (now += ms) };
}

it('what is not known of a person is asked for once, and known for an hour', async () => {
  const { people, asked, later } = await start();
  expect(people.outsider('UANA')).toBeUndefined();
  await people.learn('UANA', undefined);
  await people.learn('UANA', undefined);
  expect(people.outsider('UANA')).toBe(false);
  expect(asked('users.info')).toBe(1);
  later(60 * 60_000);
  expect(people.outsider('UANA')).toBeUndefined();
});

it('whoever has no account under an email address is nobody; a Slack that does not answer leaves it unknown', async () => {
  const { workspace, people } = await start();
  await people.learn('UANA', 'nobody@example.com');
  expect(people.idOf('nobody@example.com')).toBeNull();
  workspace.failures.plan({ on: 'users.lookupByEmail', failure: { status: 500 } });
  await people.learn('UANA', 'ana@example.com');
  expect(people.idOf('ana@example.com')).toBeUndefined();
});

it('a group in which someone was not found is read again in the background, at most once in ten seconds', async () => {
  const { workspace, groups, asked, later } = await start();
  groups.start();
  await vi.waitFor(() => expect(groups.members('SEDITORS')).toBeDefined());
  groups.missed();
  expect(asked('usergroups.users.list')).toBe(1);
  later(10_000);
  groups.missed();
  groups.missed();
  await workspace.changed(() => asked('usergroups.users.list') === 2, { what: 'the second reading' });
  expect(asked('usergroups.users.list')).toBe(2);
});

it('whoever is of another team is an outsider, although Slack does not call them a stranger', async () => {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const clock = { now: () => 0, after: () => () => {} };
  const groups = createGroups({ client, approvers: [], clock, log });
  const team = (teamId: string) => createPeople({ client, groups, team: () => ({ teamId }), clock, log });
  const [ours, theirs] = [team('T0SANDBOX'), team('T0THEIRS')];
  await ours.learn('UANA', undefined);
  await theirs.learn('UANA', undefined);
  expect([ours.outsider('UANA'), theirs.outsider('UANA')]).toEqual([false, true]);
  expect(workspace.calls).toHaveLength(2);
});

it('of many people none is looked up: their groups are called as they are', async () => {
  const { people, asked } = await start();
  const many = Array.from({ length: 51 }, (_, n) => `UX${n}`);
  expect(await people.awake(many, 0)).toEqual({ ids: many });
  expect(asked('users.info')).toBe(0);
});
