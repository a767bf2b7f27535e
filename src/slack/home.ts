import type { HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Inbox } from '../approval/inbox.ts';
import type { Output } from '../approval/output.ts';
import type { Clock, Log } from '../approval/ports.ts';
import type { GiveWay } from './give-way.ts';
import type { CardLinks } from './views/card.ts';
import { homeBeginning, homeView } from './views/home.ts';
import type { Beginning } from './views/mrkdwn.ts';

/** Whoever opened their Home tab in this time sees what changes, in milliseconds. */
const LATELY = 60 * 60_000;
const MOST_PEOPLE = 100;
/** Changes that come together are shown together. */
const REFRESH_AFTER = 2_000;

/** The Home tabs of people: each one's inbox, kept up to date for those who looked at it lately. */
export function createHome({
  client,
  inbox,
  links,
  giveWay,
  clock,
  log,
}: {
  client: WebClient;
  inbox: (person: string) => Promise<Inbox>;
  links: CardLinks;
  giveWay: GiveWay;
  clock: Clock;
  log: Log;
}) {
  const openedAt = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let closed = false;
  let refreshing = false;

  async function publish(user: string): Promise<void> {
    try {
      await client.views.publish({ user_id: user, view: await viewOf(await inbox(user)) });
    } catch (error) {
      log.warn({ person: user, error }, 'a home tab could not be shown');
    }
  }

  /** Each output is converted in a turn of its own: fifteen long lists take a tenth of a second. */
  async function viewOf(shown: Inbox): Promise<HomeView> {
    const beginnings = new Map<Output, Beginning>();
    for (const { output } of shown.waiting) {
      if (output) beginnings.set(output, await giveWay(() => homeBeginning(output)));
    }
    return homeView(shown, links, (output) => beginnings.get(output) ?? homeBeginning(output));
  }

  async function refresh(): Promise<void> {
    cancel = undefined;
    // One at a time, or an older view could be the last one.
    if (refreshing) return changed();
    refreshing = true;
    for (const [user, at] of openedAt) {
      if (clock.now() - at > LATELY) openedAt.delete(user);
      else if (!closed) await publish(user);
    }
    refreshing = false;
  }

  /** Some approval changed. */
  function changed(): void {
    if (!closed && openedAt.size > 0) cancel ??= clock.after(REFRESH_AFTER, () => void refresh());
  }

  return {
    async opened(user: string): Promise<void> {
      openedAt.delete(user);
      openedAt.set(user, clock.now());
      const oldest = openedAt.keys().next().value;
      if (openedAt.size > MOST_PEOPLE && oldest !== undefined) openedAt.delete(oldest);
      await publish(user);
    },
    changed,
    close(): void {
      closed = true;
      cancel?.();
    },
  };
}

export type Home = ReturnType<typeof createHome>;
