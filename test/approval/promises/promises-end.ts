import { LEASE } from '../../../src/approval/lifecycle/lanes.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { laneNames } from '../../../src/approval/model/lane.ts';
import { hashOfCard } from '../builders.ts';
import { attemptsOf, type Watched } from './promises-claims.ts';
import type { Doors } from './promises-endpoints.ts';
import { checkReviews } from './promises-reviews.ts';
import { RUN } from './promises-run.ts';
import type { PromisesWorld } from './promises-world.ts';

/** An hour of tries, an hour of a channel that is blocked, and what Slack asks for. */
const LONGEST = 3 * 60 * 60_000;

/** Everything works again, what CrewAI still has to say is said, and the clock runs until nothing is due. */
export async function healAndRest(world: PromisesWorld, doors: Doors) {
  const { stage, run } = world;
  world.storeWorks();
  world.slack.failures.length = 0;
  world.crewFails.length = 0;
  // Who stands still is overtaken before it hears of anything.
  await stage.advance(LEASE, world.dueAt);
  for (const process of world.processes) {
    delete process.actor.fate;
    world.thaw(process);
  }
  for (const slot of world.setup.sole ? [0] : [0, 1]) {
    if (!world.processes.some((process) => process.slot === slot && process.actor.alive)) world.start(slot);
  }
  do {
    run.work('new');
    await rest(world);
    for (let hook = run.outbox.shift(); hook; hook = run.outbox.shift()) {
      doors.deliver(hook, 0);
      await stage.drain();
    }
    await rest(world);
  } while (run.outbox.length > 0 || run.isBusy());
}

async function rest({ stage, dueAt, fault }: PromisesWorld) {
  const until = stage.now() + LONGEST;
  do {
    // At least until the slowest call has its answer.
    await stage.advance(Math.max(LEASE, (dueAt() ?? 0) - stage.now()), dueAt);
    if (stage.now() > until) return fault('it does not come to rest');
  } while (dueAt() !== undefined);
}

/** What has to be true once everything has come to rest. */
export function checkEnd(world: PromisesWorld, doors: Doors) {
  const { watch, slack } = world;
  const { must } = watch;
  for (const { record } of watch.approvals.values()) {
    for (const lane of laneNames)
      must((record.lanes[lane].lease?.until ?? 0) <= world.stage.now(), `the lane ${lane} is still held`);
    must(record.notes.length === 0, `notes were never posted: ${JSON.stringify(record.notes)}`);
    for (const round of record.rounds) {
      const leadsOn = round.status === 'revision_requested' || round.status === 'answered';
      const answered = leadsOn && round.number < record.rounds.length;
      must(
        !answered || round.continuedAt !== undefined,
        `round ${round.number} has its answer, and does not say so`,
      );
      must(round.status !== 'sending', `round ${round.number} is still being sent`);
      must(!!round.card, `round ${round.number} never got its card`);
    }
    checkCards(world, record);
    checkAnswers(world, record);
  }
  for (const { approval, round, hash } of doors.created) {
    const stored = watch.approvals.get(approval)?.record.rounds[round - 1];
    must(stored?.hashes.includes(hash) === true, `round ${round}, answered "created", is gone`);
    const posted = slack.messages.some((one) => one.approval === approval && one.round === round);
    must(posted, `round ${round}, answered "created", was never posted`);
  }
  for (const one of doors.decided) checkDecision(world, one);
  checkRunEnd(world);
  checkReviews(world);
  for (const { approval, round, by } of doors.voted) {
    const votes = watch.approvals.get(approval)?.record.rounds[round - 1]?.votes ?? [];
    must(
      votes.some((vote) => vote.by === by),
      `the vote of ${by} on round ${round} is gone`,
    );
  }
  for (const { text, process } of doors.clicks)
    must(!world.isAlive(process.actor.name), `${text} was never answered`);
  for (const { process } of doors.underway)
    must(!world.isAlive(process.actor.name), 'a webhook was never answered');
}

/** Its end is known on each of its cards, under whichever of its ids it came, as soon as that id is known. */
function checkRunEnd({ run, watch }: PromisesWorld) {
  const claims = [...watch.approvals.values()].flatMap(({ claims: all }) => all);
  const told = run.delivered.filter(({ kind }) => kind === 'human_input').map(({ under }) => under);
  const answered = claims.filter(({ recorded }) => recorded).map(({ alias }) => alias);
  const known = new Set([RUN, ...told, ...answered]);
  const ended = run.delivered.some(({ kind, under }) => kind === 'crew' && known.has(under));
  for (const { record } of ended ? watch.approvals.values() : []) {
    watch.must(
      record.runEndedAt !== undefined,
      `the end of the run was answered 2xx, but ${record.id} goes on`,
    );
  }
}

/** Every card shows what the record says; one that the record does not know was hidden by a lost answer. */
function checkCards({ slack, isAlive, watch: { must } }: PromisesWorld, record: Approval) {
  for (const message of slack.messages) {
    if (message.approval !== record.id || message.deleted) continue;
    const round = record.rounds[message.round - 1];
    const cards = round ? [round.card, ...round.duplicateCards] : [];
    const known = cards.find((card) => card?.ts === message.ts);
    if (!round || !known) {
      const heardOf = !message.hidden && message.claim !== undefined && isAlive(message.claim.process);
      must(!heardOf, `a second card of round ${message.round}`);
      continue;
    }
    // A worker that stood still beyond its lease can overwrite what another one shows.
    const { overtaken } = message;
    if (overtaken && (overtaken.unnoticed || !isAlive(overtaken.claim.process))) continue;
    const wanted = hashOfCard(record, round);
    must(message.key === wanted, `the card of round ${round.number} shows ${message.key}, not ${wanted}`);
    must(known.shown === wanted, `the record has ${known.shown} for the card of round ${round.number}`);
  }
}

/** What CrewAI answered to a worker that lived on is in the record, and no card denies what it took. */
function checkAnswers({ watch, isAlive }: PromisesWorld, record: Approval) {
  const { must } = watch;
  const watched = watch.approvals.get(record.id);
  for (const round of watched ? record.rounds : []) {
    for (const claim of attemptsOf(watched as Watched, round)) {
      // One that stood still for too long before its call never made it.
      const heard = claim.calls > 0 && isAlive(claim.process);
      must(claim.recorded || !heard, `an answer of CrewAI was dropped: ${claim.answer}`);
      const denied = ['refused', 'undelivered'].includes(round.status);
      const taken = claim.answer === 'accepted' && claim.recorded;
      must(
        !(taken && denied),
        `decision accepted by CrewAI of round ${round.number}, but it is ${round.status}`,
      );
    }
  }
}

/** A decision that was answered "done" is in the record, and came to something that its decider was told. */
function checkDecision(
  { watch }: PromisesWorld,
  { approval, round: number, decision }: Doors['decided'][number],
) {
  const { must } = watch;
  const watched = watch.approvals.get(approval);
  const round = watched?.record.rounds[number - 1];
  const text = JSON.stringify(decision);
  if (!watched || !round) return must(false, `the round of ${text} is gone`);
  must(JSON.stringify(round.decision) === text, `the decision ${text} is gone`);
  const { status } = round;
  // A card says these by itself, and who has given up knows it.
  if (['approved', 'revision_requested', 'answered', 'given_up'].includes(status)) return;
  const notes = [...watched.posted.keys()].map((note) => JSON.parse(note));
  const told = notes.some((note) => JSON.stringify(note.decision) === text);
  must(told, `${decision.by} was not told that round ${number} is ${status}`);
}
