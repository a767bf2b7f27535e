import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrewTask } from '../../../src/sandbox/crewai/crew-task.ts';
import { createRates } from '../../sandbox/slack/rates.ts';
import { draft, SECRET, startWorld } from '../world.ts';
import { startBalancer } from './balancer.ts';
import { type SeenCard, watchBoard } from './board.ts';
import { createChance } from './chance.ts';
import { failByChance, type Odds, SLACK_CALLS } from './failures.ts';
import { CLOSED, createPeople, type People } from './people.ts';
import { hasContinued, isEveryClickAnswered } from './proof.ts';
import { type Life, startReplicas } from './replicas.ts';

export interface DrillOptions {
  storeUrl: string;
  seed: number;
  approvals: number;
  channels: number;
  /** Time in which every card must show its outcome, in milliseconds. */
  within: number;
  /** Time in which all runs are kicked off, in milliseconds. */
  kickoffsWithin: number;
  /** Longest time a person looks at a card, in milliseconds. */
  thinks: number;
  /** Longest time between two steps of a run, in milliseconds. */
  step: number;
  odds: { slack: Odds[]; crewai: Odds[] };
  /** Range of the time between a restart and the next kill, in milliseconds. */
  killsApart: readonly [number, number];
}

/**
 * How a run is decided. `crowd`: two approvers and an outsider click at once; `revision`: a revision first; `duel`: an
 * approval and a revision request at once, and the faster one counts.
 */
const KINDS = ['one', 'crowd', 'revision', 'one', 'duel', 'one', 'crowd', 'one', 'one', 'one'] as const;

export interface Run {
  number: number;
  kind: (typeof KINDS)[number];
  channel: string;
  execution: string;
}

const release: CrewTask = {
  ...draft,
  writeOutput: ({ revisions, inputs }) =>
    `# Release ${inputs.number}\n\nMade from linen.\n\n${revisions.join('\n')}`,
};

/** Slack waits 3 s for an ack. On a busy machine a later ack is late, not missing: the drill counts it. */
const ACK_WITHIN = 12_000;
const SWEEPERS = 400;

export type Drill = Awaited<ReturnType<typeof runDrill>>;

