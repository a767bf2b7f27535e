/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { act, listenToPeople } from './people.ts';
import { listenToPresses, showUnpressed } from './presses.ts';
import { showRegions } from './regions.ts';

/** The server draws, this shows: it keeps the page as the server last drew it for the look in the address. */
let events: EventSource | undefined;
/** Resolves once the page shows what the address says. */
let shown: Promise<void> = Promise.resolve();

function watch(): void {
  events?.close();
  const source = new EventSource(`/events${location.search}`);
  events = source;
  let first = true;
  let tellShown = () => {};
  shown = new Promise((resolve) => {
    tellShown = resolve;
  });
  source.addEventListener('message', ({ data }: MessageEvent<string>) =>
    showUnpressed(() => {
      if (source !== events) return;
      setLost(false);
      const { lang, ...regions } = JSON.parse(data) as Record<string, string>;
      if (lang !== undefined) document.documentElement.lang = lang;
      showRegions(regions, { arrived: first });
      first = false;
      tellShown();
    }),
  );
  source.addEventListener('error', () => {
    setLost(true);
    tellShown();
  });
  const look = new URLSearchParams(location.search);
  document.body.dataset.pane = look.get('pane') ?? 'slack';
  // Slack tells the app when somebody opens its Home tab.
  if (look.get('at') === 'home') void act({ do: 'open_home' });
}

function setLost(lost: boolean): void {
  const line = document.getElementById('lost');
  if (line) line.hidden = !lost;
}

addEventListener('click', async (event) => {
  const link = (event.target as Element).closest?.('a[href^="/?"]');
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // A link that was drawn for the place before would lead back to there.
  for (let awaited: typeof shown | undefined; awaited !== shown; await awaited) awaited = shown;
  history.pushState(null, '', link.href);
  watch();
});
addEventListener('popstate', watch);

listenToPeople();
listenToPresses();
watch();
