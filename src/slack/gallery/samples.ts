import type { Approval } from '../../approval/model/approval.ts';
import type { Round } from '../../approval/model/round.ts';
import type { RoundStatus } from '../../approval/model/round-status.ts';
import type { CardLinks } from '../views/message-view.ts';
import { AT, makeApproval, makeDecision, makeRound, makeRoundIn } from './records.ts';

/** The names of the people and groups in these records. */
export const PEOPLE: Readonly<Record<string, string>> = {
  UANA: 'Ana',
  UBEN: 'Ben',
  UCAT: 'Cat',
  SEDITORS: 'editors',
};

export const LINKS: CardLinks = {
  message: ({ channel, ts, threadTs }) =>
    `https://example.slack.com/archives/${channel}/p${ts.replace('.', '')}${threadTs ? `?thread_ts=${threadTs}&cid=${channel}` : ''}`,
  command: '/approvals',
};

const CHANNEL = 'CAPPROVALS';
const OWN = 'https://bot.example.com/webhooks/press';
const URLS: Approval['urls'] = {
  task: { url: `${OWN}/task?token=x`, from: 'bot' },
  crew: { url: `${OWN}/crew?token=x`, from: 'bot' },
};

/** A round of the draft of a press release, with its card. */
export function makePressRound(more: Partial<Round> = {}): Round {
  return makeRound(addCard(more));
}

/** The same round in any status. */
export function makePressRoundIn(status: RoundStatus, more: Partial<Round> = {}): Round {
  return makeRoundIn(status, addCard(more));
}

function addCard(more: Partial<Round>): Partial<Round> {
  return {
    agent: 'Copywriter',
    expectedOutput: 'A press release of 300 to 400 words in Markdown',
    card: { channel: CHANNEL, ts: `1700000000.000${more.number ?? 1}00`, shown: '' },
    ...more,
  };
}

export function makePressApproval(rounds: Round[], more: Partial<Approval> = {}): Approval {
  return makeApproval(rounds, {
    task: 'draft_press_release',
    executionId: '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11',
    urls: URLS,
    ...more,
  });
}

/** An approval whose only round is waiting. */
export function makeWaiting(round: Partial<Round> = {}, more: Partial<Approval> = {}): Approval {
  return makePressApproval([makePressRound(round)], more);
}

/** An approval whose only round has this status. */
export function makeInStatus(
  status: RoundStatus,
  round: Partial<Round> = {},
  more: Partial<Approval> = {},
): Approval {
  return makePressApproval([makePressRoundIn(status, round)], more);
}

/** A first round that was sent back and that the run continued with. */
export function makeRoundSentBack(more: Partial<Round> = {}): Round {
  const feedback = 'Shorter, and the price of the shirt is 69 €.';
  return makePressRoundIn('revision_requested', {
    continuedAt: AT,
    decision: makeDecision({ action: 'request_revision', feedback, by: 'UBEN' }),
    ...more,
  });
}

/** Two rounds: the first was sent back, the second is waiting. */
export function makeTwoRounds(second: Partial<Round> = {}): Round[] {
  return [makeRoundSentBack(), makePressRound({ number: 2, ...second })];
}

/** Three rounds that the rule for expired approvals sent back, and a fourth whose deadline has passed too. */
export function makeRoundsWithExhaustedRule(): Round[] {
  const decision = makeDecision({
    action: 'request_revision',
    rule: 'expiry',
    by: '',
    feedback: 'Please try again',
  });
  const sentBack = [1, 2, 3].map((number) => makeRoundSentBack({ number, decision }));
  return [...sentBack, makePressRound({ number: 4, expiredAt: AT })];
}

/** Gives each approval of a list its own ID. */
export function addIds(approvals: readonly Approval[]): Approval[] {
  return approvals.map((approval, index) => ({
    ...approval,
    id: `BCDEFGHJ${String(index).padStart(2, '0')}`,
  }));
}
