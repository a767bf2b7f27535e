import { expect } from 'vitest';
import type { FlowReview } from '../../../src/sandbox/crewai/flow/flow-review.ts';
import type { Drill } from './drill.ts';
import { listAsked, listReviewers, optionOf, type PlannedReview } from './reviews.ts';

/** Every review of every Flow: its card is there, CrewAI has one answer to it, and all its cards say whose it is. */
export function expectAnsweredOnce(drill: Drill): void {
  const { reviews, flow, board } = drill;
  expect.soft(flow.webhooks.filter(({ status }) => status !== 202)).toEqual([]);
  const faults = reviews.flatMap((planned) => {
    const { execution, kind } = planned;
    const asked = listAsked(flow, execution);
    const rounds = asked.flatMap((review, index) => findFaults(drill, planned, review, index + 1));
    const strays = board.cards(execution).filter(({ round }) => round > asked.length);
    if (asked.length !== (kind === 'again' ? 2 : 1)) rounds.push(`it has asked ${asked.length} times`);
    if (strays.length > 0) rounds.push('a card of no review');
    return rounds.map((fault) => `${kind} ${execution}: ${fault}\n${describe(drill, execution)}`);
  });
  expect.soft(faults).toEqual([]);
}

/** What CrewAI says about an answer that it has is never taken for a rejection of the decision. */
export function expectNoAnswerTakenForRejection({ replicas }: Drill): void {
  const rejected = replicas
    .logged()
    .filter(({ msg, answer }) => msg === 'decision refused by CrewAI' && answer === 409);
  expect.soft(rejected).toEqual([]);
}

function findFaults(drill: Drill, planned: PlannedReview, review: FlowReview, round: number): string[] {
  const { board, people } = drill;
  const cards = board.cards(planned.execution, round);
  const answer = review.answer();
  if (!answer || cards.length === 0) return [`round ${round} has no ${answer ? 'card' : 'answer'}`];
  const taken = listSent(drill, review).filter(({ status }) => status === 200);
  const [[option, person] = [], ...others] = listChosen(cards.map(({ all }) => all));
  const clicked = people.presses.some(
    (press) =>
      press.execution === planned.execution &&
      press.round === round &&
      press.person === person &&
      optionOf(press.action) === option,
  );
  const isOurs = answer.via === 'api';
  const end = isOurs ? 'CrewAI accepted it' : "answered in CrewAI's dashboard";
  const promises: [boolean, string][] = [
    [taken.length === (isOurs ? 1 : 0), `CrewAI took ${taken.length} answers`],
    [planned.kind === 'race' || isOurs, `it was answered by ${answer.via}`],
    [others.length === 0, 'its cards name several choices'],
    [clicked && listReviewers(planned).includes(person ?? ''), `${person} did not choose ${option}`],
    [!isOurs || answer.feedback === option, `${option} was sent as ${answer.feedback}`],
    [cards.every(({ buttons }) => buttons.length === 0), 'a card has buttons'],
    [cards.every(({ all }) => all.includes(end)), 'a card does not say how it ended'],
    [!isSentWithoutNeed(drill, review), 'it was sent again though its answer had come'],
  ];
  return promises.filter(([kept]) => !kept).map(([, fault]) => `round ${round}: ${fault}`);
}

/** Who chose what, as cards say: one pair in all of them. */
function listChosen(cards: readonly string[]): [string, string][] {
  const pairs = cards.map((all) => /\*(\w+)\* chosen by <@(\w+)>/.exec(all)?.slice(1).join(' ') ?? '');
  return [...new Set(pairs)].map((pair) => pair.split(' ') as [string, string]);
}

const listSent = ({ flow }: Drill, { requestId }: FlowReview) =>
  flow.requests.filter(({ method, path }) => method === 'POST' && path.includes(`/${requestId}/`));

/** CrewAI has said that it has an answer, and got it again from replicas that were all alive meanwhile. */
function isSentWithoutNeed(drill: Drill, review: FlowReview): boolean {
  const sent = listSent(drill, review);
  return sent.slice(1).some((later, index) => {
    const before = sent[index];
    const told = before?.fate === 'answered' && (before.status === 200 || before.status === 409);
    const killed = drill.replicas.lives.some(
      ({ killedAt }) => killedAt !== undefined && killedAt >= (before?.at ?? 0) && killedAt <= later.at,
    );
    return told && !killed;
  });
}

function describe(drill: Drill, execution: string): string {
  const asked = listAsked(drill.flow, execution).map((review) => ({
    answer: review.answer(),
    sent: listSent(drill, review).map(({ at, body, status, fate }) => ({ at, body, status, fate })),
  }));
  return JSON.stringify({ asked, cards: drill.board.cards(execution) });
}

/** The figures of the reviews of a drill, as lines of a table. */
export function reviewFiguresOf(drill: Drill): Record<string, string | number> {
  const { flow, callbacks } = drill;
  const sent = flow.reviews.flatMap((review) => listSent(drill, review));
  const byDashboard = flow.reviews.filter((review) => review.answer()?.via === 'dashboard');
  return {
    'reviews of Flows': flow.reviews.length,
    'calls to callbacks': callbacks.requests,
    'of those failed': callbacks.failed,
    'answers taken by CrewAI': sent.filter(({ status }) => status === 200).length,
    'answers told that there is one (409)': sent.filter(({ status }) => status === 409).length,
    'reviews answered in the dashboard first': byDashboard.length,
  };
}
