import type { WebhookRecord } from '../../../src/sandbox/crewai/webhooks.ts';
import { mapApprovalsToRuns } from '../../../src/sandbox/demo/run-of-card.ts';
import type { Workspace } from '../../../src/sandbox/slack/workspace.ts';
import { type Shown, shown } from '../world.ts';

/** A card as people see it. */
export interface SeenCard extends Shown {
  channel: string;
  execution: string;
  round: number;
}

const LOOK_EVERY = 100;

export type Board = ReturnType<typeof watchBoard>;

/** What all channels show: looked at once for everybody who waits, since hundreds of people do. */
export function watchBoard({
  workspace,
  platforms,
  channels,
  within,
}: {
  workspace: Workspace;
  /** Where the runs are. */
  platforms: readonly { webhooks: readonly WebhookRecord[] }[];
  channels: readonly string[];
  within: number;
}) {
  const deadline = Date.now() + within;
  let byRun = new Map<string, SeenCard[]>();
  let results = new Set<string>();
  let looking: NodeJS.Timeout | undefined;
  let ended = false;
  const waiters = new Set<() => void>();

  function look(): void {
    looking = undefined;
    const cards = new Map<string, SeenCard[]>();
    const runOfThread = new Map<string, string>();
    const finished = new Set<string>();
    const runs = mapApprovalsToRuns(platforms.flatMap(({ webhooks }) => webhooks));
    for (const channel of channels) {
      for (const message of shown(workspace, channel)) {
        if (message.approval === undefined) {
          if (message.all.includes('has finished')) finished.add(message.thread_ts ?? '');
          continue;
        }
        const execution = runs.get(message.approval);
        if (execution === undefined) {
          // The answer to its webhook is still on its way.
          lookSoon();
          continue;
        }
        const round = Number(/\(round (\d+)/.exec(message.all)?.[1] ?? 1);
        cards.set(execution, [...(cards.get(execution) ?? []), { ...message, channel, execution, round }]);
        runOfThread.set(message.ts, execution);
      }
    }
    byRun = cards;
    results = new Set([...finished].map((ts) => runOfThread.get(ts) ?? ''));
    for (const waiter of [...waiters]) waiter();
  }

  function lookSoon(): void {
    looking ??= setTimeout(look, LOOK_EVERY);
  }

  const watching = workspace.changed(
    () => {
      if (!ended) lookSoon();
      return ended;
    },
    { what: 'the end of the drill', timeoutMs: 10 * 60_000 },
  );

  return {
    lookSoon,
    cards: (execution: string, round?: number): SeenCard[] =>
      (byRun.get(execution) ?? []).filter((card) => round === undefined || card.round === round),
    all: (): SeenCard[] => [...byRun.values()].flat(),
    /** The result of this run stands in its thread. */
    hasResult: (execution: string) => results.has(execution),
    /** All that is waited for has to be there by then. */
    isLate: () => Date.now() > deadline,
    /** Resolves once the predicate holds, looked at now and when anything has changed. */
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
        const late = setTimeout(() => end(() => reject(new Error(`not in time: ${what}`))), wait);
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
