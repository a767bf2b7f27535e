import type { Response } from 'express';

/** What goes wrong with one request. */
export type Failure =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** 429 with Retry-After, in seconds. */
  | { rateLimited: { retryAfter: number } }
  /** Never answers: the client's time-out. The work is not done. */
  | { noAnswer: true }
  /** The work is done, then the connection is destroyed without an answer. */
  | { answerLost: true }
  /** The connection is destroyed, the work is not done. */
  | { reset: true }
  /** Slack's way: 200 with `{ ok: false, error }`. */
  | { error: string };

export interface PlannedFailure {
  /** Name of the method or path that fails; `*`: whatever comes next. */
  on: string;
  /** How many requests fail, 1 by default; Infinity is allowed. */
  times?: number;
  failure: Failure;
  /** Only requests whose body satisfies this fail (and count). */
  when?: (body: unknown) => boolean;
}

export interface Failures {
  plan(failure: PlannedFailure): void;
  clear(): void;
  /** How many requests will still fail. */
  left(): number;
  /** The failure of this request, if one is planned: it is used up by the call. */
  next(on: string, body: unknown): Failure | undefined;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as text, anything else as JSON. */
  body?: unknown;
}

/** Failures are used up in the order in which they were planned. */
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

/** Answers a request with what `work` returns, or with the failure that was planned for it. */
export async function answerAround(
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
  // A client that gave up while the work was done has no use for the answer.
  if (res.destroyed) return;
  res.status(status).set(headers);
  if (typeof body === 'string') {
    if (!res.get('content-type')) res.type('text/plain');
    res.send(body);
  } else {
    res.json(body);
  }
}
