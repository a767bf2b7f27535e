import type { Response } from 'express';

/** How one request fails. */
export type Failure =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Status 429 with Retry-After, in seconds. */
  | { rateLimited: { retryAfter: number } }
  /** The work is not done and no response is sent: the client times out. */
  | { noAnswer: true }
  /** The work is done, but the response does not arrive: the connection is destroyed. */
  | { answerLost: true }
  /** The connection is destroyed and the work is not done. */
  | { reset: true }
  /** Slack answers 200 with `{ ok: false, error }`, CrewAI 400 with this message. */
  | { error: string };

export interface PlannedFailure {
  /** Name of the method, path, endpoint or kind of request that fails; `*`: any request. */
  on: string;
  /** Number of requests that fail, 1 by default; Infinity is allowed. */
  times?: number;
  failure: Failure;
  /** Condition on the body: other requests neither fail nor count. */
  when?: (body: unknown) => boolean;
}

export interface Failures {
  plan(failure: PlannedFailure): void;
  clear(): void;
  /** Counts the requests that will still fail. */
  left(): number;
  /** Returns the failure that is planned for this request and uses it up; undefined if none is planned. */
  next(on: string, body: unknown): Failure | undefined;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as text (plain text unless `headers` name a type), any other value as JSON. */
  body?: unknown;
}

/** Creates a plan of failures. A request uses up the oldest one that matches. */
export function createFailures(): Failures {
  let planned: { plan: PlannedFailure; left: number }[] = [];
  return {
    plan(plan) {
      planned.push({ plan, left: plan.times ?? 1 });
    },
    clear() {
      planned = [];
    },
    left: () => planned.reduce((sum, entry) => sum + entry.left, 0),
    next(on, body) {
      const entry = planned.find(
        ({ plan }) => (plan.on === '*' || plan.on === on) && (plan.when?.(body) ?? true),
      );
      if (!entry) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) planned = planned.filter((other) => other !== entry);
      return entry.plan.failure;
    },
  };
}

/** Answers a request with the result of `work`, or with the failure that was planned for it. */
export async function answerWithFailures(
  res: Response,
  failure: Failure | undefined,
  work: () => Answer | Promise<Answer>,
): Promise<void> {
  if (!failure) return send(res, await work());
  if ('noAnswer' in failure) return;
  if ('reset' in failure) {
    res.socket?.destroy();
  } else if ('answerLost' in failure) {
    await work();
    res.socket?.destroy();
  } else if ('rateLimited' in failure) {
    const headers = { 'retry-after': String(failure.rateLimited.retryAfter) };
    send(res, { status: 429, headers, body: { ok: false, error: 'ratelimited' } });
  } else if ('error' in failure) {
    send(res, { status: 200, body: { ok: false, error: failure.error } });
  } else {
    send(res, { status: failure.status, headers: failure.headers ?? {}, body: failure.body ?? '' });
  }
}

function send(res: Response, { status, headers = {}, body = '' }: Answer): void {
  // The client gave up during the work and does not need the response.
  if (res.destroyed) return;
  res.status(status).set(headers);
  if (typeof body === 'string') {
    if (!res.get('content-type')) res.type('text/plain');
    res.send(body);
  } else {
    res.json(body);
  }
}
