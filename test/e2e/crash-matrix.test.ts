import { describe, expect, test, vi } from 'vitest';
import type { Dialect } from '../../src/sandbox/crewai/dialect.ts';
import type { WebhookRecord } from '../../src/sandbox/crewai/webhooks.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { type FlowDeployment, startFlowDeployment } from '../sandbox/crewai/flow/deployment.ts';
import { scaleLimit } from '../support/limits.ts';
import { type MortalBot, type Point, startMortalBot } from '../support/mortal/mortal-bot.ts';
import { clickOn, kickoff, revisionOf } from '../support/process-steps.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { GOES_ON, shown, startWorld, type World } from '../support/world.ts';

// That every other point ends the same is proved by test/world/crash-points.test.ts: here a real process is killed, and a
// real store has what it had committed.
const RUN: readonly Point[] = [
  'after 1 commit',
  'after 12 commit',
  'after 28 commit',
  'before 1 chat.postMessage',
  'after 1 chat.postMessage',
  'before 1 chat.update',
  'after 1 chat.update',
  'before 1 resume',
  'after 2 resume',
];
const REVIEW: readonly Point[] = [
  'after 2 commit',
  'after 6 commit',
  'before 1 chat.postMessage',
  'after 1 chat.postMessage',
  'before 1 response_url',
  'after 1 response_url',
  'before 1 respond',
  'after 1 respond',
];
const DOCUMENTED = RUN.filter((point) => /^after . (chat.postMessage|resume)/.test(point));
/** On a server what differs is what it had committed, also at the last moment. */
const COMMITTED = {
  run: RUN.filter((point) => /commit$|^after 2 resume/.test(point)),
  review: REVIEW.filter((point) => /commit$|^after 1 respond$/.test(point)),
};
const FLOW_SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const FEEDBACK = 'Shorter, please';
/** A start, the lease of a killed worker and the sweep that finds it, on a busy machine. */
const holds = (what: string, condition: () => boolean) =>
  vi.waitUntil(condition, { timeout: scaleLimit(60_000), interval: 20 }).catch((error: unknown) => {
    throw new Error(`not in time: ${what}`, { cause: error });
  });

/** What asks for decisions, and what CrewAI has got of them. */
interface Story {
  /** The answers of the bot to its webhooks. */
  answers(): (string | undefined)[];
  decisions: readonly { action: string; label: string; isTaken(): boolean }[];
  /** How often a decision was sent. */
  sent(): number;
  /** What every card of it says in the end. */
  ends: string;
  hasResult: boolean;
  /** CrewAI has each decision, once. */
  check(): void;
}

function startRun(world: World, webhook: (kind: string) => string): Story {
  const { platform } = world;
  const before = platform.resumes.length;
  const run = kickoff(world, { webhook });
  const isTaken = (round: number) => platform.execution(run).rounds[round]?.approved !== undefined;
  return {
    answers: () => platform.webhooks.filter((sent) => sent.run === run).map(({ answer }) => answer),
    decisions: [
      { action: 'request_revision', label: 'Request revision', isTaken: () => isTaken(0) },
      { action: 'approve', label: 'Approve', isTaken: () => isTaken(1) },
    ],
    sent: () => platform.resumes.length - before,
    ends: GOES_ON,
    hasResult: true,
    check() {
      const { rounds, status } = platform.execution(run);
      expect(status).toBe('completed');
      expect(rounds.map(({ feedback, approved }) => ({ feedback, approved }))).toEqual([
        { feedback: revisionOf(world, FEEDBACK), approved: false },
        { feedback: 'Approved.', approved: true },
      ]);
    },
  };
}

function askReview(flow: FlowDeployment): Story {
  const listAnswers = () => flow.requests.filter(({ method }) => method === 'POST');
  const before = listAnswers().length;
  const output = '# Quarterly report\n\nAll is well.';
  const emit = ['publish', 'rewrite', 'discard'];
  const review = flow.ask({ method: 'review_report', message: 'Is this report ready?', output, emit });
  const isOfIt = ({ body }: { body: unknown }) => (body as { id: string }).id === review.requestId;
  return {
    answers: () => flow.webhooks.filter(isOfIt).map(({ answer }) => answer),
    decisions: [{ action: 'choose_2', label: 'rewrite', isTaken: () => review.answer() !== undefined }],
    sent: () => listAnswers().length - before,
    ends: texts.state.notHeardOf('flow'),
    hasResult: false,
    check() {
      expect(review.answer()).toMatchObject({ feedback: 'rewrite', via: 'api' });
      const [first, ...again] = listAnswers().slice(before);
      expect(first?.body).toMatchObject({ source: 'slack' });
      for (const { status } of again) expect(status).toBe(409);
    },
  };
}

