import type { ResumeOutcome } from '../approval/lifecycle/events.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { hideSecrets, listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import { type Decision, REVIEW_FAULTS, type Review } from '../approval/model/round.ts';
import type { Clock, Meter } from '../approval/ports.ts';
import type { HttpAnswer } from '../lib/call-http.ts';
import { callCrew } from './api.ts';
import { isAllowedCallback } from './callback-hosts.ts';
import {
  buildUnknown,
  parseObject,
  readNoResumeAnswer,
  readResumeAnswer,
  readText,
} from './resume-answer.ts';

const SOURCE = 'slack';
/** Matches how someone else answered: "Feedback already provided via dashboard at …". */
const ANSWERED_VIA = /\b(?:via|by)\s+(?:the\s+)?(dashboard|e-?mail|timeout)\b/i;
/** Faults of the review, by status. These statuses say nothing about the crew's token or its /resume. */
const FAULTS: Readonly<Record<number, string>> = {
  401: REVIEW_FAULTS.callbackRejected,
  403: REVIEW_FAULTS.callbackRejected,
  404: REVIEW_FAULTS.unknownReview,
};

/** Answers a review at its callback URL, which carries its own secret. Never rejects. `timeout`: in milliseconds. */
export async function answerReview(
  { callbackUrl }: Review,
  { feedback }: Decision,
  { crew, callbackHosts }: Pick<Endpoint, 'crew' | 'callbackHosts'>,
  {
    clock,
    timeout,
    countCall,
  }: { clock: Pick<Clock, 'now'>; timeout: number; countCall: Meter['crewAICalled'] },
): Promise<ResumeOutcome> {
  if (callbackUrl === undefined || !isAllowedCallback(callbackUrl, callbackHosts))
    return { kind: 'refused', failure: { kind: 'refused', detail: REVIEW_FAULTS.hostNotAllowed } };
  const data = { feedback, source: SOURCE };
  const answer = await callCrew(crew.name, { method: 'post', url: callbackUrl, data, timeout }, countCall);
  if ('code' in answer) return readNoResumeAnswer(answer.code);
  return readReviewAnswer(answer, clock.now(), callbackUrl, crew);
}

/** Reads a callback's response as the outcome of a decision. Removes URLs and secrets from CrewAI's message. Pure. */
export function readReviewAnswer(
  answer: HttpAnswer,
  now: number,
  callbackUrl: string,
  crew: Pick<Crew, 'secrets' | 'inputs'> = {},
): ResumeOutcome {
  const { status, body } = answer;
  const json = parseObject(body);
  if (status === 409) {
    const [, way] = ANSWERED_VIA.exec((json && readText(json, 'message')) ?? '') ?? [];
    return { kind: 'not_pending', ...(way ? { via: way.toLowerCase().replace('-', '') } : {}) };
  }
  const fault = FAULTS[status];
  if (fault !== undefined) return { kind: 'refused', failure: { kind: 'refused', status, detail: fault } };
  const accepted = status >= 200 && status < 300 && json?.status === 'accepted';
  if (accepted) return { kind: 'accepted', dialect: 'documented' };
  const outcome = readResumeAnswer(answer, now, (text) =>
    hideSecrets(crew, text.replace(/[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi, '…'), listUrlSecrets(callbackUrl, 8)),
  );
  // Only the status `accepted` accepts an answer to a review.
  return outcome.kind === 'accepted' ? buildUnknown(status, 'NOT_ACCEPTED') : outcome;
}
