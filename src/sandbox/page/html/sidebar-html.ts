import type { Scene } from '../scene.ts';
import { viewpointHref } from '../viewpoint.ts';
import { avatarHtml } from './conversation-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';

/** Draws the sidebar: the people of the demo, the channels and the app. */
export function sidebarHtml({ viewpoint, personas, channels, app }: Scene): string {
  const link = (href: string, current: boolean, label: string, kind: string) =>
    `<li><a class="${kind}" href="${escapeHtml(href)}" data-go${current ? ' aria-current="page"' : ''}>${label}</a></li>`;
  const people = personas.map(({ id, name, role }) =>
    link(
      viewpointHref({ ...viewpoint, as: id }),
      id === viewpoint.as,
      `${avatarHtml(id, name, false)}<span><b>${escapeHtml(name)}</b> <small>${escapeHtml(role)}</small></span>`,
      'persona',
    ),
  );
  const places = channels.map(({ id, name }) =>
    link(
      viewpointHref({ ...viewpoint, at: id, thread: undefined }),
      id === viewpoint.at,
      `<span class="hash" aria-hidden="true">#</span> ${escapeHtml(name)}`,
      'place',
    ),
  );
  const inApp = viewpoint.at === 'home' || viewpoint.at === 'app';
  const appLink = link(
    viewpointHref({ ...viewpoint, at: 'home', thread: undefined }),
    inApp,
    `<span class="avatar bot small" aria-hidden="true">✓</span> ${escapeHtml(app.name)}`,
    'place',
  );
  return `<h2 class="workspace">Sandbox</h2>
<section><h3 id="you-are">You are</h3><ul class="personas" aria-labelledby="you-are">${people.join('')}</ul></section>
<section><h3 id="channels">Channels</h3><ul aria-labelledby="channels">${places.join('')}</ul></section>
<section><h3 id="apps">Apps</h3><ul aria-labelledby="apps">${appLink}</ul></section>`;
}

/** Draws the tabs of the app: its Home, and the messages between the app and this person. */
export function appTabsHtml({ viewpoint }: Scene): string {
  const tab = (at: string, label: string) =>
    `<a href="${escapeHtml(viewpointHref({ ...viewpoint, at, thread: undefined }))}" data-go${viewpoint.at === at ? ' aria-current="page"' : ''}>${label}</a>`;
  return `<nav class="tabs" aria-label="Tabs of the app">${tab('home', 'Home')}${tab('app', 'Messages')}</nav>`;
}
