import type { Scene, ShownFile, ShownMessage } from '../scene.ts';
import { type Viewpoint, viewpointHref } from '../viewpoint.ts';
import type { DrawContext } from './draw-context.ts';
import { escapeHtml, mrkdwnHtml } from './mrkdwn-html.ts';
import { saidHtml } from './views-html.ts';

/** Draws the open channel with its message box, or the messages of the app. Threads are links. */
export function conversationHtml(scene: Scene, context: DrawContext): string {
  const { viewpoint, channels, conversation } = scene;
  const channel = channels.find(({ id }) => id === viewpoint.at);
  const shownMessages = conversation.filter(
    ({ thread_ts, ts, broadcast }) => isRoot({ thread_ts, ts }) || broadcast,
  );
  const messages = shownMessages.map((said) => {
    const root = said.broadcast && conversation.find(({ ts }) => ts === said.thread_ts);
    const preamble = root ? threadLinkHtml(said, root, viewpoint, context) : '';
    return (
      itemHtml(said, scene, context, { preamble }) +
      repliesHtml(said, repliesTo(said, scene), viewpoint, scene)
    );
  });
  const emptyHtml = '<p class="empty">Nothing here yet.</p>';
  return `<header class="bar"><h2>${channel ? `<span aria-hidden="true">#</span> ${escapeHtml(channel.name)}` : escapeHtml(scene.app.name)}</h2></header>
<div class="messages" data-follow id="messages-${escapeHtml(viewpoint.at)}" tabindex="0" role="region" aria-label="Messages">${channel ? `<p class="intro">${escapeHtml(channel.purpose)}</p>` : ''}${messages.join('') || (channel ? '' : emptyHtml)}</div>
${channel ? boxHtml('box', `Message to #${channel.name}`, `Message #${channel.name}, or /approvals help`) : ''}`;
}

/** Draws the open thread: its first message, its replies and, in a channel, a message box. */
export function threadHtml(scene: Scene, context: DrawContext): string {
  const { viewpoint, conversation } = scene;
  const root = conversation.find(({ ts }) => ts === viewpoint.thread);
  if (!root) return '';
  const replies = repliesTo(root, scene);
  const items = [root, ...replies].map((said) => {
    const preamble = said.broadcast ? '<p class="only">Also sent to the channel</p>' : '';
    return itemHtml(said, scene, context, { preamble, within: 'thread-' });
  });
  const closedHref = viewpointHref({ ...viewpoint, thread: undefined });
  const isChannel = scene.channels.some(({ id }) => id === viewpoint.at);
  const reply = isChannel ? boxHtml(`reply-${root.ts}`, 'Reply in the thread', 'Reply…', root.ts) : '';
  return `<header class="bar"><h2>Thread</h2><a class="x" href="${escapeHtml(closedHref)}" data-go aria-label="Close the thread">✕</a></header>
<div class="messages" data-follow id="thread-${root.ts}" tabindex="0" role="region" aria-label="Messages of the thread">${items[0]}<p class="rule"><span>${formatReplyCount(replies)}</span></p>${items.slice(1).join('')}</div>
${reply}`;
}

function isRoot({ ts, thread_ts }: Pick<ShownMessage, 'ts' | 'thread_ts'>): boolean {
  return thread_ts === undefined || thread_ts === ts;
}

function repliesTo({ ts }: ShownMessage, { conversation }: Scene): ShownMessage[] {
  return conversation.filter((said) => said.thread_ts === ts && !isRoot(said));
}

/** Draws the link from a reply that the channel shows to its thread. */
function threadLinkHtml(
  { ts }: ShownMessage,
  root: ShownMessage,
  viewpoint: Viewpoint,
  context: DrawContext,
): string {
  const href = viewpointHref({ ...viewpoint, thread: root.ts }, ts);
  // A link cannot contain a link.
  const linkText = mrkdwnHtml(root.text.split('\n', 1)[0] ?? '', context).replace(/<[^>]+>/g, '');
  return `<p class="only">replied to a thread: <a href="${escapeHtml(href)}" data-go>${linkText}</a></p>`;
}

/** Draws a message. `preamble`: HTML above its text; `within`: prefix of its id. */
function itemHtml(
  said: ShownMessage,
  scene: Scene,
  context: DrawContext,
  { preamble, within = '' }: { preamble: string; within?: 'thread-' | '' },
): string {
  const byApp = said.user === scene.app.id;
  const name = byApp ? scene.app.name : context.names(said.user);
  const app = byApp ? ' <span class="app">APP</span>' : '';
  const onlyForYouHtml = said.onlyForYou
    ? '<p class="only"><span aria-hidden="true">👁</span> Only visible to you</p>'
    : '';
  const edited = said.edited && !byApp ? ' <span class="edited">(edited)</span>' : '';
  const menu = said.onlyForYou ? '' : shortcutsHtml(said, scene, within);
  const files = said.files.map(fileHtml).join('');
  const text =
    said.text === '' && said.files.length > 0 ? '' : saidHtml(said, context, `${within}m-${said.ts}`);
  return `<article class="message${said.onlyForYou ? ' ephemeral' : ''}" id="${within}m-${said.ts}" data-ts="${said.ts}"${said.run === undefined ? '' : ` data-run="${escapeHtml(said.run)}"`} tabindex="-1" aria-label="${escapeHtml(name)}, ${formatMessageTime(said.ts)}">
${avatarHtml(said.user, name, byApp)}<div class="body">${onlyForYouHtml}<header><span class="name">${escapeHtml(name)}</span>${app} <time>${formatMessageTime(said.ts)}</time></header>${preamble}${text}${edited}${files}</div>${menu}</article>`;
}

/** Draws the menu of a message: the app's shortcuts and, in a channel, the link to the thread. */
function shortcutsHtml(
  said: ShownMessage,
  { shortcuts, viewpoint, channels }: Scene,
  within: string,
): string {
  if (shortcuts.length === 0) return '';
  const id = `${within}shortcuts-${said.ts}`;
  const canOpenThread =
    within === '' && isRoot(said) && channels.some((channel) => channel.id === viewpoint.at);
  const href = escapeHtml(viewpointHref({ ...viewpoint, thread: said.ts }));
  const thread = canOpenThread
    ? `<a role="menuitem" tabindex="-1" href="${href}" data-go>Reply in thread</a>`
    : '';
  const items = shortcuts.map(
    ({ name, callbackId }) =>
      `<button type="button" role="menuitem" tabindex="-1" data-do="shortcut" data-how="${escapeHtml(callbackId)}">${escapeHtml(name)}</button>`,
  );
  return `<details class="menu shortcuts" id="${id}"><summary class="button" aria-haspopup="menu" aria-label="Message shortcuts" title="Message shortcuts">⋯</summary><div class="items" role="menu" aria-label="Shortcuts">${items.join('')}${thread}</div></details>`;
}

/** Draws the initial of a person, or the app's mark. */
export function avatarHtml(id: string, name: string, byApp: boolean): string {
  const tint = [...id].reduce((sum, letter) => sum * 3 + letter.charCodeAt(0), 0) % 4;
  return byApp
    ? '<div class="avatar bot" aria-hidden="true">✓</div>'
    : `<div class="avatar tint${tint}" aria-hidden="true">${escapeHtml(name.slice(0, 1))}</div>`;
}

function repliesHtml(
  root: ShownMessage,
  replies: readonly ShownMessage[],
  viewpoint: Viewpoint,
  scene: Scene,
): string {
  const lastReply = replies.at(-1);
  if (!lastReply) return '';
  const isWaiting = replies.some((reply) => scene.waiting.includes(reply.ts));
  const href = viewpointHref({ ...viewpoint, thread: root.ts }, lastReply.ts);
  const currentAttribute = viewpoint.thread === root.ts ? ' aria-current="true"' : '';
  return `<p class="replies"><a href="${escapeHtml(href)}" data-go id="replies-${root.ts}"${currentAttribute}>${formatReplyCount(replies)} <time>Last ${formatMessageTime(lastReply.ts)}</time>${isWaiting ? '<span class="waits">waits for a decision</span>' : ''}</a></p>`;
}

/** Counts the replies. A message that only one person sees is not counted. */
function formatReplyCount(replies: readonly ShownMessage[]): string {
  const number = replies.filter(({ onlyForYou }) => !onlyForYou).length;
  return number === 1 ? '1 reply' : `${number} replies`;
}

function fileHtml({ id, name, length, preview }: ShownFile): string {
  const size = length < 1_024 ? `${length} bytes` : `${Math.round(length / 1_024)} KB`;
  const href = `/files/${encodeURIComponent(id)}`;
  return `<section class="file" aria-label="File ${escapeHtml(name)}"><header><span aria-hidden="true">📄</span> <b>${escapeHtml(name)}</b> <span class="soft">${size}</span></header><pre tabindex="0">${escapeHtml(preview)}</pre><p><a href="${href}" target="_blank" rel="noreferrer">View in full</a> · <a href="${href}" download="${escapeHtml(name)}">Download</a></p></section>`;
}

/** Draws a message box. `thread`: ts of the thread for the message; undefined: the channel. */
function boxHtml(id: string, label: string, placeholder: string, thread?: string): string {
  const threadAttribute = thread === undefined ? '' : ` data-thread="${thread}"`;
  return `<form class="box" data-do="write"${threadAttribute}><label class="sr" for="${id}">${escapeHtml(label)}</label><input id="${id}" name="text" autocomplete="off" maxlength="4000" placeholder="${escapeHtml(placeholder)}"><button class="button send" aria-label="Send">➤</button></form>`;
}

/** Formats the time of a message. */
function formatMessageTime(ts: string): string {
  return clockTime(Number(ts) * 1_000);
}

/** Formats a time as hours and minutes, in the time zone of this machine. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
