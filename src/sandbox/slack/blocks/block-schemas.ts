import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import * as elements from './block-elements.ts';
import { mrkdwn, plainText, text, textObject, url } from './block-texts.ts';
import { richTextElements } from './rich-text.ts';

const blockId = { block_id: text(LIMITS.blockId).optional() };

const section = z
  .strictObject({
    type: z.literal('section'),
    ...blockId,
    text: textObject(LIMITS.sectionText).optional(),
    fields: z.array(textObject(LIMITS.sectionField)).min(1).max(LIMITS.sectionFields).optional(),
    accessory: z
      .discriminatedUnion('type', [
        elements.button,
        elements.overflow,
        elements.image,
        elements.checkboxes,
        elements.radioButtons,
        ...elements.selects,
        ...elements.pickers,
      ])
      .optional(),
    expand: z.boolean().optional(),
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, 'missing required field: text');

const context = z.strictObject({
  type: z.literal('context'),
  ...blockId,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        plainText(LIMITS.contextText),
        mrkdwn(LIMITS.contextText),
        elements.image,
      ]),
    )
    .min(1)
    .max(LIMITS.contextElements),
});

const actions = z.strictObject({
  type: z.literal('actions'),
  ...blockId,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        elements.button,
        elements.overflow,
        elements.checkboxes,
        elements.radioButtons,
        elements.datetimepicker,
        ...elements.selects,
        ...elements.pickers,
      ]),
    )
    .min(1)
    .max(LIMITS.actions),
});

const divider = z.strictObject({ type: z.literal('divider'), ...blockId });

const header = z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(LIMITS.header) });

const image = z
  .strictObject({
    type: z.literal('image'),
    ...blockId,
    ...elements.imageSource,
    alt_text: text(LIMITS.altText),
    title: plainText(LIMITS.imageTitle).optional(),
  })
  .refine(elements.hasOneSource, 'must provide exactly one of image_url and slack_file');

const input = z.strictObject({
  type: z.literal('input'),
  ...blockId,
  label: plainText(LIMITS.inputLabel),
  hint: plainText(LIMITS.inputLabel).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  element: z.discriminatedUnion('type', [
    ...elements.typedInputs,
    elements.checkboxes,
    elements.radioButtons,
    elements.datetimepicker,
    ...elements.selects,
    ...elements.pickers,
  ]),
});

const richText = z.strictObject({ type: z.literal('rich_text'), ...blockId, elements: richTextElements });

const everywhere = [section, context, actions, divider, header, image, input, richText] as const;

const markdown = z.strictObject({
  type: z.literal('markdown'),
  ...blockId,
  // blocks.ts checks the length: Slack sums it over the payload and answers with another error.
  text: text(Number.MAX_SAFE_INTEGER),
});

const contextActions = z.strictObject({
  type: z.literal('context_actions'),
  ...blockId,
  elements: z
    .array(z.discriminatedUnion('type', [elements.feedbackButtons, elements.iconButton]))
    .min(1)
    .max(LIMITS.contextActions),
});

const taskCard = z.strictObject({
  type: z.literal('task_card'),
  ...blockId,
  task_id: text(255),
  title: text(255),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
  details: richText.optional(),
  output: richText.optional(),
  sources: z
    .array(z.strictObject({ type: z.literal('url'), url, text: text(255) }))
    .min(1)
    .optional(),
});

const plan = z.strictObject({
  type: z.literal('plan'),
  ...blockId,
  title: text(255),
  tasks: z.array(taskCard).min(1).optional(),
});

const table = z.strictObject({
  type: z.literal('table'),
  ...blockId,
  rows: z
    .array(
      z
        .array(
          z.discriminatedUnion('type', [
            z.strictObject({ type: z.literal('raw_text'), text: text(LIMITS.tableCharacters) }),
            z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: text(255) }),
            richText,
          ]),
        )
        .min(1)
        .max(LIMITS.tableColumns),
    )
    .min(1)
    .max(LIMITS.tableRows),
  column_settings: z
    .array(
      z
        .strictObject({
          align: z.enum(['left', 'center', 'right']).optional(),
          is_wrapped: z.boolean().optional(),
        })
        .nullable(),
    )
    .min(1)
    .max(LIMITS.tableColumns)
    .optional(),
});

const card = z
  .strictObject({
    type: z.literal('card'),
    ...blockId,
    hero_image: elements.image.optional(),
    icon: elements.image.optional(),
    title: mrkdwn(LIMITS.cardTitle).optional(),
    subtitle: mrkdwn(LIMITS.cardTitle).optional(),
    body: mrkdwn(LIMITS.cardBody).optional(),
    actions: z.array(elements.button).min(1).max(LIMITS.cardActions).optional(),
  })
  .refine(
    (block) => [block.hero_image, block.title, block.body, block.actions].some((part) => part !== undefined),
    'must provide at least one of hero_image, title, body and actions',
  );

const carousel = z.strictObject({
  type: z.literal('carousel'),
  ...blockId,
  elements: z.array(card).min(1).max(LIMITS.carouselCards),
});

const container = z.strictObject({
  type: z.literal('container'),
  ...blockId,
  title: plainText(LIMITS.containerTitle).optional(),
  rich_text_title: richText.optional(),
  subtitle: textObject(LIMITS.containerTitle).optional(),
  child_blocks: z
    .array(
      z.discriminatedUnion('type', [
        actions,
        context,
        divider,
        header,
        image,
        input,
        richText,
        section,
        table,
      ]),
    )
    .min(1)
    .max(LIMITS.containerBlocks),
  width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
  icon: elements.image.optional(),
  is_collapsible: z.boolean().optional(),
  default_collapsed: z.boolean().optional(),
  has_header_divider: z.boolean().optional(),
});

const alert = z.strictObject({
  type: z.literal('alert'),
  ...blockId,
  text: textObject(LIMITS.sectionText),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
});

/** The blocks that each surface accepts. Card, carousel and container are unproven in a home and rejected there. */
export const surfaces = {
  message: z.discriminatedUnion('type', [
    ...everywhere,
    markdown,
    contextActions,
    taskCard,
    plan,
    table,
    card,
    carousel,
    container,
  ]),
  modal: z.discriminatedUnion('type', [...everywhere, alert]),
  home: z.discriminatedUnion('type', [...everywhere]),
};
