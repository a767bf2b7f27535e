import { countUnseen, removeUnseen, showUnseen } from '../../../lib/unseen.ts';
import { showHosts, showInfoStrings, showTargets } from './link-targets.ts';
import { truncate } from './truncate.ts';

/**
 * Text from outside as people read it, on every surface: what nobody sees is an escape, and a host has its ASCII form. What
 * was cleaned stays as it is, but not once `APART` is in it.
 */
export function clean(text: string): string {
  return showHosts(showUnseen(text).replaceAll('\r\n', '\n'));
}

/** What a person writes, in a form or a message, and what a form begins with: nothing in it is sent that nobody saw. */
export function cleanTyped(text: string): string {
  return removeUnseen(text).replaceAll('\r\n', '\n');
}

/** Breaks the words that mention a whole channel, also with the at sign as an entity. */
export function breakMentions(text: string): string {
  return text.replace(/(?:@|&#0*64;|&#x0*40;|&commat;)(?=here|channel|everyone)/gi, (at) => `${at}${APART}`);
}

/** A character without width that separates two others. */
const APART = '\u200b';

/**
 * Escapes text from outside for mrkdwn and for a message's `text`, so that it mentions nobody and has no links. At most
 * `max` characters, including escapes.
 */
export function escapeText(text: string, max = Number.POSITIVE_INFINITY): string {
  return escapeCleaned(clean(text), max);
}

/** The same for text that was cleaned before. */
export function escapeCleaned(text: string, max = Number.POSITIVE_INFINITY): string {
  return truncate(breakMentions(text), max, escapeEntities);
}

/** The same in one line. */
export function escapeLine(text: string, max: number): string {
  return escapeCleaned(cleanLine(text), max);
}

/** Text from outside in one line. Some blanks are unseen too, so they are shown first. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

function escapeEntities(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Sanitizes Markdown from outside for a `markdown` block. Other Markdown than mentions stays, except that nothing is hidden
 * behind a link, a fence or an entity. The time is linear in the length of the text.
 */
export function sanitizeMarkdown(text: string): string {
  const shown = showTargets(showInfoStrings(clean(text), APART), APART);
  return breakAngles(
    shown.replace(ENTITY, (entity) => (isUnseenEntity(entity) ? `&${APART}${entity.slice(1)}` : entity)),
  );
}

/** The same for text that is not read as Markdown. */
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
    const labelled = closer === '|';
    if (opener === '<' && (labelled || MENTION_START.test(part))) sanitized += APART;
    sanitized += part.replace(BRACKET_ENTITY, (entity, offset: number) =>
      labelled || MENTION_START.test(part.slice(offset + entity.length, offset + entity.length + 1))
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

/** Whether an entity stands for something that nobody sees; then it stays as it is written. */
export function isUnseenEntity(entity: string): boolean {
  return UNSEEN_NAMES.test(entity) || countUnseen(decodeNumber(entity) ?? '') > 0;
}

/** The character of a numeric entity. */
export function decodeNumber(entity: string): string | undefined {
  const [, decimal, hex] = /^&#(?:(\d{1,7})|x([\da-f]{1,6}));$/i.exec(entity) ?? [];
  if (decimal === undefined && hex === undefined) return undefined;
  const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** The character that makes a bracket a mention, also as an entity or escaped. */
const MENTION_START = /^[!@#&\\]/;
const BRACKET_ENTITY = /&lt;|&#0*60;|&#x0*3c;/gi;

/** A URL as it can stand in a link of mrkdwn: nothing in it ends the link. */
export function escapeUrl(url: string): string {
  return new URL(url).href.replace(/[<>|]/g, encodeURIComponent).replaceAll('&', '&amp;');
}

/** What people read of a message's mrkdwn: escapes, mentions and links turned back. */
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
