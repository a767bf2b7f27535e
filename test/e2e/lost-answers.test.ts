import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import {
  always,
  approvalOfRun,
  clickOn,
  kickoff,
  ready,
  requestRevision,
  revisionOf,
  roots,
} from '../support/process-steps.ts';
import { startGate } from '../support/spawn-bot.ts';
import { DIALECTS, draft, type Shown, sees, shown, startBot, startWorld } from '../support/world.ts';
import { completed, ownCalendar, says } from './complaint-steps.ts';

const summary = { ...draft, name: 'summary', output: () => 'Linen, in 120 words.' };
const lost = { on: 'resume', failure: { answerLost: true as const } };

/** The webhook fields of a request. */
function urlsIn(body: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body as object).filter(([name]) => /Webhook/.test(name)));
}

describe.each(DIALECTS)('an answer of /resume that is lost on the %s dialect', (dialect) => {
  test('to an approve is settled by what the run does next, and has one effect', async () => {
    const world = await startWorld([draft, summary], { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    platform.failures.plan(lost);
    await clickOn(world, ts, 'approve');
    const next = await sees(workspace, 'the next card', (it) => it.all.includes('120 words') && ready(it));
    const card = await says(world, ts, 'CrewAI accepted it');
    expect(card.all).toContain('Approved by <@UANA>');
    expect(card.buttons).toEqual([]);
    expect(next.thread_ts).toBeUndefined();
    expect(platform.execution(execution)).toMatchObject({
      status: 'pending human input',
      feedback: ['Approved.'],
    });
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await completed(world, execution);
    await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
    expect(platform.execution(execution).feedback).toEqual(['Approved.', 'Approved.']);
    expect(roots(world)).toHaveLength(2);
  });

  test('to a revision is settled by the next round, and has one effect', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    platform.failures.plan(lost);
    await requestRevision(world, ts, 'Shorter');
    const second = await sees(workspace, 'round 2', (it) => it.all.includes('(round 2)') && ready(it));
    expect(second.thread_ts).toBe(ts);
    const card = await says(world, ts, texts.card.continued);
    expect(card.all).toContain('Revision requested by <@UBEN>');
    await clickOn(world, second.ts, 'approve');
    await completed(world, execution);
    expect(platform.execution(execution).feedback).toEqual([revisionOf(world, 'Shorter'), 'Approved.']);
    expect(roots(world)).toHaveLength(1);
  });

  test('to a revision whose next round comes before the answer: the round is there, and the answer changes nothing', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const crewai = await startGate(platform.baseUrl);
    const execution = kickoff(world, await startBot(world, { CREWAI_BASE_URL: crewai.url }));
    const { ts } = await sees(workspace, 'the card', ready);
    crewai.hold();
    await requestRevision(world, ts, 'Shorter');
    const second = await sees(workspace, 'round 2', (it) => it.all.includes('(round 2)') && ready(it));
    await says(world, ts, texts.card.continued);
    crewai.release();
    await clickOn(world, second.ts, 'approve');
    await completed(world, execution);
    expect(platform.resumes.map(({ status }) => status)).toEqual([200, 200]);
    expect(shown(workspace).filter(({ all }) => all.includes('(round '))).toHaveLength(1);
  });

  test('to the last approve is settled by the end of the run, whatever id that comes under', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world), { events: true });
    const { ts } = await sees(workspace, 'the card', ready);
    platform.failures.plan(lost);
    await clickOn(world, ts, 'approve');
    await completed(world, execution);
    const card = await says(world, ts, 'CrewAI accepted it');
    expect(card.buttons).toEqual([]);
    await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
    expect(platform.execution(execution).feedback).toEqual(['Approved.']);
  });

  test.each(['finished', 'waiting'])(
    'and the URLs of a %s run that start another one do not join the two',
    async (state) => {
      const world = await startWorld([draft, summary], { dialect });
      const { workspace, platform } = world;
      const first = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      const own = await approvalOfRun(world, first);
      await clickOn(world, ts, 'approve');
      const isNext = ({ all }: Shown) => all.includes('120 words');
      const { ts: next } = await sees(workspace, 'the next card', (it) => isNext(it) && ready(it));
      if (state === 'finished') {
        await clickOn(world, next, 'approve');
        await sees(workspace, 'the result', ({ all }) => all.includes('has finished'));
      }
      const urls = urlsIn(platform.resumes.at(-1)?.body);
      const second = platform.kickoff({ ...urls, ...(dialect === 'documented' ? { meta: urls } : {}) });
      const other = await approvalOfRun(world, second);
      expect(other).not.toBe(own);
      const card = await sees(workspace, 'the card of the other run', ({ approval }) => approval === other);
      expect(card.thread_ts).toBeUndefined();
      await clickOn(world, card.ts, 'approve');
      await sees(workspace, 'its next card', (it) => it.ts > card.ts && isNext(it) && ready(it));
      expect(platform.execution(first).feedback).toHaveLength(state === 'finished' ? 2 : 1);
      expect(platform.execution(second).feedback).toEqual(['Approved.']);
    },
  );
});

describe('where a 200 proves nothing and no webhook settles it', () => {
  test.each(['approve', 'request_revision'] as const)(
    'an %s is undelivered after a minute, not after an hour: "It may have reached CrewAI", and a person decides',
    async (action) => {
      const pass = ownCalendar();
      const world = await startWorld();
      const { workspace, platform } = world;
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      platform.failures.plan({ on: 'resume', failure: { reset: true }, ...always });
      if (action === 'approve') await clickOn(world, ts, 'approve');
      else await requestRevision(world, ts, 'Shorter');
      await says(world, ts, "I'll keep trying");
      pass(61_000);
      const card = await says(world, ts, texts.card.mayHaveArrivedUnanswered);
      expect(card.buttons).toEqual(['Retry', 'Close without a decision']);
      platform.failures.clear();
      await clickOn(world, ts, 'retry', 'UBEN');
      await says(world, ts, texts.card.continued);
      expect(platform.execution(execution).feedback).toHaveLength(1);
    },
  );
});
