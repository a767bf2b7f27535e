import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { outcomes } from '../builders.ts';
import { blocks, createWorld, rejects, startWorld, works } from '../worker/worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('the operators get an alert', () => {
  test.each([
    [401, [{ kind: 'crew_token_rejected', crew: 'press', status: 401, at: 0 }]],
    [403, [{ kind: 'crew_token_rejected', crew: 'press', status: 403, at: 0 }]],
    [404, []],
    [422, []],
  ])('when CrewAI rejects the token of a crew, not only one decision (%s)', async (status, alarms) => {
    const world = await startWorld();
    world.crewDoes.push(async () => ({ kind: 'refused', failure: { kind: 'refused', status } }));
    await world.approve(world.id);
    await world.clock.advance(HOUR);
    expect(world.alarms).toMatchObject(alarms);
  });

  test.each(['not_reached', 'unknown'] as const)(
    'when a decision has waited for 10 minutes (%s)',
    async (kind) => {
      const world = await startWorld();
      world.crewAlways(async () => outcomes[kind]);
      await world.approve(world.id);
      await world.clock.advance(10 * MINUTE - 1);
      expect(world.alarms).toEqual([]);
      await world.clock.advance(10 * MINUTE);
      expect(world.alarms.length).toBeGreaterThan(0);
      for (const alert of world.alarms) {
        expect(alert).toMatchObject({ kind: 'decisions_late', crew: 'press' });
        expect(alert.at).toBeGreaterThanOrEqual(10 * MINUTE);
      }
    },
  );

  test('when a rate limit of Slack lasts, while the card waits as long as Slack asks', async () => {
    const world = createWorld();
    world.startWorker('a');
    const limited = { kind: 'try_again', reason: 'ratelimited', retryAfterMs: 30 * MINUTE } as const;
    world.slackDoes.push(rejects(limited));
    const id = await world.output('A release');
    await world.clock.advance(29 * MINUTE);
    expect(world.alarms).toMatchObject([{ kind: 'slack_rate_limit', channel: 'CAPPROVALS', minutes: 30 }]);
    expect((await world.round(id)).card).toBeUndefined();
    await world.clock.advance(2 * MINUTE);
    expect((await world.round(id)).card).toBeDefined();
  });

  test('when Slack rejects cards for a channel, or the token', async () => {
    const world = createWorld();
    world.slackDoes.push(blocks('is_archived'), blocks('token_revoked', 'token'));
    world.startWorker('a');
    await world.outputs(2);
    await world.clock.advance(10 * SECOND);
    expect(world.alarms).toMatchObject([
      { kind: 'channel_blocked', channel: 'CAPPROVALS', reason: 'is_archived' },
      { kind: 'slack_token_rejected', reason: 'token_revoked' },
    ]);
  });

  test('not for a direct message that Slack rejects with an unknown error; reminders are still sent', async () => {
    const escalates = { escalateAfter: 15 * MINUTE, escalateTo: ['UBEN'] };
    const policy = { ...DEFAULT_POLICY, urgent: true, remindAfter: 10 * MINUTE, ...escalates };
    const world = createWorld({
      rules: { approvers: ['UANA', 'UZOE'], policy },
      people: { inChannel: (person) => person !== 'UZOE', channelSize: () => 12 },
    });
    const { worker } = world.startWorker('a');
    const refused = rejects({ kind: 'try_again', reason: 'some_new_word', unknown: true });
    world.slackDoes.push(works, refused, refused, refused);
    await world.shown();
    await world.clock.advance(5 * MINUTE);
    expect([worker.blockedChannels(), world.alarms]).toEqual([[], []]);
    await world.clock.advance(15 * MINUTE);
    expect(world.notes().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['reminder', 'escalated']));
  });

  test('when the store cannot be read', async () => {
    const world = createWorld();
    const { worker } = world.startWorker('a');
    await world.clock.advance(SECOND);
    expect(worker.fault()).toBeUndefined();
    world.memory.fails('all');
    await world.clock.advance(29 * SECOND);
    expect(world.alarms[0]).toMatchObject({ kind: 'store_failed', operation: 'read' });
    expect(worker.fault()).toBeUndefined();
    await world.clock.advance(5 * SECOND);
    expect(worker.fault()).toMatch(/^has not scanned for due work for \d+ s$/);
    world.memory.works();
    await world.clock.advance(6 * SECOND);
    expect(worker.fault()).toBeUndefined();
  });
});

describe('a channel that Slack rejects', () => {
  test('is tried again each hour until it accepts cards, and no card is lost', async () => {
    const world = createWorld();
    world.slackDoes.push(blocks('is_archived'), blocks('is_archived'));
    const { worker } = world.startWorker('a');
    const id = await world.shown();
    expect(worker.blockedChannels()).toEqual(['CAPPROVALS: is_archived']);
    await world.clock.advance(HOUR - 1);
    expect(world.slack.map(({ at }) => at)).toEqual([0]);
    await world.clock.advance(5 * SECOND);
    expect(world.slack).toHaveLength(2);
    expect(worker.blockedChannels()).toEqual(['CAPPROVALS: is_archived']);
    await world.clock.advance(HOUR + 10 * SECOND);
    expect(world.slack).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = world.slack.map(({ at }) => at);
    for (const pause of [second - first, third - second]) {
      expect(pause).toBeGreaterThanOrEqual(HOUR);
      expect(pause).toBeLessThanOrEqual(HOUR + 5 * SECOND);
    }
    expect(worker.blockedChannels()).toEqual([]);
    expect((await world.round(id)).card).toMatchObject({ channel: 'CAPPROVALS' });
  });

  test('is tried for every card after a restart, also while their decisions are sent', async () => {
    const world = createWorld({ sole: true });
    world.slackDoes.push(...Array(20).fill(blocks('channel_not_found')));
    const first = world.startWorker('a');
    const ids = await world.outputs(20);
    await world.clock.advance(30 * SECOND);
    expect(world.slack).toHaveLength(20);
    first.kill();
    for (const id of ids) await world.approve(id);
    world.startWorker('b');
    await world.clock.advance(60 * SECOND);
    const posted = await Promise.all(ids.map(async (id) => (await world.round(id)).card !== undefined));
    expect(posted).toEqual(ids.map(() => true));
    expect(world.resumes).toHaveLength(20);
  });

  test('is tried at once after a restart', async () => {
    const world = createWorld();
    world.slackDoes.push(blocks('channel_not_found'));
    const { kill } = world.startWorker('a');
    const id = await world.shown();
    kill();
    world.startWorker('b');
    await world.clock.advance(SECOND);
    expect(world.slack).toHaveLength(2);
    expect((await world.round(id)).card).toBeDefined();
  });
});
