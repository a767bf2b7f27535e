/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { act, listenToPeople } from './people.ts';
import { listenToPresses, showOnceReleased } from './presses.ts';
import { showRegions } from './regions.ts';

/** Updates of the page, which the server draws for the viewpoint in the address. */
let events: EventSource | undefined;
/** Resolves once the page shows the viewpoint in the address, or the connection failed. */
let shown: Promise<void> = Promise.resolve();

function watch(): void {
  events?.close();
  const source = new EventSource(`/events${location.search}`);
  events = source;
  let isFirst = true;
  let resolveShown = () => {};
  shown = new Promise((resolve) => {
    resolveShown = resolve;
  });
  source.addEventListener('message', ({ data }: MessageEvent<string>) =>
    showOnceReleased(() => {
      if (source !== events) return;
      showLost(false);
      const { lang, ...regions } = JSON.parse(data) as Record<string, string>;
      if (lang !== undefined) document.documentElement.lang = lang;
      showRegions(regions, { arrived: isFirst });
      isFirst = false;
      resolveShown();
    }),
  );
  source.addEventListener('error', () => {
    showLost(true);
    resolveShown();
  });
  const look = new URLSearchParams(location.search);
  document.body.dataset.pane = look.get('pane') ?? 'slack';
  // Slack tells the app when a person opens its Home tab.
  if (look.get('at') === 'home') void act({ do: 'open_home' });
}

function showLost(lost: boolean): void {
  const line = document.getElementById('lost');
  if (line) line.hidden = !lost;
}

addEventListener('click', async (event) => {
  const link = (event.target as Element).closest?.('a[href^="/?"]');
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // Waits for the page: a link that was drawn for the previous viewpoint would lead back to it.
  for (let awaited: typeof shown | undefined; awaited !== shown; await awaited) awaited = shown;
  history.pushState(null, '', link.href);
  watch();
});
addEventListener('popstate', watch);

listenToPeople();
listenToPresses();
watch();
