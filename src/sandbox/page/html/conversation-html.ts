import { type Look, lookHref } from '../look.ts';
import type { Said, Scene, ShownFile } from '../scene.ts';
import { escapeHtml, mrkdwnHtml } from './mrkdwn-html.ts';
import type { Reader } from './reader.ts';
import { saidHtml } from './views-html.ts';

/** The open channel: its messages with their threads, and the message box. */
export function conversationHtml(scene: Scene, reader: Reader): string {
  const { look, channels, conversation } = scene;
  const channel = channels.find(({ id }) => id === look.at);
  const shown = conversation.filter(({ thread_ts, ts, broadcast }) => isRoot({ thread_ts, ts }) || broadcast);
  const messages = shown.map((said) => {
    const root = said.broadcast && conversation.find(({ ts }) => ts === said.thread_ts);
    const preamble = root ? threadLinkHtml(said, root, look, reader) : '';
    return (
      itemHtml(said, scene, reader, { preamble }) + repliesHtml(said, repliesTo(said, scene), look, scene)
    );
  });
  const none = '<p class="empty">Nothing here yet.</p>';
  return `<header class="bar"><h2>${channel ? `<span aria-hidden="true">#</span> ${escapeHtml(channel.name)}` : escapeHtml(scene.app.name)}</h2></header>
<div class="messages" data-follow id="messages-${escapeHtml(look.at)}" tabindex="0" role="region" aria-label="Messages">${channel ? `<p class="intro">${escapeHtml(channel.purpose)}</p>` : ''}${messages.join('') || (channel ? '' : none)}</div>
${channel ? boxHtml('box', `Message to #${channel.name}`, `Message #${channel.name}, or /approvals help`) : ''}`;
}

/** The open thread: the message that it began with, and its replies. */
export function threadHtml(scene: Scene, reader: Reader): string {
  const { look, conversation } = scene;
  const root = conversation.find(({ ts }) => ts === look.thread);
  if (!root) return '';
  const replies = repliesTo(root, scene);
  const items = [root, ...replies].map((said) => {
    const preamble = said.broadcast ? '<p class="only">Also sent to the channel</p>' : '';
    return itemHtml(said, scene, reader, { preamble, within: 'thread-' });
  });
  const closed = lookHref({ ...look, thread: undefined });
  const isChannel = scene.channels.some(({ id }) => id === look.at);
  const reply = isChannel ? boxHtml(`reply-${root.ts}`, 'Reply in the thread', 'Reply…', root.ts) : '';
  return `<header class="bar"><h2>Thread</h2><a class="x" href="${escapeHtml(closed)}" data-go aria-label="Close the thread">✕</a></header>
<div class="messages" data-follow id="thread-${root.ts}" tabindex="0" role="region" aria-label="Messages of the thread">${items[0]}<p class="rule"><span>${numberOf(replies)}</span></p>${items.slice(1).join('')}</div>
${reply}`;
}

function isRoot({ ts, thread_ts }: Pick<Said, 'ts' | 'thread_ts'>): boolean {
  return thread_ts === undefined || thread_ts === ts;
}

function repliesTo({ ts }: Said, { conversation }: Scene): Said[] {
  return conversation.filter((said) => said.thread_ts === ts && !isRoot(said));
}

/** Leads from a reply that the channel shows to its thread. */
function threadLinkHtml({ ts }: Said, root: Said, look: Look, reader: Reader): string {
  const href = lookHref({ ...look, thread: root.ts }, ts);
  // A link cannot be in a link.
  const about = mrkdwnHtml(root.text.split('\n', 1)[0] ?? '', reader).replace(/<[^>]+>/g, '');
  return `<p class="only">replied to a thread: <a href="${escapeHtml(href)}" data-go>${about}</a></p>`;
}

/** `preamble`: what stands above its text; `within`: what begins its id. */
function itemHtml(
  said: Said,
  scene: Scene,
  reader: Reader,
  { preamble, within = '' }: { preamble: string; within?: 'thread-' | '' },
): string {
  const byApp = said.user === scene.app.id;
  const name = byApp ? scene.app.name : reader.names(said.user);
  const app = byApp ? ' <span class="app">APP</span>' : '';
  const only = said.onlyForYou
    ? '<p class="only"><span aria-hidden="true">👁</span> Only visible to you</p>'
    : '';
  const edited = said.edited && !byApp ? ' <span class="edited">(edited)</span>' : '';
  const menu = said.onlyForYou ? '' : shortcutsHtml(said, scene, within);
  const files = said.files.map(fileHtml).join('');
  const text =
    said.text === '' && said.files.length > 0 ? '' : saidHtml(said, reader, `${within}m-${said.ts}`);
  return `<article class="message${said.onlyForYou ? ' ephemeral' : ''}" id="${within}m-${said.ts}" data-ts="${said.ts}"${said.run === undefined ? '' : ` data-run="${escapeHtml(said.run)}"`} tabindex="-1" aria-label="${escapeHtml(name)}, ${timeOf(said.ts)}">
${avatarHtml(said.user, name, byApp)}<div class="body">${only}<header><span class="name">${escapeHtml(name)}</span>${app} <time>${timeOf(said.ts)}</time></header>${preamble}${text}${edited}${files}</div>${menu}</article>`;
}

/** The menu of a message: the app's shortcuts, and in a channel the way to the thread of a message. */
function shortcutsHtml(said: Said, { shortcuts, look, channels }: Scene, within: string): string {
  if (shortcuts.length === 0) return '';
  const id = `${within}shortcuts-${said.ts}`;
  const opensThread = within === '' && isRoot(said) && channels.some((channel) => channel.id === look.at);
  const href = escapeHtml(lookHref({ ...look, thread: said.ts }));
  const thread = opensThread
    ? `<a role="menuitem" tabindex="-1" href="${href}" data-go>Reply in thread</a>`
    : '';
  const items = shortcuts.map(
    ({ name, callbackId }) =>
      `<button type="button" role="menuitem" tabindex="-1" data-do="shortcut" data-how="${escapeHtml(callbackId)}">${escapeHtml(name)}</button>`,
  );
  return `<details class="menu shortcuts" id="${id}"><summary class="button" aria-haspopup="menu" aria-label="Message shortcuts" title="Message shortcuts">⋯</summary><div class="items" role="menu" aria-label="Shortcuts">${items.join('')}${thread}</div></details>`;
}

/** The initial of a person, or the app's mark. */
export function avatarHtml(id: string, name: string, byApp: boolean): string {
  const tint = [...id].reduce((sum, letter) => sum * 3 + letter.charCodeAt(0), 0) % 4;
  return byApp
    ? '<div class="avatar bot" aria-hidden="true">✓</div>'
    : `<div class="avatar tint${tint}" aria-hidden="true">${escapeHtml(name.slice(0, 1))}</div>`;
}

function repliesHtml(root: Said, replies: readonly Said[], look: Look, scene: Scene): string {
  const last = replies.at(-1);
  if (!last) return '';
  const waits = replies.some((reply) => scene.waiting.includes(reply.ts));
  const href = lookHref({ ...look, thread: root.ts }, last.ts);
  const open = look.thread === root.ts ? ' aria-current="true"' : '';
  return `<p class="replies"><a href="${escapeHtml(href)}" data-go id="replies-${root.ts}"${open}>${numberOf(replies)} <time>Last ${timeOf(last.ts)}</time>${waits ? '<span class="waits">waits for a decision</span>' : ''}</a></p>`;
}

/** What only one person sees counts as no reply. */
function numberOf(replies: readonly Said[]): string {
  const number = replies.filter(({ onlyForYou }) => !onlyForYou).length;
  return number === 1 ? '1 reply' : `${number} replies`;
}

function fileHtml({ id, name, length, preview }: ShownFile): string {
  const size = length < 1_024 ? `${length} bytes` : `${Math.round(length / 1_024)} KB`;
  const href = `/files/${encodeURIComponent(id)}`;
  return `<section class="file" aria-label="File ${escapeHtml(name)}"><header><span aria-hidden="true">📄</span> <b>${escapeHtml(name)}</b> <span class="soft">${size}</span></header><pre tabindex="0">${escapeHtml(preview)}</pre><p><a href="${href}" target="_blank" rel="noreferrer">View in full</a> · <a href="${href}" download="${escapeHtml(name)}">Download</a></p></section>`;
}

/** `thread`: the message whose thread gets what is written; the channel without. */
function boxHtml(id: string, label: string, placeholder: string, thread?: string): string {
  const where = thread === undefined ? '' : ` data-thread="${thread}"`;
  return `<form class="box" data-do="write"${where}><label class="sr" for="${id}">${escapeHtml(label)}</label><input id="${id}" name="text" autocomplete="off" maxlength="4000" placeholder="${escapeHtml(placeholder)}"><button class="button send" aria-label="Send">➤</button></form>`;
}

/** When a message was said, on a clock. */
function timeOf(ts: string): string {
  return clockTime(Number(ts) * 1_000);
}

/** Hours and minutes, on this machine's clock. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
