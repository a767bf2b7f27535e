import { type NextFunction, type Request, type Response, Router } from 'express';
import { type Answer, answerAround, type Failures } from '../../failures.ts';
import type { Triggers } from '../interactions/triggers.ts';
import { requireScope, type State } from '../state.ts';
import { readArgs } from './args.ts';
import type { Method } from './method.ts';
import { appMethods } from './methods-apps.ts';
import { chatMethods } from './methods-chat.ts';
import { fileMethods } from './methods-files.ts';
import { viewMethods } from './methods-views.ts';
import { workspaceMethods } from './methods-workspace.ts';
import { SlackError } from './slack-error.ts';

/** One call of the Web API. */
export interface Call {
  method: string;
  /** As given, with the JSON in strings decoded. */
  args: Record<string, unknown>;
  at: number;
  /** Missing while, or because, the work was not done. */
  answer?: Record<string, unknown>;
}

const METHODS: Record<string, Method> = {
  ...appMethods,
  ...chatMethods,
  ...viewMethods,
  ...workspaceMethods,
  ...fileMethods,
};
const JSON_ARGS = ['blocks', 'view', 'message', 'attachments', 'metadata', 'files'];

/** After how many seconds Slack would take a call that exceeds its rates; undefined: at once. */
export type RetryAfter = (method: string, channel: string) => number | undefined;

/** The routes of the Web API. */
export function createWebApi(options: {
  state: State;
  triggers: Triggers;
  failures: Failures;
  origin: () => string;
  retryAfter: RetryAfter;
  methods: Readonly<Record<string, Method>>;
}): { router: Router; calls: Call[] } {
  const { state, triggers, failures, retryAfter } = options;
  const calls: Call[] = [];
  const methods = { ...METHODS, ...options.methods };

  function perform(name: string, req: Request, body: Record<string, unknown>): Record<string, unknown> {
    try {
      const method = methods[name];
      if (!method) throw new SlackError('unknown_method', [], { req_method: name });
      if (method.token === 'app') authenticateApp(state, req);
      else if (method.token !== 'none') authenticate(state, req, body);
      for (const scope of method.scopes) requireScope(state, scope);
      return { ok: true, ...method.run({ state, triggers, args: readArgs(body), origin: options.origin() }) };
    } catch (error) {
      if (error instanceof SlackError) return error.toAnswer();
      throw error;
    }
  }

  const router = Router();
  router.all('/api/:method', async (req, res) => {
    const method = req.params.method;
    const body = { ...req.query, ...(req.body ?? {}) } as Record<string, unknown>;
    const call: Call = { method, args: decoded(body), at: Date.now() };
    calls.push(call);
    const failure = failures.next(method, call.args);
    await answerAround(res, failure, (): Answer => {
      const seconds = retryAfter(method, limitedChannel(state, String(body.channel)));
      const limited = seconds !== undefined;
      call.answer = limited ? { ok: false, error: 'ratelimited' } : perform(method, req, body);
      const headers = {
        'x-oauth-scopes': state.scopes.join(','),
        ...(limited && { 'retry-after': `${seconds}` }),
      };
      return { status: limited ? 429 : 200, headers, body: call.answer };
    });
    state.touch();
  });

  return { router, calls };
}

/** One key per channel, whether a post names its id, its #name or the person whose direct messages it is. */
function limitedChannel(state: State, target: string): string {
  const found = state.channels.find(
    ({ id, im, name }) =>
      [id, im].includes(target) || (im === undefined && name === target.replace(/^#/, '')),
  );
  return found?.im ?? found?.id ?? target;
}

/** A body that Express could not parse is answered as Slack does. */
export function answerMalformed(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const isMalformed = error instanceof Error && 'type' in error && error.type === 'entity.parse.failed';
  if (isMalformed) res.json({ ok: false, error: 'invalid_json' });
  else next(error);
}

function bearerOf(req: Request): string | undefined {
  return /^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1];
}

function authenticate(state: State, req: Request, body: Record<string, unknown>): void {
  // Slack takes a token in the body of forms only.
  const token = bearerOf(req) ?? (req.is('json') ? undefined : body.token);
  if (token === undefined) throw new SlackError('not_authed');
  if (token === state.appToken) throw new SlackError('not_allowed_token_type');
  if (token !== state.botToken) throw new SlackError('invalid_auth');
  if (state.revoked) throw new SlackError('token_revoked');
}

/** Slack takes the app-level token as a bearer only: in the body it is invalid_auth. */
function authenticateApp(state: State, req: Request): void {
  const token = bearerOf(req);
  if (token === state.botToken) throw new SlackError('not_allowed_token_type');
  if (token === undefined || token !== state.appToken) throw new SlackError('invalid_auth');
}

function decoded(body: Record<string, unknown>): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name !== 'token') args[name] = JSON_ARGS.includes(name) ? decodedJson(value) : value;
  }
  return args;
}

function decodedJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
