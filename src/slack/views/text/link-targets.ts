import { parseUrl } from '../../../lib/parse-url.ts';

/** The host of a URL, with user and port. Ends at the first character that a person no longer reads as part of a host. */
const AUTHORITIES =
  /(?<![\p{L}\p{N}])(https?:\/\/|www\.|mailto:)([^\s/?#\\<>"'`()[\]{}|,，。；：！？、）」』】]+)/giu;

/** Writes the hosts of URLs in their ASCII form, because letters of other alphabets can look like Latin letters. */
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

/** Converts a host to its ASCII form (IDNA); empty: the text is not a host. */
function toAscii(host: string): string {
  const url = `http://${host}`;
  return parseUrl(url)?.hostname ?? '';
}

const escapeLetters = (text: string) =>
  text.replace(/\P{ASCII}/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);

/** True if the text of a link contains a host that is not its target's host. */
export function readsAsOtherHost(label: string, target: string): boolean {
  const targetHost = hostOf(target);
  return listHosts(label).some((host) => host !== targetHost);
}

function hostOf(target: string): string | undefined {
  try {
    const { hostname, protocol, pathname } = new URL(target);
    return dropWww(protocol === 'mailto:' ? pathname.replace(/^.*@/, '').toLowerCase() : hostname);
  } catch {
    return undefined;
  }
}

/** Words with a dot inside, which can be hosts. */
const HOST = /(?:[\p{L}\p{M}\p{N}_-]+\.)+[\p{L}\p{M}\p{N}-]+/gu;
/** Characters that look like the dot of a host. */
const DOTS = /[。·‧ꓸ]/g;
/** Hosts without a dot, such as `http://intranet` or `localhost:3000`. */
const ALONE =
  /https?:\/\/([\p{L}\p{N}_-]+)(?![\p{L}\p{N}_.-])|(?<![\p{L}\p{N}_.-])(\p{L}[\p{L}\p{N}_-]*):\d{4,5}(?!\d)/giu;
/** File extensions that are not top-level domains: a name with one is a file, not a host. */
const FILES =
  /\.(?:js|ts|jsx|tsx|json|ya?ml|txt|pdf|csv|html?|xml|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|log|sql|css|ipynb|toml|lock)$/i;

/**
 * Lists the hosts that a person reads in a text. A host with non-ASCII letters stays as written, so it never equals the host of
 * a parsed URL.
 */
function listHosts(label: string): string[] {
  const text = label.normalize('NFKC').replace(DOTS, '.');
  const dotlessHosts = [...text.matchAll(ALONE)].map(
    ([, afterScheme, beforePort]) => afterScheme ?? beforePort ?? '',
  );
  const dottedHosts = (text.match(HOST) ?? []).filter(
    (host) => /^\d+(?:\.\d+){3}$/.test(host) || (/\.\p{L}[^.]*$/u.test(host) && !FILES.test(host)),
  );
  return [...dotlessHosts, ...dottedHosts].map((host) =>
    /\P{ASCII}/u.test(host) ? host : dropWww(toAscii(host) || host.toLowerCase()),
  );
}

const dropWww = (host: string) => host.replace(/^www\./, '');

/** A link text that every parser reads the same: no brackets, escapes, code, tags or entities. */
const LABEL = String.raw`(?:[^[\]\\\x60<>&\n]|&(?![#\w]+;))*`;
/** A URL that every parser reads the same. */
const TARGET = String.raw`https?:\/\/[A-Za-z0-9.:@_~-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?`;
const PLAIN_LINK = new RegExp(
  String.raw`(!?)\[(${LABEL})\]\((${TARGET})(?: "([^"\\\n]*)")?\)|\]\(|\]\[`,
  'g',
);
/** The definition of a reference (`[name]:`) at the beginning of a line, also inside quotes and lists. */
const DEFINITION = /^((?:[ \t>*+-]|\d{1,9}[.)])*\[(?:[^\]\\]|\\.)*\]):/gm;

/**
 * Shows the titles of Markdown links in plain syntax, and the targets of those whose text is invisible or reads as another host.
 * Breaks links in any other syntax with `apart`, so that people read their source: parsers differ in how they read these links.
 */
export function showTargets(markdown: string, apart: string): string {
  return markdown
    .replace(PLAIN_LINK, (link, image?: string, label = '', url = '', title?: string) => {
      if (image === undefined) return `]${apart}${link.slice(1)}`;
      const shownTitle = title === undefined ? '' : ` (${title})`;
      const isHidden = !/[\p{L}\p{N}\p{S}\p{P}]/u.test(label);
      if (isHidden || readsAsOtherHost(label.replace(/[*_~]/g, ''), url))
        return `${label} (${url})${shownTitle}`;
      return `${image}[${label}](${url})${shownTitle}`;
    })
    .replace(DEFINITION, `$1${apart}:`);
}

/** The marks of quotes and lists at the beginning of a line, with indentation. */
const CONTAINERS = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/;

/**
 * Repeats the words after the marks of a fence (its info string) in a line before the fence, because Slack does not show them.
 * Does not track open fences: a line of code that looks like a fence is repeated, too. `apart` keeps the new line from beginning
 * a block.
 */
export function showInfoStrings(markdown: string, apart: string): string {
  if (!/`{3}|~{3}/.test(markdown)) return markdown;
  const lines = markdown.split('\n').map((line) => {
    const [containers = ''] = CONTAINERS.exec(line) ?? [];
    const [, marks = '', info = ''] = /^(`{3,}|~{3,})(.*)$/.exec(line.slice(containers.length)) ?? [];
    const isFence = info.trim() !== '' && !(marks.startsWith('`') && info.includes('`'));
    if (!isFence) return line;
    const indent = containers.replace(/[-+*]|\d+[.)]/g, (mark) => ' '.repeat(mark.length));
    return `${containers}${apart}${info.trim()}\n${indent}${line.slice(containers.length)}`;
  });
  return lines.join('\n');
}
