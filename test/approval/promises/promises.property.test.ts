import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { WebhookUrls } from '../../../src/approval/model/crew/webhook-urls.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { requireRuns } from '../../support/property-runs.ts';
import { hashOfCard } from '../builders.ts';
import { PLAYED, sequencesOn, setupsOn } from './promises-commands.ts';
import { type Click, createDoors } from './promises-endpoints.ts';
import { play } from './promises-play.ts';
import type { Hook } from './promises-run.ts';
import { createPromisesWorld, type Process, type PromisesWorld } from './promises-world.ts';

/**
 * To replay a failure, take seed and path from its message:
 * FC_SEED=123 FC_PATH=4:5:6 npx vitest run test/approval/promises/promises.property.test.ts
 * FC_RUNS says how many sequences are tried.
 */
const { CI, FC_SEED, FC_PATH, FC_RUNS } = process.env;
const numRuns = Number(FC_RUNS ?? (CI ? 1_000 : 60));
const SECOND = 1_000;

test.each(PLAYED)(
  'the promises hold (%s) whatever is clicked, delivered, lost, broken or killed, in any order',
  async (played) => {
    const property = fc.asyncProperty(setupsOn(played), sequencesOn(played), async (setup, commands) => {
      await play(setup, commands);
    });
    const details = await fc.check(property, {
      numRuns,
      interruptAfterTimeLimit: 300_000,
      ...(FC_SEED ? { seed: Number(FC_SEED) } : {}),
      ...(FC_PATH ? { path: FC_PATH } : {}),
    });
    const [setup, commands = []] = details.counterexample ?? [];
    const message = [
      `A promise was broken (FC_SEED=${details.seed} FC_PATH=${details.counterexamplePath}):`,
      details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance),
      `in ${JSON.stringify(setup)} by`,
      ...commands.map((command, index) => `  ${index + 1}. ${command}`),
    ];
    expect(details.failed, message.join('\n')).toBe(false);
    if (!FC_PATH) requireRuns(details, { all: true });
  },
  300_000,
);

/** A world with its first card up, driven by hand. */
async function shown() {
  const world = createPromisesWorld({
    origin: 'crew',
    dialect: 'documented',
    order: 1,
    route: 'task',
    sole: false,
    shown: true,
    quorum: 1,
  });
  const doors = createDoors(world);
  const pass = (seconds: number) => world.stage.advance(seconds * SECOND, world.dueAt);
  world.run.work('new');
  doors.deliver(world.run.outbox.pop() as Hook, 0);
  await pass(1);
  const click = (what: Click['what']) =>
    doors.click({ what, by: 'UANA', which: 0, back: 0, card: 0, slot: 0 });
  const register = (urls: WebhookUrls) => void world.living(0)?.receiver.register(world.crew, 'e1', { urls });
  const record = () => world.approvals()[0] as Approval;
  return { world, pass, click, register, record };
}

describe('a card is put right', () => {
  const another = { task: 'https://erp.example.com/1' };
  const timedOut = ({ slack }: PromisesWorld) => void slack.failures.push('answer lost');
  const died = ({ processes }: PromisesWorld) => {
    for (const { actor } of processes) actor.fate = { at: 4, when: 'after' };
  };

  test.each([
    ['the answer to its update was lost', timedOut],
    ['its worker died after the update', died],
  ])('when %s, and meanwhile it should look as it did before', async (_, happens) => {
    const { world, pass, register, record } = await shown();
    const before = world.slack.messages[0]?.key;
    happens(world);
    register(another);
    await pass(1);
    expect(world.slack.messages[0]?.key).not.toBe(before);
    register({});
    await pass(60);
    expect(hashOfCard(record(), record().rounds[0] as Round)).toBe(before);
    expect(world.slack.messages[0]?.key).toBe(before);
  });
});

describe('an acceptance that a worker could record only late', () => {
  test('settles a revision that was undelivered meanwhile, because the store was down', async () => {
    const { world, pass, click, record } = await shown();
    world.crewFails.push('slow');
    click('request_revision');
    await pass(1);
    world.storeFails('all');
    world.stage.after(70 * SECOND, world.storeWorks);
    await pass(100);
    expect(world.taken).toHaveLength(1);
    expect(record().facts.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['undelivered', 'attempt_ended']),
    );
    expect(record().rounds[0]?.status).toBe('revision_requested');
  });

  test('settles an approve that was refused meanwhile, because its worker stood still', async () => {
    const { world, pass, click, record } = await shown();
    world.crewFails.push('slow');
    click('approve');
    await pass(1);
    world.freeze(world.processes[0] as Process, 30 * SECOND);
    world.crewFails.push('refuses');
    await pass(60);
    expect(world.taken).toHaveLength(1);
    expect(record().facts.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['refused', 'attempt_ended']),
    );
    expect(record().rounds[0]?.status).toBe('approved');
  });
});