/** One story, in which the bot is killed and started again; it ends as it would without. */
async function tell(world: World, bot: MortalBot, story: Story, point: Point): Promise<void> {
  const { workspace } = world;
  const deaths = bot.deaths();
  const approval = () => /"approval":"(\w{16})"/.exec(story.answers().join())?.[1];
  const cards = () =>
    shown(workspace).filter((card) => card.approval !== undefined && card.approval === approval());
  const open = (label: string) => cards().filter(({ buttons }) => buttons.includes(label));
  const click = (ts: string, action: string, user: string) =>
    clickOn(world, ts, action, user).catch((error: unknown) => {
      // The card has changed meanwhile.
      if (!String(error).includes('nothing to click')) throw error;
      return { acked: false };
    });

  for (const { action, label, isTaken } of story.decisions) {
    while (!isTaken()) {
      await holds(`a card to ${label}`, () => isTaken() || open(label).length > 0);
      await bot.up();
      const [card] = open(label);
      if (isTaken() || !card) continue;
      const life = bot.deaths();
      const isOver = () => isTaken() || bot.deaths() > life;
      const modal = () => workspace.openView('UANA') !== undefined;
      // A process that was killed before its ack has left it open.
      if (action !== 'request_revision' && modal()) await workspace.closeModal({ user: 'UANA' });
      if (!modal()) await click(card.ts, action, 'UANA');
      if (action === 'request_revision') {
        await holds('the modal', () => modal() || isOver());
        if (modal()) {
          const values = { feedback: { feedback: FEEDBACK } };
          const { acked, closed } = await workspace.submit({ user: 'UANA', values });
          // What a killed process had recorded is told in the modal.
          if (acked && !closed) await workspace.closeModal({ user: 'UANA' });
        }
      }
      const isShown = () => !open(label).some(({ ts }) => ts === card.ts);
      await holds(`${label} to show`, () => isOver() || isShown());
    }
  }

  await holds('the kill', () => bot.deaths() > deaths);
  await bot.up();
  const rounds = story.decisions.length;
  const settled = () =>
    cards().filter(({ all, buttons }) => buttons.length === 0 && all.includes(story.ends));
  await holds('each round settled', () => settled().length >= rounds);
  // A card that Slack never told the bot of learns by a click that it was decided.
  for (const { action, label } of story.decisions.slice(-1))
    for (const { ts } of open(label)) await click(ts, action, 'UBEN');
  await holds('every card settled', () => settled().length === cards().length);
  const threads = new Set(cards().map(({ ts }) => ts));
  const results = () =>
    shown(workspace).filter(
      ({ thread_ts = '', all }) => threads.has(thread_ts) && all.includes('has finished'),
    );
  if (story.hasResult) await holds('the result', () => results().length > 0);

  story.check();
  // Only what may have been lost on the way is there twice, or was sent again.
  const max = point.startsWith('after') ? 1 : 0;
  expect(cards().length - rounds + Math.max(0, results().length - 1)).toBeLessThanOrEqual(max);
  // A kill can come between CrewAI's answer and its record, whatever it waited for.
  expect(story.sent() - rounds).toBeLessThanOrEqual(1);
}

/** One bot on one store, killed at one point of each story after the other. */
async function killAll(
  { dialect, url }: { dialect: Dialect; url?: string },
  points: { run?: readonly Point[]; review?: readonly Point[] },
): Promise<void> {
  const world = await startWorld(undefined, { dialect });
  const flow = await startFlowDeployment({ secret: FLOW_SECRET });
  const { host } = new URL(flow.baseUrl);
  Object.assign(world.settings, { FLOW_WEBHOOK_SECRETS: FLOW_SECRET, CALLBACK_HOSTS: host, NOTIFY: 'none' });
  if (url !== undefined) world.settings.STORE_URL = url;
  const redelivered = new Set<WebhookRecord>();
  const bot = await startMortalBot(world, async () => {
    for (const { webhooks, redeliver, changed } of [world.platform, flow]) {
      const ended = () => webhooks.every(({ status, error }) => status !== undefined || error !== undefined);
      await changed(ended, { what: 'the end of each webhook' });
      for (const [index, sent] of webhooks.entries()) {
        if (sent.status === 202 || redelivered.has(sent)) continue;
        redelivered.add(sent);
        await redeliver(index);
      }
    }
  });
  const { webhook } = await bot.up();
  flow.sendTo(webhook('flow').replace(/\?.*/, ''));
  const stories = [
    ...(points.run ?? []).map((point) => ({ point, start: () => startRun(world, webhook) })),
    ...(points.review ?? []).map((point) => ({ point, start: () => askReview(flow) })),
  ];
  for (const [index, { point, start }] of stories.entries()) {
    bot.killAt(point);
    try {
      await tell(world, bot, start(), point);
    } catch (error) {
      const seen = JSON.stringify(shown(world.workspace).slice(-6), null, 1);
      const lines = bot
        .logged()
        .slice(-30)
        .map((line) => JSON.stringify(line));
      throw new Error([`story ${index}, killed ${point}: ${error}`, seen, ...lines].join('\n'), {
        cause: error,
      });
    }
    expect(bot.deaths()).toBe(index + 1);
  }
  expect(bot.logged().filter(({ level }) => level >= 50)).toEqual([]);
  await flow.close();
}

const promise =
  'killed at some points and started again: each webhook has its card, each decision arrives once, each card ends true';
const timeout = scaleLimit(10 * 60_000);

describe('on SQLite', () => {
  test(promise, { timeout }, () => killAll({ dialect: 'live' }, { run: RUN, review: REVIEW }));
  test(`${promise} (documented dialect)`, { timeout }, () =>
    killAll({ dialect: 'documented' }, { run: DOCUMENTED }),
  );
});

describeRedis('on Redis', () => {
  test(promise, { timeout }, () => killAll({ dialect: 'live', url: newRedisUrl() }, COMMITTED));
});

describePostgres('on Postgres', () => {
  test(promise, { timeout }, async () =>
    killAll({ dialect: 'live', url: await newPostgresUrl() }, COMMITTED),
  );
});
