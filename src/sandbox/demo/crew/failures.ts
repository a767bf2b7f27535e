import { setTimeout as wait } from 'node:timers/promises';
import type { Failure, Failures } from '../../failures.ts';
import type { FailureGroup } from '../../page/scene.ts';
import type { ActionResult } from '../../page/server.ts';
import type { Workspace } from '../../slack/workspace.ts';
import type { ActionOf } from '../actions.ts';
import type { BotProcess } from '../process/bot-process.ts';

/** Time that a killed bot stays down, in milliseconds: long enough to see that and to click meanwhile. */
const DOWN_MS = 2_500;

interface RequestFailure {
  label: string;
  failure: Failure;
  /** Number of requests that fail. */
  times: number;
  /** Sentence for the visitor: the failure, and what to do now. */
  said: string;
}

const CREWAI_FAILURES: Readonly<Record<ActionOf<'crewai_fails'>['how'], RequestFailure>> = {
  500: {
    label: 'Answer 500, twice',
    failure: { status: 500 },
    times: 2,
    said: 'CrewAI answers the next 2 attempts with 500 and does nothing. Now decide on a card.',
  },
  503: {
    label: 'Answer 503, twice',
    failure: { status: 503 },
    times: 2,
    said: 'CrewAI answers the next 2 attempts with 503 and does nothing. Now decide on a card.',
  },
  answer_lost: {
    label: 'Accept it, lose the answer',
    failure: { answerLost: true },
    times: 1,
    said: 'CrewAI accepts the next decision, but its answer does not arrive. Now decide on a card.',
  },
};

const SLACK_FAILURES: Readonly<Record<ActionOf<'slack_fails'>['how'], RequestFailure>> = {
  503: {
    label: 'Answer 503 to 3 calls',
    failure: { status: 503 },
    times: 3,
    said: 'Slack answers the next 3 calls of the bot with 503. Now decide on a card.',
  },
  rate_limited: {
    label: 'Answer 429 to 2 calls (wait 2 s)',
    failure: { rateLimited: { retryAfter: 2 } },
    times: 2,
    said: 'Slack answers the next 2 calls of the bot with 429 and “wait 2 seconds”. Now decide on a card.',
  },
};

/** Failures that a visitor can cause, with their effects. */
export const FAILURES: readonly FailureGroup[] = [
  {
    who: 'CrewAI',
    effect: 'fails when the bot sends your next decision. The card says why, and the bot sends it again.',
    buttons: listButtons('crewai_fails', CREWAI_FAILURES),
  },
  {
    who: 'Slack',
    effect: 'fails when the bot calls it. Your decision is still sent; its card changes a few seconds later.',
    buttons: listButtons('slack_fails', SLACK_FAILURES),
  },
  {
    who: 'The bot',
    effect:
      'is killed (kill -9) and starts again after a few seconds. A click meanwhile is not recorded, and Slack says so. A decision that CrewAI accepted just before is not lost.',
    needsBot: true,
    buttons: [
      { do: 'restart_bot', how: 'now', label: 'Kill it now' },
      { do: 'restart_bot', how: 'at_decision', label: 'Kill it during the next decision' },
    ],
  },
];

function listButtons(name: string, failures: Readonly<Record<string, RequestFailure>>) {
  return Object.entries(failures).map(([how, { label }]) => ({ do: name, how, label }));
}

export type Mishaps = ReturnType<typeof createMishaps>;

/** Creates the failures that visitors choose. A failure replaces the unused failures of the same side, CrewAI or Slack. */
export function createMishaps({
  workspace,
  crewai,
  bot,
  changeBot,
  onChange,
}: {
  workspace: Pick<Workspace, 'failures'>;
  /** Failures of the requests that send decisions. */
  crewai: { failures: Failures };
  bot: Pick<BotProcess, 'kill' | 'start'>;
  changeBot: (change: () => Promise<void>) => Promise<void>;
  onChange: () => void;
}) {
  let isKillPlanned = false;
  let restarting = false;

  async function restart(): Promise<void> {
    if (restarting) return;
    restarting = true;
    try {
      await changeBot(async () => {
        await bot.kill();
        await wait(DOWN_MS);
        await bot.start();
      });
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    } finally {
      restarting = false;
      onChange();
    }
  }

  function planKill(): void {
    crewai.failures.plan({
      on: 'resume',
      failure: { answerLost: true },
      when: () => {
        isKillPlanned = false;
        void restart();
        return true;
      },
    });
  }

  return {
    crewaiFails({ how }: ActionOf<'crewai_fails'>): ActionResult {
      const { failure, times, said } = CREWAI_FAILURES[how];
      crewai.failures.clear();
      crewai.failures.plan({ on: 'resume', failure, times });
      // The kill stays planned. It follows these failures, at the next decision that reaches CrewAI.
      if (isKillPlanned) planKill();
      onChange();
      return { said, ok: true };
    },

    slackFails({ how }: ActionOf<'slack_fails'>): ActionResult {
      const { failure, times, said } = SLACK_FAILURES[how];
      workspace.failures.clear();
      workspace.failures.plan({ on: '*', failure, times });
      onChange();
      return { said, ok: true };
    },

    restartBot({ how }: ActionOf<'restart_bot'>): ActionResult {
      if (how === 'now') {
        void restart();
        return {
          said: 'The bot is killed and starts again after a few seconds. Try a click meanwhile.',
          ok: true,
        };
      }
      if (!isKillPlanned) {
        isKillPlanned = true;
        planKill();
        onChange();
      }
      const said =
        'Armed: the bot is killed after CrewAI accepted the next decision, before the answer arrives. Now decide on a card.';
      return { said, ok: true };
    },

    isKillPlanned: () => isKillPlanned,
  };
}
