import { hash, randomUUID } from 'node:crypto';
import { StoreError } from '../lib/errors.ts';
import { canonicalizeJson } from '../lib/json-text.ts';
import { type QuestionAnswer, readQuestionState } from './lifecycle/questions.ts';
import { type Approval, findRound, setLane } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import { attachHash, type HashedOutput } from './model/output.ts';
import type { ReceiptClaims } from './model/receipt.ts';
import { listSeen, type Round } from './model/round.ts';
import type { ApprovalStore, Changes } from './ports.ts';

type ApprovalWrite = NonNullable<Changes['approvals']>[number];

/** Signs receipts of this bot. */
export interface ReceiptSigner {
  issuer: string;
  crews: ReadonlyMap<string, Pick<Crew, 'receiptFor'>>;
  now(): number;
  /** Returns a compact JWS; undefined: the key is revoked, so the answer waits. */
  sign(claims: ReceiptClaims): string | undefined;
}

/** Time after which an answer that could not be signed is tried again, in milliseconds. */
const SIGNING_RETRY = 60_000;

/**
 * Wraps a store so that the commit that makes an answer readable also stores its receipt: a person's answer to a program, and each
 * call that an earlier decision allows. The receipt is stored as a text of the approval and is deleted with it.
 */
export function createReceiptStore(store: ApprovalStore, signer: ReceiptSigner): ApprovalStore {
  return {
    ...store,
    save({ approvals, ...changes }) {
      const writes = approvals?.map((write) => addReceipts(write, signer));
      return store.save({ ...changes, ...(writes ? { approvals: writes } : {}) });
    },
  };
}

function addReceipts(write: ApprovalWrite, signer: ReceiptSigner): ApprovalWrite {
  const { previous, next, outputs = [] } = write;
  let approval = next;
  const receipts: HashedOutput[] = [];
  const addReceipt = (claims: ReceiptClaims) => {
    const receipt = signer.sign(claims);
    if (receipt === undefined) return undefined;
    const text = attachHash({ kind: 'text', text: receipt });
    receipts.push(text);
    return text.hash;
  };
  for (const round of next.rounds) {
    const previousRound = previous && findRound(previous.record, round.number);
    const isNew = round.delivery?.offeredAt !== undefined && previousRound?.delivery?.offeredAt === undefined;
    const claims = isNew ? buildClaims(approval, round, round.question?.id, signer) : undefined;
    const receipt = claims && addReceipt(claims);
    if (claims)
      approval =
        receipt === undefined
          ? postpone(approval, round, signer)
          : setReceipt(approval, { ...round, receipt });
    const knownCalls = previousRound?.allowedCalls?.length ?? 0;
    const calls = round.allowedCalls?.map((call, index) => {
      const callClaims = index < knownCalls ? undefined : buildClaims(approval, round, call.id, signer);
      if (!callClaims) return call;
      const callReceipt = addReceipt(callClaims);
      // The program asks again.
      if (callReceipt === undefined) throw new StoreError('The receipt of a call could not be signed.');
      return { ...call, receipt: callReceipt };
    });
    if (calls?.some((call, index) => call !== round.allowedCalls?.[index]))
      approval = setReceipt(approval, {
        ...(findRound(approval, round.number) ?? round),
        allowedCalls: calls,
      });
  }
  return approval === next ? write : { ...write, next: approval, outputs: [...outputs, ...receipts] };
}

function setReceipt(approval: Approval, signedRound: Round): Approval {
  const rounds = approval.rounds.map((round) => (round.number === signedRound.number ? signedRound : round));
  return { ...approval, rounds };
}

/** Keeps an answer unreadable until it can be signed. */
function postpone(approval: Approval, round: Round, { now }: ReceiptSigner): Approval {
  if (!round.delivery) return approval;
  const { offeredAt: _, ...delivery } = round.delivery;
  const lane = { ...approval.lanes.delivery, failures: 1, notBefore: now() + SIGNING_RETRY };
  return setLane(setReceipt(approval, { ...round, delivery }), 'delivery', lane);
}

/**
 * Builds the claims of an answer as its program reads it; undefined: no answer is readable, no person decided, or an earlier
 * build stored the tool call without the digest of its arguments.
 */
function buildClaims(
  { crew, policy, rounds }: Approval,
  round: Round,
  id: string | undefined,
  { issuer, crews }: ReceiptSigner,
): ReceiptClaims | undefined {
  const { question, decision, delivery, allowedCalls } = round;
  if (!question || !decision || decision.by === '' || id === undefined) return undefined;
  const call = allowedCalls?.find((allowedCall) => allowedCall.id === id);
  const { argumentsDigest } = call ?? question;
  if (question.tool && argumentsDigest === undefined) return undefined;
  const state = readQuestionState(id, question, round, rounds);
  if (state.status !== 'answered' || !state.answer) return undefined;
  const readableAt = call?.at ?? delivery?.offeredAt ?? decision.at;
  const seen = listSeen(round);
  // The policy is that of the last round. An earlier round has as many people as it needed.
  const approvalsRequired = call ? seen.length : policy.approvalsRequired;
  return {
    iss: issuer,
    crew,
    sub: id,
    iat: toSeconds(decision.at),
    exp: toSeconds(readableAt + (crews.get(crew)?.receiptFor ?? 0)),
    jti: randomUUID(),
    question: (call ?? question).digest,
    answer: digestAnswer(state.answer),
    option: state.answer.option,
    ...(argumentsDigest === undefined ? {} : { arguments: argumentsDigest }),
    by: seen.map(({ by }) => by),
    rule: { approvals_required: approvalsRequired, irreversible: round.irreversible === true },
    seen,
    ...(call ? { allowed_by: question.id } : {}),
  };
}

const toSeconds = (milliseconds: number) => Math.floor(milliseconds / 1_000);

function digestAnswer({ option, text, edited, fields }: QuestionAnswer): string {
  return hashCanonicalJson(JSON.stringify({ option, text, edited, fields }));
}

/** Digests JSON so that equal values have equal digests: the order of keys and the form of numbers do not matter. */
export function hashCanonicalJson(text: string): string {
  return hash('sha256', canonicalizeJson(text));
}
