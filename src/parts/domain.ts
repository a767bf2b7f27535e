import { randomUUID } from 'node:crypto';
import { DeciderCount } from '../approval/access/count-deciders.ts';
import { createDeciders } from '../approval/access/deciders.ts';
import { ApprovalChanges } from '../approval/changes.ts';
import { createDecisions } from '../approval/decisions.ts';
import { closeNotWaiting } from '../approval/intake/close-not-waiting.ts';
import { createIntake } from '../approval/intake/intake.ts';
import { reportUnseenPauses } from '../approval/intake/unseen-pauses.ts';
import { KickoffWorker } from '../approval/kickoffs/kickoff-worker.ts';
import { createStarts } from '../approval/kickoffs/start-run.ts';
import { forgetShown } from '../approval/lifecycle/lanes.ts';
import type { Kickoff } from '../approval/model/run/kickoff.ts';
import { Mentions } from '../approval/notify/mentions.ts';
import type { Log } from '../approval/ports.ts';
import { loadInbox } from '../approval/queries/inbox.ts';
import { createLookUps } from '../approval/queries/look-ups.ts';
import { updateApproval } from '../approval/update.ts';
import { RateLimits } from '../approval/worker/rate-limits.ts';
import { Retention } from '../approval/worker/retention.ts';
import { Worker } from '../approval/worker/worker.ts';
import { createCrewAI } from '../crewai/crew-ai.ts';
import { LearnedDialects } from '../crewai/dialects/learn-dialects.ts';
import { createGiveWay, runInTurns } from '../lib/give-way.ts';
import type { Settings } from '../settings/settings.ts';
import { createCards } from '../slack/api/cards.ts';
import { ClickedCards } from '../slack/api/clicked-cards.ts';
import { Home } from '../slack/api/home.ts';
import { createRunMessages } from '../slack/api/run-messages.ts';
import { createSlackTurns } from '../slack/api/slack-limits.ts';
import { createDialectStore } from '../store/dialect-store.ts';
import type { Closers, Crews } from './shared.ts';
import type { Slack } from './slack.ts';
import type { Storage } from './storage.ts';

/** The life of an approval: what comes in, who decides, the worker that carries it out, and what can be looked up. */
export function buildDomain(
  settings: Settings,
  log: Log,
  { crews, storage, slack, closers }: { crews: Crews; storage: Storage; slack: Slack; closers: Closers },
) {
  const { records, sole, clock, clockReached, meter, store } = storage;
  const { client, workspace, people, alert, announce } = slack;
  const changes = new ApprovalChanges();
  // A crew that takes Flow reviews only has no URL.
  const deployed = settings.crews.filter(({ baseUrl }) => baseUrl !== '');
  const deployments = new Map(deployed.map((crew) => [crew.name, crew]));
  const callbackHosts = new Map(settings.crews.map((crew) => [crew.name, crew.callbackHosts]));
  const dialects = new LearnedDialects({
    crews,
    deployments,
    store: createDialectStore(records),
    clock,
    log,
    alarm: alert,
    learned: (crew, dialect) => {
      if (dialect !== 'live') return;
      closeNotWaiting({ store, wake: changes.announce, clock }, crew).catch((error: unknown) =>
        log.error({ crew, error }, 'cards of tasks that do not wait not closed'),
      );
    },
  });
  const webhookSecrets = new Map(settings.crews.map((crew) => [crew.name, crew.webhookSecret]));
  const crewAI = createCrewAI({ crews, deployments, webhookSecrets, callbackHosts, dialects, clock });
  const wake = changes.announce;
  const wakeKickoff = (kickoff: Kickoff) => kickoffs.wake(kickoff);
  const intake = createIntake({
    store,
    dialects,
    underway: crewAI.underway,
    clock,
    log,
    wake,
    wakeKickoff,
  });
  const deciders = createDeciders({ store, crews, people });
  const decisions = createDecisions({
    store,
    clock,
    deciders,
    log,
    beginDelivery: (decided) => worker.beginDelivery(decided),
    wake: changes.announceClicked,
  });
  const starts = createStarts({ store, crews, people, crewAI, clock, log, wake: wakeKickoff });
  const lookUps = createLookUps({ store, crews, crewAI, people, deciders, clock, log });

  const limits = new RateLimits(clock);
  const clicked = new ClickedCards(clock, (id, round, card) => {
    updateApproval(store, id, (approval) => forgetShown(approval, round, card))
      .then((approval) => approval && wake(approval))
      .catch((error: unknown) => log.error({ approval: id, error }, 'card not marked for another update'));
  });
  const giveWay = createGiveWay();
  // Reading 1 MiB takes about 10 ms: fifteen in a row would delay a click.
  const loadOutput = runInTurns(giveWay, decisions.output);
  const inbox = (person: string) =>
    loadInbox({ store, crews, people, deciders, loadOutput, clock, log }, person);
  const home = new Home({ client, inbox, links: workspace.links, giveWay, turns: limits, clock, log });
  const slackTurns = createSlackTurns(limits, clicked);
  const shared = { name: randomUUID(), sole, store, crews, crewAI, turns: limits, slackTurns, clock, log };
  const kickoffs = new KickoffWorker({
    ...shared,
    messages: createRunMessages(client),
    recordStartedRun: intake.recordStartedRun,
    random: Math.random,
  });
  const worker = new Worker({
    ...shared,
    cards: createCards(client, workspace.links, clicked),
    mentions: new Mentions(clock, people.members),
    checkRuns: () => reportUnseenPauses({ store, crews, dialects, announce, clock, log }),
    dialects,
    recordAlias: intake.recordAlias,
    recordRunFailure: async (name, executionId, reason) => {
      const crew = crews.get(name);
      if (crew) await intake.recordRunFailure(crew, executionId, reason);
    },
    people,
    random: Math.random,
    changed: () => home.refreshSoon(),
    lag: meter.lag,
    alarm: alert,
    clockReached,
  });
  changes.subscribe((approval, origin) => worker.wake(approval, origin));
  changes.subscribe(() => home.refreshSoon());
  const retention = new Retention({ store, crews: crews.values(), clock, log });
  const deciderCount = new DeciderCount({ store, crews, people, clock, log, alarm: alert, wake });
  closers.push(
    () => home.close(),
    () => dialects.close(),
    () => retention.close(),
    () => deciderCount.close(),
  );
  return {
    dialects,
    intake,
    deciders,
    decisions,
    lookUps,
    starts,
    kickoffs,
    clicked,
    giveWay,
    home,
    worker,
    retention,
    deciderCount,
  };
}
export type Domain = ReturnType<typeof buildDomain>;
