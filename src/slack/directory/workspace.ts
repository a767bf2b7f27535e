import type { WebClient } from '@slack/web-api';
import type { Clock, Log } from '../../approval/ports.ts';
import { AppError } from '../../lib/errors.ts';
import { slackErrorOf, TOKEN_REFUSED } from '../api/client.ts';
import { COMMAND } from '../app/ids.ts';
import type { CardLinks } from '../views/message-view.ts';

const FIRST_TRY = 3_000;
const TRY_AGAIN = 10_000;

/**
 * Who we are in Slack. `connect` rejects with an AppError when Slack itself refuses the token; with Slack out of
 * reach it resolves after 3 s at most and goes on trying by itself.
 */
export function createWorkspace({
  client,
  command = COMMAND,
  clock,
  log,
}: {
  client: WebClient;
  command?: string;
  clock: Clock;
  log: Log;
}) {
  let identity:
    | { url: string; botUserId: string; botId: string; teamId: string; enterpriseId?: string }
    | undefined;
  let refused: string | undefined;
  let cancelTry = () => {};

  async function identify(): Promise<void> {
    try {
      const answer = await client.auth.test();
      identity = {
        url: answer.url ?? '',
        botUserId: answer.user_id ?? '',
        botId: answer.bot_id ?? '',
        teamId: answer.team_id ?? '',
        ...(answer.enterprise_id ? { enterpriseId: answer.enterprise_id } : {}),
      };
      refused = undefined;
      log.info({ team: answer.team_id }, 'connected to Slack');
    } catch (error) {
      const reason = slackErrorOf(error);
      refused = reason !== undefined && TOKEN_REFUSED.has(reason) ? reason : undefined;
      log.error({ error }, refused ? 'Slack refuses our token' : 'Slack cannot be reached yet; tried again');
      cancelTry = clock.after(TRY_AGAIN, () => void identify());
    }
  }

  async function connect(): Promise<void> {
    let cancel = () => {};
    await Promise.race([
      identify(),
      new Promise<void>((resolve) => {
        cancel = clock.after(FIRST_TRY, resolve);
      }),
    ]);
    cancel();
    if (refused === undefined) return;
    close();
    throw new AppError('slack_token_refused', `Slack refuses SLACK_BOT_TOKEN (${refused}).`);
  }

  function close(): void {
    cancelTry();
  }

  const links: CardLinks = {
    message: ({ channel, ts, threadTs }) => {
      const thread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel}`;
      return identity?.url
        ? `${identity.url}archives/${channel}/p${ts.replace('.', '')}${thread}`
        : undefined;
    },
    command,
  };

  return { connect, close, links, identity: () => identity };
}

export type Workspace = ReturnType<typeof createWorkspace>;
