import { parseUrl } from '../../../lib/parse-url.ts';

/** The host of a URL, with a user and a port. It ends where a person stops to read it as one. */
const AUTHORITIES =
  /(?<![\p{L}\p{N}])(https?:\/\/|www\.|mailto:)([^\s/?#\\<>"'`()[\]{}|,，。；：！？、）」』】]+)/giu;

/** Hosts of URLs in their ASCII form: letters of other alphabets look the same as letters of ours. */
export function showHosts(text: string): string {
  if (!/\P{ASCII}/u.test(text)) return text;
  return text.replace(AUTHORITIES, (url, scheme: string, authority: string) =>
    /\P{ASCII}/u.test(authority) ? scheme + writeAuthority(authority) : url,
  );
}

function writeAuthority(authority: string): string {
  const [, user = '', host = '', port = ''] = /^(.*@)?([^@]*?)(:\d*)?$/u.exec(authority) ?? [];
  return escapeLetters(user) + (toAscii(host) || escapeLetters(host)) + port;
}

/** A host in its ASCII form (IDNA); empty where it is none. */
function toAscii(host: string): string {
  const url = `http://${host}`;
  return parseUrl(url)?.hostname ?? '';
}

const escapeLetters = (text: string) =>
  text.replace(/\P{ASCII}/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);

/** Whether the text of a link reads as the URL or the name of another host than that of its target. */
export function readsAsOtherHost(label: string, target: string): boolean {
  const actual = hostOf(target);
  return listHosts(label).some((host) => host !== actual);
}

function hostOf(target: string): string | undefined {
  try {
    const { hostname, protocol, pathname } = new URL(target);
    return dropWww(protocol === 'mailto:' ? pathname.replace(/^.*@/, '').toLowerCase() : hostname);
  } catch {
    return undefined;
  }
}

/** Words that are read as hosts, wherever they stand. */
const HOST = /(?:[\p{L}\p{M}\p{N}_-]+\.)+[\p{L}\p{M}\p{N}-]+/gu;
/** What reads as the dot of a host. */
const DOTS = /[。·‧ꓸ]/g;
/** Hosts without a dot. */
const ALONE =
  /https?:\/\/([\p{L}\p{N}_-]+)(?![\p{L}\p{N}_.-])|(?<![\p{L}\p{N}_.-])(\p{L}[\p{L}\p{N}_-]*):\d{4,5}(?!\d)/giu;
/** Endings of files that are no domains of the top level: no host has them. */
const FILES =
  /\.(?:js|ts|jsx|tsx|json|ya?ml|txt|pdf|csv|html?|xml|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|log|sql|css|ipynb|toml|lock)$/i;

/** The hosts that a person reads in a text, in their ASCII form; as it is written where its letters are others. */
function listHosts(label: string): string[] {
  const text = label.normalize('NFKC').replace(DOTS, '.');
  const alone = [...text.matchAll(ALONE)].map(
    ([, afterScheme, beforePort]) => afterScheme ?? beforePort ?? '',
  );
  const named = (text.match(HOST) ?? []).filter(
    (host) => /^\d+(?:\.\d+){3}$/.test(host) || (/\.\p{L}[^.]*$/u.test(host) && !FILES.test(host)),
  );
  return [...alone, ...named].map((host) =>
    /\P{ASCII}/u.test(host) ? host : dropWww(toAscii(host) || host.toLowerCase()),
  );
}

const dropWww = (host: string) => host.replace(/^www\./, '');

/** A text of a link in which no parser finds anything else: no brackets, escapes, code, tags or entities. */
const LABEL = String.raw`(?:[^[\]\\\x60<>&\n]|&(?![#\w]+;))*`;
/** A URL in which no parser reads anything else than what stands there. */
const TARGET = String.raw`https?:\/\/[A-Za-z0-9.:@_~-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?`;
const PLAIN_LINK = new RegExp(
  String.raw`(!?)\[(${LABEL})\]\((${TARGET})(?: "([^"\\\n]*)")?\)|\]\(|\]\[`,
  'g',
);
/** At the beginning of a line, also in quotes and lists. */
const DEFINITION = /^((?:[ \t>*+-]|\d{1,9}[.)])*\[(?:[^\]\\]|\\.)*\]):/gm;

/**
 * Markdown whose links show where they lead if their text reads as another host, and their titles. A link that is written in
 * any but the plainest way, or by reference, stays as its source: `apart` breaks it. So nothing is left to how a parser
 * reads it.
 */
export function showTargets(markdown: string, apart: string): string {
  return markdown
    .replace(PLAIN_LINK, (link, image?: string, label = '', url = '', title?: string) => {
      if (image === undefined) return `]${apart}${link.slice(1)}`;
      const said = title === undefined ? '' : ` (${title})`;
      const isHidden = !/[\p{L}\p{N}\p{S}\p{P}]/u.test(label);
      if (isHidden || readsAsOtherHost(label.replace(/[*_~]/g, ''), url)) return `${label} (${url})${said}`;
      return `${image}[${label}](${url})${said}`;
    })
    .replace(DEFINITION, `$1${apart}:`);
}

/** What a line begins with inside of quotes and lists. */
const CONTAINERS = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/;

/**
 * Markdown in which the words after the marks of a fence stand in a line before it too, since they are not shown there. What
 * is a fence depends on what is before: in code, the line stands twice. `apart` keeps it from beginning a block.
 */
export function showInfoStrings(markdown: string, apart: string): string {
  if (!/`{3}|~{3}/.test(markdown)) return markdown;
  const lines = markdown.split('\n').map((line) => {
    const [before = ''] = CONTAINERS.exec(line) ?? [];
    const [, marks = '', info = ''] = /^(`{3,}|~{3,})(.*)$/.exec(line.slice(before.length)) ?? [];
    const isFence = info.trim() !== '' && !(marks.startsWith('`') && info.includes('`'));
    if (!isFence) return line;
    const inside = before.replace(/[-+*]|\d+[.)]/g, (mark) => ' '.repeat(mark.length));
    return `${before}${apart}${info.trim()}\n${inside}${line.slice(before.length)}`;
  });
  return lines.join('\n');
}
