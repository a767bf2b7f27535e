/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { act, listenToPeople } from './people.ts';
import { showRegions } from './regions.ts';

/** The server draws, this shows: it keeps the page as the server last drew it for the look in the address. */
let events: EventSource | undefined;

function watch(): void {
  events?.close();
  events = new EventSource(`/events${location.search}`);
  let first = true;
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    setLost(false);
    const { lang, ...regions } = JSON.parse(data) as Record<string, string>;
    if (lang !== undefined) document.documentElement.lang = lang;
    showRegions(regions, { arrived: first });
    first = false;
  });
  events.addEventListener('error', () => setLost(true));
  const look = new URLSearchParams(location.search);
  document.body.dataset.pane = look.get('pane') ?? 'slack';
  // Slack tells the app when somebody opens its Home tab.
  if (look.get('at') === 'home') void act({ do: 'open_home' });
}

function setLost(lost: boolean): void {
  const line = document.getElementById('lost');
  if (line) line.hidden = !lost;
}

addEventListener('click', (event) => {
  const link = (event.target as Element).closest?.('a[href^="/?"]');
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  watch();
});
addEventListener('popstate', watch);

listenToPeople();
watch();
