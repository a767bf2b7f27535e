import slackifyMarkdown from 'slackify-markdown';
import { clean, escaped, tamedMarkdown } from './text.ts';

/** A part of a Markdown text for one block, of at most `max` characters: as it is written where it would be longer. */
export function mrkdwnPart(markdown: string, max: number): string {
  const converted = mrkdwn(markdown);
  return converted.length <= max ? converted : escaped(markdown, max);
}

/** A link as mrkdwn writes it. */
const LINK = /<(https?:\/\/[^\s<>|]+)(?:\|([^<>|]*))?>/g;

/**
 * Markdown from outside as Slack's mrkdwn, for modals and the home tab, which take no `markdown` block. Only links to
 * http and https stay; nothing in it mentions anyone.
 */
export function mrkdwn(markdown: string): string {
  const tamed = tamedMarkdown(markdown);
  let converted: string;
  try {
    converted = slackifyMarkdown(tamed);
  } catch {
    // Whatever a parser stumbles over is still readable as it is.
    return escaped(markdown);
  }
  const links: string[] = [];
  const marked = clean(converted).replace(LINK, (link) => `\u0001${links.push(link) - 1}\u0002`);
  const kept = marked
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/(?<!^|\n)>/g, '&gt;');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: `clean` has left none but ours
  return kept.replace(/\u0001(\d+)\u0002/g, (_, index) => links[Number(index)] ?? '').trimEnd();
}
