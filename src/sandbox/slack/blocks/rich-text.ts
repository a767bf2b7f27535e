import { z } from 'zod';
import { text, url } from './block-texts.ts';

const flags = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  underline: z.boolean().optional(),
  code: z.boolean().optional(),
  highlight: z.boolean().optional(),
  client_highlight: z.boolean().optional(),
  unlink: z.boolean().optional(),
});
const styled = { style: flags.optional() };
const id = text(255);
const border = z.union([z.literal(0), z.literal(1)]).optional();

const plain = z.strictObject({ type: z.literal('text'), text: text(Number.MAX_SAFE_INTEGER), ...styled });
const link = z.strictObject({
  type: z.literal('link'),
  url,
  text: text(Number.MAX_SAFE_INTEGER).optional(),
  unsafe: z.boolean().optional(),
  ...styled,
});

const inline = z.discriminatedUnion('type', [
  plain,
  link,
  z.strictObject({ type: z.literal('emoji'), name: id, unicode: id.optional(), ...styled }),
  z.strictObject({ type: z.literal('user'), user_id: id, ...styled }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: id, ...styled }),
  z.strictObject({ type: z.literal('channel'), channel_id: id, ...styled }),
  z.strictObject({ type: z.literal('team'), team_id: id, ...styled }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), ...styled }),
  z.strictObject({ type: z.literal('color'), value: id, ...styled }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: text(255),
    url: url.optional(),
    fallback: text(255).optional(),
    ...styled,
  }),
]);

const section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(inline).min(1) });

const richTextElement = z.discriminatedUnion('type', [
  section,
  z.strictObject({
    type: z.literal('rich_text_list'),
    elements: z.array(section).min(1),
    style: z.enum(['bullet', 'ordered']),
    indent: z.int().min(0).max(8).optional(),
    offset: z.int().min(0).optional(),
    border,
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(inline).min(1), border }),
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(z.discriminatedUnion('type', [plain, link])).min(1),
    border,
    language: text(255).optional(),
  }),
]);

/** The elements of a rich_text block or of a rich_text table cell. */
export const richTextElements = z.array(richTextElement).min(1);
