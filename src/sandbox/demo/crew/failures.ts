import { setTimeout as wait } from 'node:timers/promises';
import type { Platform } from '../../crewai/platform.ts';
import type { ActionResult } from '../../page/server.ts';
import type { Workspace } from '../../slack/workspace.ts';
import type { ActionOf } from '../actions.ts';
import type { BotProcess } from '../process/bot-process.ts';

/** How long a killed bot stays down, in milliseconds: long enough to see it and to click into the void. */
const DOWN_FOR = 2_500;

export type Mishaps = ReturnType<typeof createMishaps>;

/** What a visitor lets go wrong. */
export function createMishaps({
  workspace,
  platform,
  bot,
  onChange,
}: {
  workspace: Workspace;
  platform: Platform;
  bot: BotProcess;
  onChange: () => void;
}) {
  let killsAtDecision = false;
  let restarting = false;

  async function restart(): Promise<void> {
    if (restarting) return;
    restarting = true;
    // CrewAI sends each webhook once: what the crew does meanwhile takes until the bot is back.
    platform.hold();
    try {
      await bot.kill();
      await wait(DOWN_FOR);
      await bot.start();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    } finally {
      restarting = false;
      platform.release();
      onChange();
    }
  }

  return {
    crewaiFails({ how }: ActionOf<'crewai_fails'>): ActionResult {
      const failure = how === 'answer_lost' ? { answerLost: true as const } : { status: Number(how) };
      const times = how === 'answer_lost' ? 1 : 2;
      platform.failures.plan({ on: 'resume', failure, times });
      onChange();
      return { said: 'Decide on something to see what the bot makes of it.', ok: true };
    },

    slackFails({ how }: ActionOf<'slack_fails'>): ActionResult {
      const failure = how === '503' ? { status: 503 } : { rateLimited: { retryAfter: 2 } };
      workspace.failures.plan({ on: '*', failure, times: how === '503' ? 3 : 2 });
      onChange();
      return { said: 'The next calls of the bot to Slack fail.', ok: true };
    },

    restartBot({ how }: ActionOf<'restart_bot'>): ActionResult {
      if (how === 'now') {
        void restart();
        return { said: 'kill -9. The bot starts again in a moment.', ok: true };
      }
      if (!killsAtDecision) {
        killsAtDecision = true;
        platform.failures.plan({
          on: 'resume',
          failure: { answerLost: true },
          when: () => {
            killsAtDecision = false;
            void restart();
            return true;
          },
        });
        onChange();
      }
      return {
        said: 'Armed: it is killed once CrewAI has the next decision and before it answers.',
        ok: true,
      };
    },

    killsAtDecision: () => killsAtDecision,
  };
}
