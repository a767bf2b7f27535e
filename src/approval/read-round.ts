import { canReadOutput, findRefusal, isOwnCard, refuseResponder } from './access/deciders.ts';
import type { App } from './app.ts';
import type { Refusal } from './lifecycle/refusal.ts';
import { type Approval, findRound, showsOtherOutput } from './model/approval.ts';
import { LOST_OUTPUT, type Output } from './model/output.ts';
import type { Round } from './model/round.ts';
import type { DrawnPlace } from './model/seen.ts';

/** A round of an approval, as a button or a modal names it, and where the person clicked. */
export interface Target {
  approvalId: string;
  round: number;
  /** Fingerprint of the output that was shown (`readFingerprint`); absent: none was shown. */
  output?: string;
  /** Message that was clicked on. `own`: the bot posted it. */
  card?: { channel: string; ts: string; own?: boolean };
  /** The clicked card does not show the whole output. */
  isCut?: boolean;
  /** Place in Slack of the click or the command, for the history. */
  via?: 'card' | 'list' | 'look_up' | 'home' | 'modal' | 'several';
  /** Click on the approval's card that opened the modal. */
  openedOn?: CardClick;
  /** What the place of the click, or of the click that opened the modal, showed; absent: an earlier build drew it. */
  drawn?: DrawnPlace;
}

/** A click on a card. `at`: milliseconds since 1970. */
export interface CardClick {
  by: string;
  at: number;
  channel: string;
  ts: string;
}

/** Time during which a click on a card proves access to its channel, in milliseconds: as long as a member list is valid. */
const CARD_PROOF_VALIDITY = 60 * 60_000;

/**
 * True if the person clicked on the approval's own card, or in a modal that they opened there: only people with access to the
 * channel see the card. A click on any other message proves nothing.
 */
export function isOnCard(app: App, approval: Approval, { via, card, openedOn }: Target, by: string): boolean {
  if (via === 'card') return card !== undefined && isOwnCard(app, approval, card, by);
  if (openedOn?.by !== by) return false;
  const age = app.clock.now() - openedOn.at;
  return age >= 0 && age < CARD_PROOF_VALIDITY && isOwnCard(app, approval, { ...openedOn, own: true }, by);
}

/** Answer to a person's request: done, or not and why. */
export type RequestResult =
  | { done: true; approval: Approval }
  | { done: false; refusal: Refusal; approval?: Approval };

/**
 * Reads a round for someone who wants to read its output: they see its card, are in its channel, or may decide it. Records
 * nothing.
 */
export async function readRound(app: App, target: Target, by: string): Promise<RequestResult> {
  const answer = await loadRound(app, target);
  if (!answer.done || isOnCard(app, answer.approval, target, by)) return answer;
  const { approval } = answer;
  if (await canReadOutput(app, approval, by)) return answer;
  const refusal = await findRefusal(app, approval, by, { mayAskSlack: false });
  return { done: false, refusal: refusal ?? { code: 'open_card' }, approval };
}

export async function loadRound(app: App, target: Target): Promise<RequestResult> {
  const stored = await app.store.approval(target.approvalId);
  const round = stored && findRound(stored.record, target.round);
  if (!stored || !round) return { done: false, refusal: { code: 'unknown' } };
  const approval = stored.record;
  if (showsOtherOutput(approval, target.round, target.output))
    return { done: false, refusal: { code: 'other_output' }, approval };
  return { done: true, approval };
}

/** Reads a round for someone who wants to read the state of its Flow: they must have the right to decide it. Records nothing. */
export async function readFlowState(app: App, target: Target, by: string): Promise<RequestResult> {
  const answer = await loadRound(app, target);
  if (!answer.done) return answer;
  const { approval } = answer;
  const round = findRound(approval, target.round) as Round;
  const refusal =
    (await findRefusal(app, approval, by, { onCard: isOnCard(app, approval, target, by) })) ??
    refuseResponder(app, round, by);
  return refusal ? { done: false, refusal, approval } : answer;
}

/** Loads the state of the Flow that asks for a round. Rejects with a StoreError. */
export async function loadFlowState({ store }: App, { id }: Approval, { review }: Round): Promise<Output> {
  return (
    (review?.stateHash === undefined ? undefined : await store.output(id, review.stateHash)) ?? LOST_OUTPUT
  );
}
