import type { HomeView } from '@slack/types';
import type { Priority } from '../../approval/ports.ts';
import type { Inbox } from '../../approval/queries/inbox.ts';
import type { RateLimits } from '../../approval/worker/rate-limits.ts';
import type { GiveWay } from '../../lib/time.ts';
import type { Languages } from '../app/languages.ts';
import type { Texts } from '../texts/texts.ts';
import { buildHome, buildHomeBeginning, type DrawnInbox } from '../views/lists/home.ts';
import type { HomeSection } from '../views/lists/home-part.ts';
import type { CardLinks } from '../views/message-view.ts';
import { readSlackRetryAfter, type SlackBase } from './client.ts';
import { SLACK_LIMITS } from './slack-limits.ts';

/** A tab is kept up to date for this long after it was opened, in milliseconds. */
const REFRESH_PERIOD = 60 * 60_000;
const MAX_TABS = 100;
/** Changes within this time are shown together, in milliseconds. */
const REFRESH_DELAY = 2_000;
/** Shortest time between two refreshes of a tab, in milliseconds: reading the inbox costs more than drawing it. */
const MIN_REFRESH_INTERVAL = 5_000;
const PUBLISH_RETRY_DELAY = 1_000;
const PUBLISH = { target: 'views.publish', limit: SLACK_LIMITS.home };

interface Tab {
  openedAt: number;
  readAt: number;
  /** Set while the tab is in the queue. It is built when its turn comes. */
  queued?: Priority | undefined;
  /** Resolves once the latest view is published: an older view is never published after a newer one. */
  publishing?: Promise<unknown>;
  /** The tab could not be published after the person last opened it, and is published once more. */
  retried?: boolean;
  /** The published view, as JSON. */
  shown?: string | undefined;
}

/** Everything that the Home tabs are built from. */
interface HomeSetup {
  readInbox: (person: string) => Promise<Inbox>;
  links: CardLinks;
  giveWay: GiveWay;
  rateLimits: RateLimits;
  languages: Pick<Languages, 'textsFor'>;
  features: readonly HomeSection[];
}

/** Home tabs: each person's inbox, kept up to date for people who opened it in the last hour. */
export class Home {
  readonly #slack: SlackBase;
  readonly #setup: HomeSetup;
  /** Lists show the buttons of these features, too. */
  readonly features: readonly HomeSection[];
  readonly #tabs = new Map<string, Tab>();
  #cancelRefresh: (() => void) | undefined;
  #closed = false;

  constructor(slack: SlackBase, setup: HomeSetup) {
    this.#slack = slack;
    this.#setup = setup;
    this.features = setup.features;
  }

  /** A person opened their tab. Resolves once publishing it ended, well or not; at once if a click has already queued it. */
  async open(person: string): Promise<void> {
    const tab = this.#tabs.get(person) ?? { openedAt: 0, readAt: 0 };
    tab.openedAt = this.#slack.clock.now();
    tab.retried = false;
    this.#tabs.delete(person);
    this.#tabs.set(person, tab);
    const oldest = this.#tabs.keys().next().value;
    if (this.#tabs.size > MAX_TABS && oldest !== undefined) this.#tabs.delete(oldest);
    await new Promise<void>((resolve) => this.#queue(person, tab, 'clicked', resolve));
  }

  /** Refreshes the open tabs soon, because an approval has changed. */
  refreshSoon(): void {
    if (!this.#closed && this.#tabs.size > 0)
      this.#cancelRefresh ??= this.#slack.clock.after(REFRESH_DELAY, () => this.#refreshTabs());
  }

  close = (): void => {
    this.#closed = true;
    this.#cancelRefresh?.();
  };

  #queue(person: string, tab: Tab, priority: Priority, onPublished = () => {}): void {
    if (this.#closed || tab.queued === 'clicked' || tab.queued === priority) {
      onPublished();
      return;
    }
    tab.queued = priority;
    const work = () => {
      const publishing = (tab.publishing ?? Promise.resolve()).then(() => this.#publish(person, tab));
      tab.publishing = publishing.then(onPublished);
      return publishing;
    };
    this.#setup.rateLimits.enqueue({ ...PUBLISH, priority, work });
  }

  /** Publishes the current view. False: nothing new to show. Never rejects. */
  async #publish(person: string, tab: Tab): Promise<boolean> {
    const priority = tab.queued ?? 'background';
    tab.queued = undefined;
    if (this.#closed) return false;
    tab.readAt = this.#slack.clock.now();
    try {
      const inbox = await this.#setup.readInbox(person);
      const texts = await this.#setup.languages.textsFor(person)();
      const view = await this.#buildView(texts, inbox);
      const viewJson = JSON.stringify(view);
      if (priority === 'background' && viewJson === tab.shown) return false;
      await this.#slack.client.views.publish({ user_id: person, view });
      tab.shown = viewJson;
    } catch (error) {
      tab.shown = undefined;
      this.#slack.log.warn({ person, error }, 'home tab not published');
      this.#publishAgain(person, tab, priority, readSlackRetryAfter(error));
    }
    return true;
  }

  #publishAgain(person: string, tab: Tab, priority: Priority, retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined) this.#setup.rateLimits.pause(PUBLISH.target, PUBLISH.limit, retryAfterMs);
    else if (priority === 'clicked' && !tab.retried) tab.retried = true;
    else return;
    this.#slack.clock.after(PUBLISH_RETRY_DELAY, () => this.#queue(person, tab, priority));
  }

  /** Converts each output in a separate turn of the event loop: fifteen long lists take a tenth of a second. */
  async #buildView(texts: Texts, inbox: Inbox): Promise<HomeView> {
    const waiting: DrawnInbox['waiting'][number][] = [];
    for (const { approval, output, deciders } of inbox.waiting) {
      const beginning =
        output && (await this.#setup.giveWay(() => buildHomeBeginning(texts, approval, output)));
      waiting.push({ approval, beginning, deciders });
    }
    return buildHome(texts, { ...inbox, waiting }, this.#setup.links, this.features);
  }

  #refreshTabs(): void {
    this.#cancelRefresh = undefined;
    let shortestWait: number | undefined;
    for (const [person, tab] of this.#tabs) {
      const wait = tab.readAt + MIN_REFRESH_INTERVAL - this.#slack.clock.now();
      if (this.#slack.clock.now() - tab.openedAt > REFRESH_PERIOD) this.#tabs.delete(person);
      else if (wait > 0) shortestWait = Math.min(shortestWait ?? wait, wait);
      else this.#queue(person, tab, 'background');
    }
    if (shortestWait !== undefined)
      this.#cancelRefresh = this.#slack.clock.after(shortestWait, () => this.#refreshTabs());
  }
}
