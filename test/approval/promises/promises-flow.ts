import type { ResumeAnswer } from '../../../src/crewai/resume-answer.ts';
import { type Hook, type NextOutput, type Played, REVIEWED, RUN } from './promises-run.ts';

/** What each review of the Flow can be answered with. */
export const OPTIONS = ['publish', 'rewrite', 'discard'] as const;
const [PUBLISH, REWRITE, DISCARD] = OPTIONS;

/** The answer that played CrewAI keeps: the first one. */
export interface FlowAnswer {
  feedback: string;
  /** `api`: at the callback. Everything else is not ours. */
  via: 'api' | 'dashboard' | 'email' | 'timeout';
}

export type Flow = ReturnType<typeof createFlow>;

/** A Flow on played CrewAI: its methods ask for reviews one after the other, and one that is to be rewritten again. */
export function createFlow() {
  let asked = 0;
  let pending: Hook | undefined;
  let busy: string | undefined = REVIEWED[0];
  const outputs = new Map<string, string[]>();
  const outbox: Hook[] = [];
  const delivered: Hook[] = [];
  /** By the id of the review. */
  const answers = new Map<string, FlowAnswer>();

  function work(wanted: NextOutput) {
    if (busy === undefined) return;
    const method = busy;
    busy = undefined;
    asked += 1;
    const known = outputs.get(method) ?? [];
    const fresh = `${method}, version ${known.length + 1}`;
    const output = (wanted === 'same' ? known.at(-1) : wanted === 'older' ? known[0] : fresh) ?? fresh;
    outputs.set(method, [...known, output]);
    pending = { kind: 'review', task: method, taskId: `review-${asked}`, output, under: RUN, at: asked };
    outbox.push(pending);
  }

  function answer(requestId: string, given: FlowAnswer) {
    answers.set(requestId, given);
    if (pending?.taskId !== requestId) return;
    const method = pending.task;
    pending = undefined;
    busy = given.feedback === REWRITE ? method : REVIEWED[REVIEWED.indexOf(method) + 1];
  }

  /** What a POST to the callback of a review is answered with. */
  function respond(callbackUrl: string, feedback: string): ResumeAnswer {
    const requestId = requestIdOf(callbackUrl);
    const first = answers.get(requestId);
    if (!first) answer(requestId, { feedback, via: 'api' });
    const body = first
      ? { error: 'already_responded', message: `Feedback already provided via ${first.via} at 2026-01-01` }
      : { status: 'accepted', request: { id: requestId, feedback } };
    return { status: first ? 409 : 200, retryAfter: undefined, body: JSON.stringify(body) };
  }

  /** Somebody answers in CrewAI itself. */
  function elsewhere(publishes: boolean) {
    if (!pending) return;
    const given: FlowAnswer = publishes
      ? { feedback: PUBLISH, via: 'dashboard' }
      : { feedback: REWRITE, via: 'email' };
    answer(pending.taskId, given);
  }

  return {
    outbox,
    delivered,
    work,
    elsewhere,
    /** CrewAI answers by itself. */
    end: () => {
      if (pending) answer(pending.taskId, { feedback: DISCARD, via: 'timeout' });
    },
    isBusy: () => busy !== undefined,
    /** No 202: CrewAI does not send it again, but escalates what still waits. */
    notTaken(hook: Hook) {
      if (pending?.taskId === hook.taskId) outbox.push({ ...hook, escalates: true });
    },
    escalate() {
      if (pending) outbox.push({ ...pending, escalates: true });
    },
    respond,
    answers,
    /** The review that CrewAI waits for. */
    pending: () => pending,
  } satisfies Played & Record<string, unknown>;
}

export const callbackOf = (requestId: string) =>
  `https://flows.crewai.com/callback/${requestId}?token=secret`;

function requestIdOf(callbackUrl: string): string {
  return new URL(callbackUrl).pathname.split('/').at(-1) as string;
}
