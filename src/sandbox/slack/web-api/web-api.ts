import { type NextFunction, type Request, type Response, Router } from 'express';
import { type Answer, answerWithFailures, type Failures } from '../../failures.ts';
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

/** The methods that the bot calls. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...appMethods,
  ...chatMethods,
  ...viewMethods,
  ...workspaceMethods,
  ...fileMethods,
};

/** Builds the routes of the Web API. */
export function createWebApi({
  state,
  triggers,
  failures,
  origin,
  methods,
}: {
  state: State;
  triggers: Triggers;
  failures: Failures;
  origin: () => string;
  methods: Readonly<Record<string, Method>>;
}): Router {
  function perform(name: string, req: Request, body: Record<string, unknown>): Record<string, unknown> {
    try {
      const method = methods[name];
      if (!method) throw new SlackError('unknown_method', [], { req_method: name });
      if (method.token === 'app') authenticateApp(state, req);
      else if (method.token !== 'none') authenticate(state, req, body);
      for (const scope of method.scopes) requireScope(state, scope);
      return { ok: true, ...method.run({ state, triggers, args: readArgs(body), origin: origin() }) };
    } catch (error) {
      if (error instanceof SlackError) return error.toAnswer();
      throw error;
    }
  }

  const router = Router();
  router.all('/api/:method', async (req, res) => {
    const { method } = req.params;
    const body = { ...req.query, ...(req.body ?? {}) } as Record<string, unknown>;
    const headers = { 'x-oauth-scopes': state.scopes.join(',') };
    await answerWithFailures(
      res,
      failures.next(method, body),
      (): Answer => ({ status: 200, headers, body: perform(method, req, body) }),
    );
    state.touch();
  });
  return router;
}

/** Answers a body that Express could not parse as Slack does. */
export function answerMalformed(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const isMalformed = error instanceof Error && 'type' in error && error.type === 'entity.parse.failed';
  if (isMalformed) res.json({ ok: false, error: 'invalid_json' });
  else next(error);
}

function bearerOf(req: Request): string | undefined {
  return /^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1];
}

function authenticate(state: State, req: Request, body: Record<string, unknown>): void {
  // Slack accepts a token in the body only if the body is a form.
  const token = bearerOf(req) ?? (req.is('json') ? undefined : body.token);
  if (token === undefined) throw new SlackError('not_authed');
  if (token === state.appToken) throw new SlackError('not_allowed_token_type');
  if (token !== state.botToken) throw new SlackError('invalid_auth');
  if (state.revoked) throw new SlackError('token_revoked');
}

/** Slack accepts the app-level token only as a bearer; in the body it causes invalid_auth. */
function authenticateApp(state: State, req: Request): void {
  const token = bearerOf(req);
  if (token === state.botToken) throw new SlackError('not_allowed_token_type');
  if (token === undefined || token !== state.appToken) throw new SlackError('invalid_auth');
}
