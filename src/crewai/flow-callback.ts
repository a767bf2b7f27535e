import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import { hideSecrets, listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import type { Decision } from '../approval/model/decision.ts';
import { REVIEW_FAULTS, type Review } from '../approval/model/review.ts';
import { postJson } from './api.ts';
import { isAllowedCallback } from './callback-hosts.ts';
import { parseObject, type ResumeAnswer, readAnswer, readNoAnswer, readText } from './resume-answer.ts';

const SOURCE = 'slack';
/** Answers that are not about the crew's token or its /resume. */
const FAULTS: Readonly<Record<number, string>> = {
  401: REVIEW_FAULTS.callbackRejected,
  403: REVIEW_FAULTS.callbackRejected,
  404: REVIEW_FAULTS.unknownReview,
};

/**
 * Answers a review at its callback, which carries its own secret. Never rejects. `hosts`: those that may be called;
 * `timeout` in milliseconds.
 */
export async function answerReview(
  { callbackUrl }: Review,
  { feedback }: Decision,
  {
    crew,
    hosts,
    timeout,
    now,
  }: {
    crew: Pick<Crew, 'secrets' | 'inputs'>;
    hosts: readonly string[];
    timeout: number;
    now: () => number;
  },
): Promise<ResumeOutcome> {
  if (callbackUrl === undefined || !isAllowedCallback(callbackUrl, hosts))
    return { kind: 'refused', failure: { kind: 'refused', detail: REVIEW_FAULTS.hostNotAllowed } };
  const answer = await postJson(callbackUrl, { feedback, source: SOURCE }, timeout);
  if ('code' in answer) return readNoAnswer(answer.code);
  return readReviewAnswer(answer, now(), callbackUrl, crew);
}

/** What the answer of a callback means for a decision; what CrewAI says is shown without the callback's secrets. Pure. */
export function readReviewAnswer(
  answer: ResumeAnswer,
  now: number,
  callbackUrl: string,
  crew: Pick<Crew, 'secrets' | 'inputs'> = {},
): ResumeOutcome {
  const { status, body } = answer;
  const json = parseObject(body);
  if (status === 409) {
    const via = readWay((json && readText(json, 'message')) ?? '');
    return { kind: 'not_pending', ...(via === undefined ? {} : { via }) };
  }
  const fault = FAULTS[status];
  if (fault !== undefined) return { kind: 'refused', failure: { kind: 'refused', status, detail: fault } };
  const accepted = status >= 200 && status < 300 && json?.status === 'accepted';
  if (accepted) return { kind: 'accepted', dialect: 'documented' };
  const outcome = readAnswer(answer, now, (text) =>
    hideSecrets(crew, text.replace(/[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi, '…'), listUrlSecrets(callbackUrl, 8)),
  );
  // Only "accepted" is an acceptance of a review.
  if (outcome.kind !== 'accepted') return outcome;
  const detail = 'the answer does not say that it was accepted';
  return { kind: 'unknown', failure: { kind: 'unknown', status, detail } };
}

/** How a review was answered, by CrewAI's message: "Feedback already provided via dashboard at …". */
function readWay(message: string): string | undefined {
  const [, word = ''] = /\b(?:via|by)\s+(?:an?\s+|the\s+)?([a-z_-]{2,30})/i.exec(message) ?? [];
  const way = word.toLowerCase().replace(/[_-]/g, '');
  if (way === '') return undefined;
  if (/^(?:dashboard|ui|web|webui)$/.test(way)) return 'dashboard';
  if (/^e?mail$/.test(way)) return 'email';
  if (/^(?:timeout|default|sla)$/.test(way)) return 'timeout';
  return /^(?:api|webhook|callback|slack)$/.test(way) ? 'api' : 'other';
}
