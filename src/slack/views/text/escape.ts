/** Text from outside without what Slack refuses or what hides: controls, overrides of direction, lone surrogates. */

import { truncate } from './truncate.ts';

export function clean(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202d\u202e]/g;

/** Breaks the words that call a whole channel, the at sign written as an entity too. */
function breakMentions(text: string): string {
  return text.replace(/(?:@|&#0*64;|&#x0*40;|&commat;)(?=here|channel|everyone)/gi, (at) => `${at}${APART}`);
}

/** Between two characters that must not meet; it has no width. */
const APART = '\u200b';

/**
 * Text from outside for mrkdwn and for a message's `text`: shown as it is, it mentions nobody and links nowhere. At
 * most `max` characters, escapes counted.
 */
export function escapeText(text: string, max = Number.POSITIVE_INFINITY): string {
  return truncate(breakMentions(clean(text)), max, escapeEntities);
}

/** The same in one line. */
export function escapeLine(text: string, max: number): string {
  return escapeText(text.replace(/\s+/g, ' ').trim(), max);
}

function escapeEntities(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Markdown from outside for a `markdown` block: the forms in angle brackets that Slack turns into mentions and links
 * are broken (`<!…>`, `<@…>`, `<#…>`, `<url|label>`, the bracket or its next character written as an entity too),
 * ordinary Markdown stays. Linear in the text.
 */
export function sanitizeMarkdown(text: string): string {
  const parts = breakMentions(clean(text)).split(/([<>\n|])/);
  let tamed = '';
  for (let at = 0; at < parts.length; at += 2) {
    const [opener, part = '', closer = ''] = [parts[at - 1], parts[at], parts[at + 1]];
    const labelled = closer === '|';
    if (opener === '<' && (labelled || CALLS.test(part))) tamed += APART;
    tamed += part.replace(BRACKET_ENTITY, (entity, offset: number) =>
      labelled || CALLS.test(part.slice(offset + entity.length, offset + entity.length + 1))
        ? entity + APART
        : entity,
    );
    tamed += closer;
  }
  return tamed;
}

/** What makes a bracket a mention, or could be an entity or an escape of it. */
const CALLS = /^[!@#&\\]/;
const BRACKET_ENTITY = /&lt;|&#0*60;|&#x0*3c;/gi;
