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
import { hasContinued } from './proof.ts';
import { type Life, startReplicas } from './replicas.ts';

export interface DrillOptions {
  storeUrl: string;
  seed: number;
  approvals: number;
  channels: number;
  /** Every card says how it ended by then, in milliseconds. */
  within: number;
  /** All runs are kicked off within this time. */
  kickoffsWithin: number;
  /** How long a person looks at a card, at most. */
  thinks: number;
  /** How long runs take from one step to the next, at most. */
  step: number;
  odds: { slack: Odds[]; crewai: Odds[] };
  /** How long both replicas live between two kills. */
  killsApart: readonly [number, number];
}

/** How a run is decided: by one, by two at once with an outsider, by a revision first, or by whoever of two is faster. */
const KINDS = ['one', 'crowd', 'revision', 'one', 'duel', 'one', 'crowd', 'one', 'one', 'one'] as const;

export interface Run {
  number: number;
  kind: (typeof KINDS)[number];
  channel: string;
  execution: string;
}

const release: CrewTask = {
  ...draft,
  output: ({ revisions, inputs }) =>
    `# Release ${inputs.number}\n\nMade from linen.\n\n${revisions.join('\n')}`,
};

/** Slack waits 3 s for an ack. On a busy machine one that is later is late, not missing: it is counted. */
const ACK_WITHIN = 12_000;
const SWEEPERS = 400;

export type Drill = Awaited<ReturnType<typeof runDrill>>;

/** Everything at once, until every card says how it ended; what was seen is for the proof. */
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
    // Here a decision's fate is told by "not pending" too, which the live dialect does not say.
    { webhookTimeoutMs: 60_000, dialect: 'documented' },
    {
      people: everybody.map((id) => ({ id, name: id.toLowerCase() })),
      channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: everybody, botIsMember: true })),
      groups: [],
      // With all rates 200 approvals, at three updates or more each, would take a quarter of an hour.
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
  // The crew of the file says the rest itself.
  const OWN = [
    'CREWAI_BASE_URL',
    'CREWAI_BEARER_TOKEN',
    'CREW_NAME',
    'WEBHOOK_SECRET',
    'APPROVAL_CHANNEL',
    'APPROVERS',
  ];
  const others = Object.entries(world.settings).filter(([name]) => !OWN.includes(name));
  const own = {
    ...Object.fromEntries(others),
    ...{ TOKEN: world.settings.CREWAI_BEARER_TOKEN ?? '', CREWS_FILE: file },
    ...{ STORE_URL: storeUrl, PUBLIC_URL: balancer.url },
  };
  const replicas = await startReplicas(own, folder, board.lookSoon);
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
    const own = chance.fork();
    await own.while(0, kickoffsWithin);
    run.execution = platform.kickoff({
      inputs: { number: run.number },
      meta: { channel: run.channel },
      crewWebhookUrl: webhook('crew'),
      ...(mayBeSentBack(run) ? { humanInputWebhook } : { taskWebhookUrl: webhook('task') }),
    });
    await decideRun(run, people, board.until, () => own.while(0, thinks));
  });
  let swept = 0;
  let fault: unknown;
  try {
    await Promise.all(stories);
    swept = await sweepTwins();
    await board.until('every card to say how it ended', () => runs.every(hasEnded));
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

  /** A lost answer of Slack leaves a card that the bot does not know of until someone clicks on it. */
  async function sweepTwins(): Promise<number> {
    let count = 0;
    for (;;) {
      const left = board.all().filter(isStale);
      if (left.length === 0) return count;
      await Promise.all(left.map((card) => people.sweep(sweepers[count++] ?? 'UZ0', card)));
    }
  }

  function isStale({ execution, round, buttons }: SeenCard): boolean {
    return buttons.length > 0 && board.cards(execution, round).some(({ all }) => CLOSED.test(all));
  }

  return {
    ...{ runs, workspace, platform, board, people, replicas, balancer, slack, crewai, swept, outsiders },
    tookMs,
    /** What did not come in time. */
    fault,
  };
}

/**
 * These come by the human-input webhook, whose task id names the round: a revision that is sent again after a lost
 * answer can hit no output but its own. By a task's name it could, should the next output be faster than its webhook.
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

/** Runs move on now and then, as a crew at work does: an answer comes before its consequences. */
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
