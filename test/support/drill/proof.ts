import { expect } from 'vitest';
import type { Workspace } from '../../sandbox/slack/workspace.ts';
import { GOES_ON } from '../world.ts';
import type { Board, SeenCard } from './board.ts';
import type { Drill, Run } from './drill.ts';
import { diedWith, type People, type Press } from './people.ts';
import type { Replicas } from './replicas.ts';

/** Messages above "info" that may be logged when Slack, CrewAI and replicas fail. All others are faults of the bot. */
const EXPLAINED = [
  'Slack call failed, retrying',
  'decision outcome unknown',
  'decision not delivered, retrying',
  'decision not pending at CrewAI',
  'decision refused by CrewAI',
  'Slack not reached, retrying',
  'reply failed, trying next route',
  'modal not opened',
  // A replica took longer than the time for a click or a form, and the person was notified.
  'decision not recorded',
  'approval not read',
  'configured channels not checked',
  // A replica stood still between the lease of a step and its call, so it made no call.
  'step delayed, retrying',
];
const EXPLAINED_TOO = /^(Redis has append|Postgres has fsync|http request failed )/;

interface Resume {
  execution_id: string;
  is_approve: boolean;
}

/** True if the card has no buttons and says that the run continued. */
export const hasContinued = ({ buttons, all }: SeenCard) => buttons.length === 0 && all.includes(GOES_ON);

/**
 * Checks every round of every run: decided once, accepted once, as a person wanted it, and shown so on all its cards.
 */
export function expectDecidedOnce({ runs, platform, board }: Drill): void {
  const faults: string[] = [];
  for (const run of runs) {
    const { execution } = run;
    const { rounds, status } = platform.execution(execution);
    const acceptedAnswers = platform.resumes
      .filter((resume) => resume.status === 200 && (resume.body as Resume).execution_id === execution)
      .map(({ body }) => (body as Resume).is_approve);
    const decisions = rounds.map(({ approved }) => approved);
    const describeRun = () =>
      JSON.stringify({ rounds, taken: acceptedAnswers, cards: board.cards(execution) });
    const fault = (what: string) => faults.push(`${run.kind} ${execution}: ${what}\n${describeRun()}`);
    if (status !== 'completed') fault(`the run is ${status}`);
    if (JSON.stringify(acceptedAnswers) !== JSON.stringify(decisions))
      fault('a decision was not taken exactly once');
    if (!['[true]', '[false,true]'].includes(JSON.stringify(decisions)))
      fault('decided otherwise than people did');
    for (const [index, { approved, feedback }] of rounds.entries()) {
      const cards = board.cards(execution, index + 1);
      const deciders = decidersOf(cards, approved === true);
      const [decider = ''] = deciders;
      if (cards.length === 0) fault(`round ${index + 1} has no card`);
      if (deciders.size !== 1 || !mayHaveDecided(run, decider, approved === true))
        fault(`round ${index + 1} is told to be decided by ${[...deciders].join(' and ') || 'nobody'}`);
      if (!approved && feedback !== `Shorter, please, says U-B-${run.number}`)
        fault('the feedback was changed');
      if (!cards.every(hasContinued)) fault('a card has buttons or does not say how it went on');
    }
    if (board.cards(execution).some(({ round }) => round > rounds.length)) fault('a card of no round');
    if (!board.hasResult(execution)) fault('the result was not told');
  }
  expect.soft(faults).toEqual([]);
}

/** Checks that every webhook was accepted in the end and that each output has its card. */
export function expectEveryCard({ platform, board, workspace }: Drill): void {
  // A settled card folds, so outputs are looked up in the posted messages.
  const posts = workspace.calls.filter(({ method }) => method === 'chat.postMessage');
  const posted = posts.map(({ args }) => JSON.stringify(args));
  expect.soft(platform.webhooks.filter(({ status }) => status !== 202)).toEqual([]);
  const webhooksWithoutCard = platform.webhooks.filter(({ kind, body }) => {
    if (kind === 'crew') return false;
    const fields = body as Record<'kickoff_id' | 'execution_id' | 'output' | 'task_output', string>;
    const execution = fields.kickoff_id ?? fields.execution_id;
    const output = fields.output ?? fields.task_output;
    const round = platform.execution(execution).rounds.findIndex((other) => other.output === output) + 1;
    const text = JSON.stringify(output.trim()).slice(1, -1);
    return board.cards(execution, round).length === 0 || !posted.some((args) => args.includes(text));
  });
  expect.soft(webhooksWithoutCard).toEqual([]);
}