/** Runs everything at once until every card shows its outcome. Returns what was seen, for the proof. */
export async function runDrill(options: DrillOptions) {
  const { storeUrl, seed, channels: channelCount, kickoffsWithin, killsApart, thinks, step, odds } = options;
  const chance = createChance(seed);
  const runs: Run[] = Array.from({ length: options.approvals }, (_, number) => ({
    number,
    kind: KINDS[number % KINDS.length] as Run['kind'],
    channel: `CDRILL${number % channelCount}`,
    execution: '',
  }));
  const approvers = runs.flatMap(({ number }) => ['A', 'B', 'C', 'H'].map((who) => `U${who}${number}`));
  const outsiders = runs.map(({ number }) => `UO${number}`);
  const sweepers = Array.from({ length: SWEEPERS }, (_, number) => `UZ${number}`);
  const everybody = [...approvers, ...outsiders, ...sweepers];
  const channels = Array.from({ length: channelCount }, (_, number) => `CDRILL${number}`);
  const world = await startWorld(
    [release],
    // The drill also needs "not pending" to learn the fate of a decision; the live dialect does not say that.
    { webhookTimeoutMs: 60_000, dialect: 'documented' },
    {
      people: everybody.map((id) => ({ id, name: id.toLowerCase() })),
      channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: everybody, botIsMember: true })),
      groups: [],
      // With all rate limits, 200 approvals with three or more updates each would take a quarter of an hour.
      retryAfter: createRates(undefined, {}),
      ackDeadlineMs: ACK_WITHIN,
    },
  );
  const { workspace, platform, folder } = world;

  let lives: readonly Life[] = [];
  const balancer = await startBalancer(() => lives);
  const board = watchBoard(workspace, { platform, channels, within: options.within });
  const file = join(folder, 'crews.yml');
  const press = {
    ...{ base_url: platform.baseUrl, bearer_token: '$TOKEN', webhook_secret: SECRET },
    ...{ channel: channels[0], channels, approvers: [...approvers, ...sweepers] },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ crews: { press } }));
  // The crews file contains these settings of the crew.
  const CREW_SETTINGS = [
    'CREWAI_BASE_URL',
    'CREWAI_BEARER_TOKEN',
    'CREW_NAME',
    'WEBHOOK_SECRET',
    'APPROVAL_CHANNEL',
    'APPROVERS',
  ];
  const otherSettings = Object.entries(world.settings).filter(([name]) => !CREW_SETTINGS.includes(name));
  const botSettings = {
    ...Object.fromEntries(otherSettings),
    ...{ TOKEN: world.settings.CREWAI_BEARER_TOKEN ?? '', CREWS_FILE: file },
    ...{ STORE_URL: storeUrl, PUBLIC_URL: balancer.url },
  };
  const replicas = await startReplicas(botSettings, folder, board.lookSoon);
  lives = replicas.current;
  workspace.connectBot(`${balancer.url}/slack/events`);

  const startedAt = Date.now();
  const slack = failByChance(workspace.failures, SLACK_CALLS, odds.slack, chance.fork());
  const crewai = failByChance(platform.failures, ['resume'], odds.crewai, chance.fork());
  const stopPulse = pulse(platform, step);
  const { taken } = balancer;
  const people = createPeople({ workspace, board, taken, chance: chance.fork() });
  const noMoreAccidents = replicas.accidents(chance.fork(), killsApart);

  const webhook = (kind: string) => `${balancer.url}/webhooks/press/${kind}?token=${SECRET}`;
  const humanInputWebhook = {
    url: `${balancer.url}/webhooks/press/human-input`,
    authentication: { strategy: 'bearer' as const, token: SECRET },
  };
  const stories = runs.map(async (run) => {
    const runChance = chance.fork();
    await runChance.while(0, kickoffsWithin);
    run.execution = platform.kickoff({
      inputs: { number: run.number },
      meta: { channel: run.channel },
      crewWebhookUrl: webhook('crew'),
      ...(mayBeSentBack(run) ? { humanInputWebhook } : { taskWebhookUrl: webhook('task') }),
    });
    await decideRun(run, people, board.until, () => runChance.while(0, thinks));
  });
  let swept = 0;
  let fault: unknown;
  try {
    await Promise.all(stories);
    swept = await sweepTwins();
    await board.until('every card to say how it ended', () => runs.every(hasEnded));
    // Who clicked after the decision does not wait for the bot's answer.
    await people.patiently(() => isEveryClickAnswered({ people, workspace, board, replicas }));
  } catch (error) {
    fault = error;
  }
  const tookMs = Date.now() - startedAt;
  await noMoreAccidents();
  stopPulse();
  workspace.failures.clear();
  platform.failures.clear();
  await replicas.stop();
  await board.end();

  function hasEnded({ execution }: Run): boolean {
    const cards = board.cards(execution);
    return cards.length > 0 && cards.every(hasContinued) && board.hasResult(execution);
  }

  /** If Slack's answer is lost, the bot does not know that the card exists until someone clicks on it. */
  async function sweepTwins(): Promise<number> {
    let count = 0;
    for (;;) {
      const staleCards = board.all().filter(isStale);
      if (staleCards.length === 0) return count;
      await Promise.all(staleCards.map((card) => people.sweep(sweepers[count++] ?? 'UZ0', card)));
    }
  }

  function isStale({ execution, round, buttons }: SeenCard): boolean {
    return buttons.length > 0 && board.cards(execution, round).some(({ all }) => CLOSED.test(all));
  }

  return {
    ...{ runs, workspace, platform, board, people, replicas, balancer, slack, crewai, swept, outsiders },
    tookMs,
    /** The error if something did not come in time. */
    fault,
  };
}

/**
 * True for runs with human-input webhooks, whose task id names the round: a revision that is sent again after a lost
 * answer can only reach its own output. With a task name it could reach the next output, if that came before its
 * webhook.
 */
function mayBeSentBack({ kind }: Run): boolean {
  return kind === 'revision' || kind === 'duel';
}

async function decideRun(
  run: Run,
  people: People,
  until: (what: string, predicate: () => boolean) => Promise<void>,
  think: () => Promise<void>,
): Promise<void> {
  const { execution, kind, number } = run;
  const who = (letter: string) => `U${letter}${number}`;
  const feedback = `Shorter, please, says U-B-${number}`;
  await until(`a card of ${execution}`, () => people.live(execution, 1).length > 0);
  await think();
  const deciding: Promise<void>[] = [];
  if (kind !== 'revision') deciding.push(people.decide(who('A'), execution, 1));
  if (kind === 'crowd') {
    deciding.push(
      people.decide(who('B'), execution, 1),
      people.decide(who('O'), execution, 1, { mayDecide: false }),
    );
  }
  if (mayBeSentBack(run)) {
    deciding.push(people.requestRevision(who('B'), execution, feedback));
  }
  await Promise.all(deciding);
  await people.seeThrough(who('H'), execution, 1);
  if (!people.sentBack(execution)) return;
  await until(`round 2 of ${execution}`, () => people.live(execution, 2).length > 0);
  await think();
  await people.decide(who('C'), execution, 2);
  await people.seeThrough(who('H'), execution, 2);
}

/** Lets runs move on in short intervals, as a working crew does: an answer comes before its consequences. */
function pulse(platform: { hold(): void; release(): void }, step: number): () => void {
  platform.hold();
  const beat = setInterval(() => {
    platform.release();
    setTimeout(() => platform.hold(), 30);
  }, step);
  return () => {
    clearInterval(beat);
    platform.release();
  };
}
