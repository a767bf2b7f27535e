import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { answerWithFailures, type Failures } from '../../failures.ts';
import { RESPONSE_URL_USES } from '../limits.ts';
import { type State, TEAM } from '../state.ts';
import { SlackError } from '../web-api/slack-error.ts';
import { type ReplyTo, reply } from './replies.ts';

export interface ResponseUrls {
  /** Issues a new response_url. */
  issue(to: ReplyTo, kind: 'actions' | 'commands'): string;
  router: Router;
}

/** Creates and serves response_urls. Each accepts five uses within its life. */
export function createResponseUrls(options: {
  state: State;
  failures: Failures;
  origin: () => string;
  lifeMs: number;
}): ResponseUrls {
  const issued = new Map<string, { to: ReplyTo; at: number; uses: number }>();

  function use(path: string, body: unknown) {
    const url = issued.get(path);
    if (!url) return { status: 404, body: 'no_service' };
    if (Date.now() - url.at > options.lifeMs) return refusal(404, 'expired_url');
    if (url.uses >= RESPONSE_URL_USES) return refusal(404, 'used_url');
    url.uses += 1;
    try {
      reply(options.state, url.to, body);
      return { status: 200, body: { ok: true } };
    } catch (error) {
      if (error instanceof SlackError) return refusal(400, error.code);
      throw error;
    }
  }

  const handle = async (req: Request, res: Response) => {
    const failure = options.failures.next('response_url', req.body);
    await answerWithFailures(res, failure, () => use(req.path, req.body));
  };
  const router = Router();
  router.post('/actions/:team/:id/:secret', handle);
  router.post('/commands/:team/:id/:secret', handle);

  return {
    router,
    issue(to, kind) {
      const id = Math.floor(Math.random() * 1e13);
      const path = `/${kind}/${TEAM.id}/${id}/${randomBytes(12).toString('hex')}`;
      issued.set(path, { to, at: Date.now(), uses: 0 });
      return options.origin() + path;
    },
  };
}

function refusal(status: number, error: string) {
  return { status, body: { ok: false, error } };
}
