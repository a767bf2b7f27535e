import { countUnseen, removeUnseen, showUnseen } from '../../../lib/unseen.ts';
import { showHosts, showInfoStrings, showTargets } from './link-targets.ts';
import { truncate } from './truncate.ts';

/**
 * Cleans text from outside for every surface: writes invisible characters as escapes (`\u200b`) and hosts in their ASCII form.
 * Cleaning twice changes nothing, except that it would escape an inserted `APART`.
 */
export function clean(text: string): string {
  return showHosts(showUnseen(text).replaceAll('\r\n', '\n'));
}

/** Removes invisible characters from what a person typed and from what a form prefills, so that nothing unseen is sent. */
export function cleanTyped(text: string): string {
  return removeUnseen(text).replaceAll('\r\n', '\n');
}

/** Breaks `@here`, `@channel` and `@everyone`, even if the at sign is an entity. */
export function breakMentions(text: string): string {
  return text.replace(/(?:@|&#0*64;|&#x0*40;|&commat;)(?=here|channel|everyone)/gi, (at) => `${at}${APART}`);
}

/** A zero-width space: keeps two characters from being read as one mark. */
const APART = '\u200b';

/**
 * Escapes text from outside for mrkdwn and for a message's `text`, so that it mentions nobody and has no links. Returns at most
 * `max` characters, including escapes.
 */
export function escapeText(text: string, max = Number.POSITIVE_INFINITY): string {
  return escapeCleaned(clean(text), max);
}

/** Escapes text that `clean` has already returned, as `escapeText` does. */
export function escapeCleaned(text: string, max = Number.POSITIVE_INFINITY): string {
  return truncate(breakMentions(text), max, escapeEntities);
}

/** Escapes text from outside as `escapeText` does, in one line. */
export function escapeLine(text: string, max: number): string {
  return escapeCleaned(cleanLine(text), max);
}

/** Cleans text from outside and puts it in one line. Cleans first: some blanks are invisible characters, which must be shown. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

function escapeEntities(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Sanitizes Markdown from outside for a `markdown` block: breaks mentions, and shows what a link, a fence or an entity would
 * hide. Keeps all other Markdown. The time is linear in the length of the text.
 */
export function sanitizeMarkdown(text: string): string {
  const withTargets = showTargets(showInfoStrings(clean(text), APART), APART);
  return breakAngles(
    withTargets.replace(ENTITY, (entity) =>
      isUnseenEntity(entity) ? `&${APART}${entity.slice(1)}` : entity,
    ),
  );
}

/** Sanitizes text from outside that Slack does not read as Markdown: plain text, code, table cells. */
export function sanitizeText(text: string): string {
  return breakAngles(clean(text));
}

/**
 * Breaks the forms in angle brackets that Slack turns into mentions and links (`<!…>`, `<@…>`, `<#…>`, `<url|label>`), also
 * if the bracket or the next character is an entity.
 */
function breakAngles(text: string): string {
  const parts = breakMentions(text).split(/([<>\n|])/);
  let sanitized = '';
  for (let at = 0; at < parts.length; at += 2) {
    const [opener, part = '', closer = ''] = [parts[at - 1], parts[at], parts[at + 1]];
    const isLabelled = closer === '|';
    if (opener === '<' && (isLabelled || MENTION_START.test(part))) sanitized += APART;
    sanitized += part.replace(BRACKET_ENTITY, (entity, offset: number) =>
      isLabelled || MENTION_START.test(part.slice(offset + entity.length, offset + entity.length + 1))
        ? entity + APART
        : entity,
    );
    sanitized += closer;
  }
  return sanitized;
}

const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31});/gi;
const UNSEEN_NAMES =
  /^&(?:shy|zwn?j|lrm|rlm|zerowidthspace|nobreak|negative\w+space|applyfunction|af|invisible(?:times|comma)|it|ic);$/i;

/** True if an entity stands for an invisible character: it must stay as written. */
export function isUnseenEntity(entity: string): boolean {
  return UNSEEN_NAMES.test(entity) || countUnseen(decodeNumber(entity) ?? '') > 0;
}

/** Decodes a numeric entity; undefined: any other text. */
export function decodeNumber(entity: string): string | undefined {
  const [, decimal, hex] = /^&#(?:(\d{1,7})|x([\da-f]{1,6}));$/i.exec(entity) ?? [];
  if (decimal === undefined && hex === undefined) return undefined;
  const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** The character that turns an angle bracket into a mention. `&` begins an entity of such a character, `\` escapes one. */
const MENTION_START = /^[!@#&\\]/;
const BRACKET_ENTITY = /&lt;|&#0*60;|&#x0*3c;/gi;

/** Escapes a URL for a link in mrkdwn, so that no character in it ends the link. */
export function escapeUrl(url: string): string {
  return new URL(url).href.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;');
}

/** Turns mrkdwn back into what people read: decodes escapes, mentions and links. */
export function readMrkdwn(text: string): string {
  return text
    .replace(/<([@#!])([^>|]*)(?:\|([^>]*))?>/g, (_, kind: string, id: string, label?: string) => {
      const name = label ?? id.replace(/^subteam\^/, '');
      return kind === '#' ? `#${name.replace(/^#/, '')}` : `@${name.replace(/^@/, '')}`;
    })
    .replace(/<(?:mailto:)?([^>|]*)(?:\|([^>]*))?>/g, (_, url: string, label?: string) =>
      label === undefined || label === url ? url : `${label} (${url})`,
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
