/** The host of a URL, with a user and a port. It ends where a person stops to read it as one. */
const AUTHORITIES = /\b(https?:\/\/)([\p{L}\p{M}\p{N}.:@%~_-]+)/giu;

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
  return URL.canParse(url) ? new URL(url).hostname : '';
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

/** A word that a person reads as a host, alone or in a URL; before an at sign, too. */
const HOST_WORD = /^[^\p{L}\p{N}]*(https?:\/\/)?([^\s/?#\\]+)/iu;
const HOST = /(?:[\p{L}\p{M}\p{N}_-]+\.)+(?:\p{L}[\p{L}\p{M}\p{N}-]+|\d+)(?=$|[^\p{L}\p{M}\p{N}])/gu;

function listHosts(label: string): string[] {
  const words = label.normalize('NFKC').replaceAll('。', '.').split(/\s+/);
  return words.flatMap((word) => {
    const [, scheme, authority = ''] = HOST_WORD.exec(word) ?? [];
    const named = authority.match(HOST) ?? [];
    // Version numbers are not addresses.
    const hosts = named.filter((host) => /\p{L}/u.test(host) || /^\d+(?:\.\d+){3}$/.test(host));
    const whole = scheme === undefined || hosts.length > 0 ? hosts : [authority.replace(/:\d*$/, '')];
    return whole.map((host) => dropWww(toAscii(host) || host.toLowerCase()));
  });
}

const dropWww = (host: string) => host.replace(/^www\./, '');

/** A link or an image of Markdown; what is more nested than this is no link after `showTargets`. */
const LINK =
  /!?\[((?:[^[\]\\]|\\.|\[(?:[^[\]\\]|\\.)*\])*)\]\(\s*(<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)(?:\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?\s*\)|\][(:]/gs;

/**
 * Markdown whose links show where they lead if their text reads as another host, and their titles. A link that is written in
 * an unusual way, or by reference, stays as its source: `apart` breaks it. Linear in the length of the text.
 */
export function showTargets(markdown: string, apart: string): string {
  return markdown.replace(LINK, (link, label?: string, target = '', title?: string) => {
    if (label === undefined) return `]${apart}${link.slice(1)}`;
    const url = target.replace(/^<|>$/g, '');
    const said = title === undefined ? '' : ` (${title.slice(1, -1)})`;
    const plain = label.replace(/[*_~`[\]]|\\(?=[^\p{L}\p{N}\s])/gu, '');
    if (readsAsOtherHost(plain, url)) return `${label} (${url})${said}`;
    return said === '' ? link : `[${label}](${target})${said}`;
  });
}

/** What a line begins with inside of quotes and lists. */
const CONTAINERS = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/;

/** Markdown in which the words after the marks of a fence stand in a line before it, since they are not shown there. */
export function showInfoStrings(markdown: string): string {
  if (!/`{3}|~{3}/.test(markdown)) return markdown;
  let open: string | undefined;
  const lines = markdown.split('\n').map((line) => {
    const [before = ''] = CONTAINERS.exec(line) ?? [];
    const [, marks, info = ''] = /^(`{3,}|~{3,})(.*)$/.exec(line.slice(before.length)) ?? [];
    if (marks === undefined) return line;
    if (open !== undefined) {
      if (marks.startsWith(open) && info.trim() === '') open = undefined;
      return line;
    }
    if (marks.startsWith('`') && info.includes('`')) return line;
    open = marks;
    if (info.trim() === '') return line;
    const inside = before.replace(/[-+*]|\d+[.)]/g, (mark) => ' '.repeat(mark.length));
    return `${before}${info.trim()}\n${inside}${marks}`;
  });
  return lines.join('\n');
}
