import type { Scene, ShownCrew } from '../scene.ts';
import { type Viewpoint, viewpointHref } from '../viewpoint.ts';
import { controlsHtml, topHtml } from './controls-html.ts';
import { conversationHtml, threadHtml } from './conversation-html.ts';
import type { DrawContext, Names } from './draw-context.ts';
import { flowHtml } from './flow-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';
import { outsideHtml } from './outside-html.ts';
import { crewHtml } from './run-html.ts';
import { appTabsHtml, sidebarHtml } from './sidebar-html.ts';
import { viewHtml } from './views-html.ts';
import { wireHtml } from './wire-html.ts';

/** Maps the bare names of the browser's modules to their URLs. */
export const IMPORT_MAP = JSON.stringify({ imports: { idiomorph: '/idiomorph.js' } });

/** HTML of the parts of the page that change, by the ids of their elements. */
export type Regions = Readonly<Record<string, string>>;

/** Draws the regions of a scene. */
export function drawRegions(scene: Scene): Regions {
  const context = readerOf(scene);
  return {
    top: topHtml(scene),
    sidebar: sidebarHtml(scene),
    conversation: mainHtml(scene, context),
    thread: threadHtml(scene, context),
    modal: modalHtml(scene, context),
    ...Object.fromEntries(scene.crews.map((crew) => [runsId(crew), crewHtml(crew)])),
    flow: flowHtml(scene),
    outside: outsideHtml(scene),
    controls: controlsHtml(scene),
    wire: wireHtml(scene),
    news: newsHtml(scene, context),
    panes: panesHtml(scene.viewpoint),
  };
}

/** Attribute of the page's own texts. All other texts are in the language of Slack. */
const ENGLISH = 'lang="en"';

/** Draws the page as it is first sent. The modal and the news come with the first update. */
export function pageHtml(scene: Scene): string {
  const regions = drawRegions(scene);
  const region = (tag: string, id: string, attributes: string) =>
    `<${tag} id="${id}" ${attributes}>${regions[id] ?? ''}</${tag}>`;
  const [firstCrew, ...otherCrews] = scene.crews.map((crew) =>
    region('section', runsId(crew), `class="card" aria-label="Runs of ${escapeHtml(crew.name)}"`),
  );
  return `<!doctype html>
<html lang="${escapeHtml(scene.language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>crew-approvals demo</title><link rel="stylesheet" href="/page.css"><link rel="icon" href="data:,">
<script type="importmap">${IMPORT_MAP}</script><script type="module" src="/browser/page.js"></script></head>
<body class="demo" data-pane="${scene.viewpoint.pane}">
<a class="skip" href="#main" ${ENGLISH}>Skip to the main content</a>
<header class="top">${region('div', 'top', `class="region" ${ENGLISH}`)}</header>
${region('nav', 'panes', `class="panes" aria-label="Sides" ${ENGLISH}`)}
${region('nav', 'sidebar', `class="sidebar" aria-label="Slack" ${ENGLISH}`)}
<main id="main" tabindex="-1">
${region('section', 'conversation', 'class="conversation" aria-label="Conversation"')}
${region('section', 'thread', 'class="thread" aria-label="Thread"')}
<section class="crewai" aria-label="CrewAI" ${ENGLISH}>
${firstCrew}
${region('section', 'flow', 'class="card" aria-label="Flow"')}
${otherCrews.join('\n')}
${region('section', 'outside', 'class="card" aria-label="Ask from outside"')}
${region('section', 'controls', 'class="card" aria-label="Let something go wrong"')}
${region('section', 'wire', 'class="card" aria-label="On the wire"')}
</section>
</main>
<div id="modal"></div>
<p id="result" class="result" role="status" ${ENGLISH}></p>
<p id="lost" class="lost" role="alert" ${ENGLISH} hidden>The demo has ended. Start it again with <code>npm run demo</code>.</p>
<div id="news" class="sr" aria-live="polite"></div>
</body></html>`;
}

/** Builds the id of a crew's region. */
function runsId({ name }: ShownCrew): string {
  return `runs-${escapeHtml(name)}`;
}

function readerOf({ viewpoint, personas, channels, app, conversation, errors }: Scene): DrawContext {
  const nameById = new Map([...personas, ...channels, app].map(({ id, name }) => [id, name]));
  const names: Names = (id) => nameById.get(id) ?? id;
  /** Turns a permalink of this workspace into the address of its message on this page. */
  const href = (url: string) => {
    const [, at = '', seconds, micros] = /\/archives\/(\w+)\/p(\d+)(\d{6})(?:$|\?)/.exec(url) ?? [];
    if (!seconds || !url.startsWith('https://sandbox.slack.com/')) return url;
    const ts = `${seconds}.${micros}`;
    const namedThread = /[?&]thread_ts=([\d.]+)/.exec(url)?.[1];
    const threadTs = conversation.find((said) => said.ts === ts)?.thread_ts;
    return viewpointHref({ as: viewpoint.as, at, thread: namedThread ?? threadTs, pane: 'slack' }, ts);
  };
  return { names, href, people: personas, errors };
}

function mainHtml(scene: Scene, context: DrawContext): string {
  const { viewpoint, home } = scene;
  const tabs = viewpoint.at === 'home' || viewpoint.at === 'app' ? appTabsHtml(scene) : '';
  if (viewpoint.at !== 'home') return tabs + conversationHtml(scene, context);
  const emptyHtml = '<p class="empty">The app has not shown a Home tab yet.</p>';
  return `${tabs}<div class="messages" id="home-${escapeHtml(viewpoint.as)}" tabindex="0" role="region" aria-label="Home tab">${home ? viewHtml(home, context) : emptyHtml}</div>`;
}

function modalHtml({ modal }: Scene, context: DrawContext): string {
  if (!modal) return '';
  const id = escapeHtml(modal.id);
  return `<dialog id="dialog-${id}" aria-labelledby="title-${id}">${viewHtml(modal, context)}</dialog>`;
}

/** Draws the text that a screen context reads when a message comes. */
function newsHtml({ conversation, app }: Scene, { names }: DrawContext): string {
  const lastMessage = conversation.at(-1);
  if (!lastMessage) return '';
  const author = lastMessage.user === app.id ? app.name : names(lastMessage.user);
  return `<p>${escapeHtml(author)}: ${escapeHtml(lastMessage.text.slice(0, 300))}</p>`;
}

/** Draws the tabs of a phone, which shows one side at a time. */
function panesHtml(viewpoint: Viewpoint): string {
  const tab = (pane: Viewpoint['pane'], label: string) =>
    `<a href="${escapeHtml(viewpointHref({ ...viewpoint, pane }))}" data-go${viewpoint.pane === pane ? ' aria-current="page"' : ''}>${label}</a>`;
  return tab('slack', 'Slack') + tab('crewai', 'CrewAI');
}
