import type { Request, RequestHandler } from 'express';

/** A call of the Web API. */
export interface Call {
  method: string;
  /** The given arguments, with the JSON in strings decoded. */
  args: Record<string, unknown>;
  at: number;
  /** Absent until Slack answers, or if it never does. */
  answer?: Record<string, unknown>;
}

const JSON_ARGS = ['blocks', 'view', 'message', 'attachments', 'metadata', 'files'];

/** Records the Web API calls on their way to the workspace, in order. */
export function recordCalls(calls: Call[]): RequestHandler {
  return (req, res, next) => {
    const method = /^\/api\/([^/]+)$/.exec(req.path)?.[1];
    if (method === undefined) return next();
    const call: Call = {
      method,
      // The workspace parses the body later, so this is read on access.
      get args() {
        return readArgs(req);
      },
      at: Date.now(),
    };
    calls.push(call);
    const json = res.json.bind(res);
    res.json = (answer) => {
      call.answer = answer;
      // A stored request would hold its connection in memory.
      Object.defineProperty(call, 'args', { value: readArgs(req), enumerable: true });
      return json(answer);
    };
    next();
  };
}

function readArgs(req: Request): Record<string, unknown> {
  const { token: _, ...args } = { ...req.query, ...req.body } as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, JSON_ARGS.includes(name) ? decodeJson(value) : value]),
  );
}

function decodeJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
