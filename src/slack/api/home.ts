import type { HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Output } from '../../approval/model/output.ts';
import type { Clock, Log, Priority } from '../../approval/ports.ts';
import type { Inbox } from '../../approval/queries/inbox.ts';
import type { RateLimits } from '../../approval/worker/rate-limits.ts';
import type { GiveWay } from '../../lib/give-way.ts';
import { buildHome, buildHomeBeginning } from '../views/lists/home.ts';
import type { CardLinks } from '../views/message-view.ts';
import type { Beginning } from '../views/output/mrkdwn.ts';
import { retryAfterOf } from './client.ts';
import { SLACK_LIMITS } from './pace.ts';

/** Whoever opened their Home tab in this time sees what changes, in milliseconds. */
const LATELY = 60 * 60_000;
const MOST_PEOPLE = 100;
/** Changes that come together are shown together. */
const REFRESH_AFTER = 2_000;
/** A tab is looked at again no sooner: reading what waits costs more than drawing it. */
const LOOKED_AT_EVERY = 5_000;
const TRY_AGAIN = 1_000;

interface Tab {
  openedAt: number;
  lookedAt: number;
  /** It takes its turn already: what is shown then is what is known then. */
  queued?: Priority | undefined;
  /** Resolves once what was shown last is there: an older view is never the last one. */
  publishing?: Promise<unknown>;
  /** Its last opening failed once, and is tried once more. */
  retried?: boolean;
  /** What it shows. */
  shown?: string | undefined;
}

/** The Home tabs of people: each one's inbox, kept up to date for those who looked at it lately. */
export function createHome({
  client,
  inbox,
  links,
  giveWay,
  turns,
  clock,
  log,
}: {
  client: WebClient;
  inbox: (person: string) => Promise<Inbox>;
  links: CardLinks;
  giveWay: GiveWay;
  turns: RateLimits;
  clock: Clock;
  log: Log;
}) {
  const tabs = new Map<string, Tab>();
  let cancel: (() => void) | undefined;
  let closed = false;

  function queue(user: string, tab: Tab, priority: Priority, shown = () => {}): void {
    if (closed || tab.queued === 'clicked' || tab.queued === priority) {
      shown();
      return;
    }
    tab.queued = priority;
    const work = () => {
      const published = (tab.publishing ?? Promise.resolve()).then(() => publish(user, tab));
      tab.publishing = published.then(shown);
      return published;
    };
    turns.take({ ...HOME, priority, work });
  }

  /** Shows what is known now. False: it is shown already. Never rejects. */
  async function publish(user: string, tab: Tab): Promise<boolean> {
    const priority = tab.queued ?? 'tidy';
    tab.queued = undefined;
    if (closed) return false;
    tab.lookedAt = clock.now();
    try {
      const view = await viewOf(await inbox(user));
      const shown = JSON.stringify(view);
      if (priority === 'tidy' && shown === tab.shown) return false;
      await client.views.publish({ user_id: user, view });
      tab.shown = shown;
    } catch (error) {
      tab.shown = undefined;
      log.warn({ person: user, error }, 'a home tab could not be shown');
      const limited = retryAfterOf(error);
      if (limited !== undefined) {
        turns.limited(HOME.target, HOME.limit, limited);
        clock.after(TRY_AGAIN, () => queue(user, tab, priority));
      } else if (priority === 'clicked' && !tab.retried) {
        tab.retried = true;
        clock.after(TRY_AGAIN, () => queue(user, tab, priority));
      }
    }
    return true;
  }

  /** Each output is converted in a turn of its own: fifteen long lists take a tenth of a second. */
  async function viewOf(shown: Inbox): Promise<HomeView> {
    const beginnings = new Map<Output, Beginning>();
    for (const { output } of shown.waiting) {
      if (output) beginnings.set(output, await giveWay(() => buildHomeBeginning(output)));
    }
    return buildHome(shown, links, (output) => beginnings.get(output) ?? buildHomeBeginning(output));
  }

  function refresh(): void {
    cancel = undefined;
    let later: number | undefined;
    for (const [user, tab] of tabs) {
      const wait = tab.lookedAt + LOOKED_AT_EVERY - clock.now();
      if (clock.now() - tab.openedAt > LATELY) tabs.delete(user);
      else if (wait > 0) later = Math.min(later ?? wait, wait);
      else queue(user, tab, 'tidy');
    }
    if (later !== undefined) cancel = clock.after(later, refresh);
  }

  return {
    /** Someone looks at their tab; resolves once it is shown, or not. */
    async opened(user: string): Promise<void> {
      const tab = tabs.get(user) ?? { openedAt: 0, lookedAt: 0 };
      tab.openedAt = clock.now();
      tab.retried = false;
      tabs.delete(user);
      tabs.set(user, tab);
      const oldest = tabs.keys().next().value;
      if (tabs.size > MOST_PEOPLE && oldest !== undefined) tabs.delete(oldest);
      await new Promise<void>((resolve) => queue(user, tab, 'clicked', resolve));
    },
    /** Some approval changed. */
    changed(): void {
      if (!closed && tabs.size > 0) cancel ??= clock.after(REFRESH_AFTER, refresh);
    },
    close(): void {
      closed = true;
      cancel?.();
    },
  };
}

const HOME = { target: 'views.publish', limit: SLACK_LIMITS.home };

export type Home = ReturnType<typeof createHome>;
