import { truncate } from './truncate.ts';

/** Removes what Slack rejects or what hides text: control characters, direction overrides, lone surrogates. */
export function clean(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are removed
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202d\u202e]/g;

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
 * Sanitizes Markdown from outside for a `markdown` block. Breaks the forms in angle brackets that Slack turns into
 * mentions and links (`<!…>`, `<@…>`, `<#…>`, `<url|label>`), also if the bracket or the next character is an entity.
 * Ordinary Markdown stays. The time is linear in the length of the text.
 */
export function sanitizeMarkdown(text: string): string {
  const parts = breakMentions(clean(text)).split(/([<>\n|])/);
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
