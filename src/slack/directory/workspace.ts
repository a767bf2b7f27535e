import { AppError } from '../../lib/errors.ts';
import { withTimeout } from '../../lib/time.ts';
import { readSlackError, type SlackBase, TOKEN_REFUSED } from '../api/client.ts';
import type { CardLinks } from '../views/message-view.ts';

const FIRST_TRY = 3_000;
const RETRY_INTERVAL = 10_000;

interface Identity {
  url: string;
  botUserId: string;
  botId: string;
  teamId: string;
  enterpriseId?: string;
}

/** The workspace and the bot's user in it, as Slack names them. */
export class Workspace {
  readonly links: CardLinks;
  readonly #slack: SlackBase;
  #identity: Identity | undefined;
  #rejection: string | undefined;
  #cancelRetry = () => {};

  constructor(slack: SlackBase, command: string) {
    this.#slack = slack;
    this.links = { message: (card) => messageUrl(this.#identity?.url, card), command };
  }

  /** Undefined until Slack has answered. */
  identity = (): Identity | undefined => this.#identity;

  /** Rejects with an AppError if Slack rejects the token. With Slack out of reach resolves after 3 s and retries by itself. */
  async connect(): Promise<void> {
    await withTimeout(FIRST_TRY, () => this.#identify()).catch(() => {});
    if (this.#rejection === undefined) return;
    this.close();
    throw new AppError(
      'slack_token_refused',
      `Slack rejected SLACK_BOT_TOKEN (${this.#rejection}): set a valid token.`,
    );
  }

  close = (): void => this.#cancelRetry();

  async #identify(): Promise<void> {
    try {
      const answer = await this.#slack.client.auth.test();
      this.#identity = {
        url: answer.url ?? '',
        botUserId: answer.user_id ?? '',
        botId: answer.bot_id ?? '',
        teamId: answer.team_id ?? '',
        ...(answer.enterprise_id ? { enterpriseId: answer.enterprise_id } : {}),
      };
      this.#rejection = undefined;
      this.#slack.log.info({ team: answer.team_id }, 'Slack connected');
    } catch (error) {
      const reason = readSlackError(error);
      this.#rejection = reason !== undefined && TOKEN_REFUSED.has(reason) ? reason : undefined;
      this.#slack.log.error(
        { error },
        this.#rejection ? 'bot token rejected by Slack' : 'Slack not reached, retrying',
      );
      this.#cancelRetry = this.#slack.clock.after(RETRY_INTERVAL, () => void this.#identify());
    }
  }
}

function messageUrl(
  workspaceUrl: string | undefined,
  { channel, ts, threadTs }: Parameters<CardLinks['message']>[0],
): string | undefined {
  const thread = threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel}`;
  return workspaceUrl ? `${workspaceUrl}archives/${channel}/p${ts.replace('.', '')}${thread}` : undefined;
}
