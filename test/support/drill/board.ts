import type { WebhookRecord } from '../../../src/sandbox/crewai/webhooks.ts';
import { mapApprovalsToRuns } from '../../../src/sandbox/demo/run-of-card.ts';
import type { Workspace } from '../../sandbox/slack/workspace.ts';
import { type Shown, shown } from '../world.ts';

/** A card as people see it. */
export interface SeenCard extends Shown {
  channel: string;
  execution: string;
  round: number;
}

const LOOK_EVERY = 100;

export type Board = ReturnType<typeof watchBoard>;

/** Watches what all channels show. Hundreds of people wait for changes, so one look serves all of them. */
export function watchBoard(
  workspace: Workspace,
  options: {
    /** The platform that has the runs. */
    platform: { webhooks: readonly WebhookRecord[] };
    channels: readonly string[];
    within: number;
  },
) {
  const { platform, channels, within } = options;
  const deadline = Date.now() + within;
  const byRun = new Map<string, SeenCard[]>();
  const results = new Set<string>();
  const waiters = new Set<() => void>();
  let looking: NodeJS.Timeout | undefined;
  let ended = false;

  function look(): void {
    looking = undefined;
    byRun.clear();
    results.clear();
    const runOfThread = new Map<string, string>();
    const runs = mapApprovalsToRuns(platform.webhooks);
    const messages = channels.flatMap((channel) =>
      shown(workspace, channel).map((message) => ({ ...message, channel })),
    );
    for (const message of messages) {
      if (message.approval === undefined) continue;
      const execution = runs.get(message.approval);
      if (execution === undefined) {
        // The bot's answer to the run's webhook is still on its way.
        lookSoon();
        continue;
      }
      const round = Number(/\(round (\d+)/.exec(message.all)?.[1] ?? 1);
      byRun.set(execution, [...(byRun.get(execution) ?? []), { ...message, execution, round }]);
      runOfThread.set(message.ts, execution);
    }
    for (const { approval, all, thread_ts = '' } of messages)
      if (approval === undefined && all.includes('has finished'))
        results.add(runOfThread.get(thread_ts) ?? '');
    for (const waiter of [...waiters]) waiter();
  }

  function lookSoon(): void {
    looking ??= setTimeout(look, LOOK_EVERY);
  }

  const onChange = () => {
    if (!ended) lookSoon();
    return ended;
  };
  const watching = workspace.changed(onChange, { what: 'the end of the drill', timeoutMs: 10 * 60_000 });

  return {
    lookSoon,
    cards: (execution: string, round?: number): SeenCard[] =>
      (byRun.get(execution) ?? []).filter((card) => round === undefined || card.round === round),
    all: (): SeenCard[] => [...byRun.values()].flat(),
    /** True if the thread of this run shows its result. */
    hasResult: (execution: string) => results.has(execution),
    /** True if the time for everything that people wait for is over. */
    isLate: () => Date.now() > deadline,
    /** Resolves once the predicate holds. Checks it now and after every change. */
    until(what: string, predicate: () => boolean, timeoutMs = within): Promise<void> {
      return new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(late);
          waiters.delete(waiter);
          settle();
        };
        const waiter = () => {
          if (predicate()) end(resolve);
        };
        const wait = Math.min(timeoutMs, deadline - Date.now());
        const late = setTimeout(() => end(() => reject(new Error(`not within ${wait} ms: ${what}`))), wait);
        waiters.add(waiter);
        waiter();
      });
    },
    async end(): Promise<void> {
      ended = true;
      workspace.joinBot(channels[0] as string);
      await watching;
      clearTimeout(looking);
    },
  };
}