/** What clicks are answered with: messages to people, and cards. */
type Clicked = { people: People; workspace: Workspace; board: Board; replicas: Replicas };

export const isEveryClickAnswered = (clicked: Clicked) => clicksOf(clicked).untold.length === 0;

/** Checks that every click was answered, except clicks that a killed replica took along. */
export function expectEveryClickAnswered(drill: Drill): void {
  const { unanswered, untold } = clicksOf(drill);
  const describePress = ({ life, ...press }: Press) => ({
    ...press,
    replica: life?.replica,
    killedAt: life?.killedAt,
  });
  const line = (press: Press) => {
    const { person, execution } = press;
    const replies = drill.workspace.ephemerals(person).map(({ ts, text }) => [Number(ts) * 1_000, text]);
    const presses = drill.people.presses.filter((other) => other.execution === execution).map(describePress);
    return JSON.stringify({ ...describePress(press), replies, presses, cards: drill.board.cards(execution) });
  };
  expect.soft([...unanswered, ...untold].map(line)).toEqual([]);
}

export function expectQuietLogs({ replicas }: Drill): void {
  expect.soft(replicas.faults).toEqual([]);
  const loud = replicas
    .logged()
    .filter(({ level, msg }) => level >= 40 && !EXPLAINED.includes(msg) && !EXPLAINED_TOO.test(msg))
    .map(({ life: { replica, killedAt }, ...line }) => JSON.stringify({ replica, killedAt, ...line }));
  expect.soft(loud).toEqual([]);
}

/**
 * Finds the clicks without an ack and those without a visible outcome. A slow replica can answer a click after the person's next
 * one; then the next one has two answers.
 */
function clicksOf({ people: { presses }, workspace, board, replicas }: Clicked) {
  const acked = presses.filter((press) => press.acked);
  const failed = presses.filter((press) => !press.acked);
  // A killed replica closes the connection at once.
  const unanswered = failed.filter((press) => press.status !== 502 || (press.life && !diedWith(press)));
  const couldNotTell = replicas.logged().filter(({ msg }) => msg === 'reply to user failed');
  const untold: Press[] = [];
  const decided = new Set<string>();
  const replies = new Map<string, number[]>();
  const listReplies = (person: string) => {
    const times = replies.get(person) ?? workspace.ephemerals(person).map(({ ts }) => Number(ts) * 1_000);
    replies.set(person, times);
    return times;
  };
  for (const press of acked) {
    const { person, execution, round, action, at, life } = press;
    const nextPressAt = presses.find((other) => other.person === person && other.at > at)?.at ?? Infinity;
    const times = listReplies(person);
    const reply = times.findIndex((time) => time >= at && time < nextPressAt);
    const wasTold = reply !== -1;
    if (wasTold) times.splice(reply, 1);
    const key = `${person} ${execution}.${round}`;
    const decides = namesDecider(board.cards(execution, round), action, person);
    if (press.done || wasTold || press.told) continue;
    const isFirst = decides && !decided.has(key);
    if (isFirst) decided.add(key);
    const isLost =
      diedWith(press) && !couldNotTell.some((line) => line.life === life && line.person === person);
    if (!isFirst && !isLost) untold.push(press);
  }
  const isToldLater = ({ person, at }: Press) => {
    const times = listReplies(person);
    const reply = times.findIndex((time) => time >= at);
    if (reply !== -1) times.splice(reply, 1);
    return reply !== -1;
  };
  return { unanswered, untold: untold.filter((press) => !isToldLater(press)) };
}

/** Lists the deciders named by the cards that say "Decision sent.". */
function decidersOf(cards: readonly SeenCard[], approves: boolean): Set<string> {
  const words = approves ? /Approved by <@(\w+)>/ : /Revision requested by <@(\w+)>/;
  const findDecider = (all: string) => (all.includes('Decision sent. ') ? words.exec(all)?.[1] : '') ?? '';
  return new Set(cards.map(({ all }) => findDecider(all)));
}

/** True if the cards name this person as the approver. */
function namesDecider(cards: readonly SeenCard[], action: string, person: string): boolean {
  return action === 'approve' && decidersOf(cards, true).has(person);
}

function mayHaveDecided({ kind, number }: Run, decider: string, approves: boolean): boolean {
  const letters = approves ? ['A', 'C', ...(kind === 'crowd' ? ['B'] : [])] : ['B'];
  return letters.some((letter) => decider === `U${letter}${number}`);
}
