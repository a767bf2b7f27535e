import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import {
  choiceOption,
  confirm,
  optionGroup,
  overflowOption,
  plainOption,
  plainText,
  style,
  text,
  url,
} from './block-texts.ts';
import { dateText, emailText, numberText, timeText, unixSeconds, webUrlText } from './formats.ts';

const actionId = text(LIMITS.actionId).optional();
const actionable = { action_id: actionId, confirm: confirm.optional() };
const focusable = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainText(LIMITS.placeholder).optional() };
const accessibilityLabel = text(LIMITS.accessibilityLabel).optional();
const id = text(255);

/** Fields for the source of an image. Exactly one of them must be set. */
export const imageSource = {
  image_url: url.optional(),
  slack_file: z.strictObject({ id: id.optional(), url: url.optional() }).optional(),
};

/** True if exactly one of image_url and slack_file is set. */
export function hasOneSource(image: { image_url?: unknown; slack_file?: unknown }): boolean {
  return (image.image_url === undefined) !== (image.slack_file === undefined);
}

export const image = z
  .strictObject({ type: z.literal('image'), alt_text: text(LIMITS.altText), ...imageSource })
  .refine(hasOneSource, 'must provide exactly one of image_url and slack_file');

export const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(LIMITS.buttonText),
  ...actionable,
  value: text(LIMITS.buttonValue).optional(),
  url: url.optional(),
  style: style.optional(),
  accessibility_label: accessibilityLabel,
});

export const overflow = z.strictObject({
  type: z.literal('overflow'),
  ...actionable,
  options: z.array(overflowOption).min(1).max(LIMITS.overflowOptions),
});

const feedbackButton = z.strictObject({
  text: plainText(LIMITS.buttonText),
  value: text(LIMITS.buttonValue),
  accessibility_label: accessibilityLabel,
});

export const feedbackButtons = z.strictObject({
  type: z.literal('feedback_buttons'),
  action_id: actionId,
  positive_button: feedbackButton,
  negative_button: feedbackButton,
});

export const iconButton = z.strictObject({
  type: z.literal('icon_button'),
  icon: z.literal('trash'),
  text: plainText(LIMITS.buttonText),
  ...actionable,
  value: text(LIMITS.buttonValue).optional(),
  accessibility_label: accessibilityLabel,
  visible_to_user_ids: z.array(id).min(1).optional(),
});

interface Choice {
  options?: { value: string }[] | undefined;
  option_groups?: { options: { value: string }[] }[] | undefined;
  initial_option?: { value: string } | undefined;
  initial_options?: { value: string }[] | undefined;
}

function hasOneOptionList(choice: Choice): boolean {
  return (choice.options === undefined) !== (choice.option_groups === undefined);
}

/** True if each initial option equals one of the options, text included. */
function hasOnlyOfferedInitials(choice: Choice): boolean {
  const groups = choice.option_groups ?? [];
  const offered = [...(choice.options ?? []), ...groups.flatMap((group) => group.options)];
  const initial = [
    ...(choice.initial_options ?? []),
    ...(choice.initial_option ? [choice.initial_option] : []),
  ];
  return initial.every((option) => offered.some((other) => isDeepStrictEqual(other, option)));
}

const NOT_OFFERED = 'initial option must be one of the options';
const ONE_LIST = 'must provide exactly one of options and option_groups';

export const checkboxes = z
  .strictObject({
    type: z.literal('checkboxes'),
    ...actionable,
    ...focusable,
    options: z.array(choiceOption).min(1).max(LIMITS.choiceOptions),
    initial_options: z.array(choiceOption).min(1).optional(),
  })
  .refine(hasOnlyOfferedInitials, NOT_OFFERED);

export const radioButtons = z
  .strictObject({
    type: z.literal('radio_buttons'),
    ...actionable,
    ...focusable,
    options: z.array(choiceOption).min(1).max(LIMITS.choiceOptions),
    initial_option: choiceOption.optional(),
  })
  .refine(hasOnlyOfferedInitials, NOT_OFFERED);

const menu = { ...actionable, ...focusable, ...placeholder };
const multi = { ...menu, max_selected_items: z.int().min(1).optional() };
const optionLists = {
  options: z.array(plainOption).min(1).max(LIMITS.selectOptions).optional(),
  option_groups: z.array(optionGroup).min(1).max(LIMITS.selectOptions).optional(),
};

/** Selects with options from the app, or with people or channels from Slack itself. */
export const selects = [
  z
    .strictObject({
      type: z.literal('static_select'),
      ...menu,
      ...optionLists,
      initial_option: plainOption.optional(),
    })
    .refine(hasOneOptionList, ONE_LIST)
    .refine(hasOnlyOfferedInitials, NOT_OFFERED),
  z
    .strictObject({
      type: z.literal('multi_static_select'),
      ...multi,
      ...optionLists,
      initial_options: z.array(plainOption).min(1).optional(),
    })
    .refine(hasOneOptionList, ONE_LIST)
    .refine(hasOnlyOfferedInitials, NOT_OFFERED)
    .refine(
      (select) => (select.initial_options?.length ?? 0) <= (select.max_selected_items ?? Infinity),
      'initial_options must not be more than max_selected_items',
    ),
  z.strictObject({ type: z.literal('users_select'), ...menu, initial_user: id.optional() }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...multi,
    initial_users: z.array(id).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...menu,
    initial_channel: id.optional(),
    response_url_enabled: z.boolean().optional(),
  }),
] as const;

export const pickers = [
  z.strictObject({
    type: z.literal('datepicker'),
    ...menu,
    initial_date: dateText.optional(),
  }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...menu,
    initial_time: timeText.optional(),
    timezone: id.optional(),
  }),
] as const;

export const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...actionable,
  ...focusable,
  initial_date_time: unixSeconds.optional(),
});

const typedFields = {
  action_id: actionId,
  ...focusable,
  ...placeholder,
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z
        .array(z.enum(['on_enter_pressed', 'on_character_entered']))
        .min(1)
        .optional(),
    })
    .optional(),
};

const plainTextInput = z
  .strictObject({
    type: z.literal('plain_text_input'),
    ...typedFields,
    initial_value: text(LIMITS.plainTextInput, 0).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(LIMITS.plainTextInput).optional(),
    max_length: z.int().min(1).max(LIMITS.plainTextInput).optional(),
  })
  .refine(
    (input) => (input.min_length ?? 0) <= (input.max_length ?? LIMITS.plainTextInput),
    'min_length must not be greater than max_length',
  )
  .refine(
    (input) => (input.initial_value ?? '').length <= (input.max_length ?? LIMITS.plainTextInput),
    'initial_value must not be longer than max_length',
  );

const numberInput = z
  .strictObject({
    type: z.literal('number_input'),
    ...typedFields,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  })
  .superRefine((input, { addIssue }) => {
    for (const field of ['initial_value', 'min_value', 'max_value'] as const) {
      if (input[field] === undefined) continue;
      const issue = numberText(input.is_decimal_allowed).safeParse(input[field]).error?.issues[0];
      if (issue) addIssue({ code: 'custom', message: issue.message, path: [field] });
    }
    const [min, max] = [Number(input.min_value ?? -Infinity), Number(input.max_value ?? Infinity)];
    const initial = input.initial_value === undefined ? undefined : Number(input.initial_value);
    if (min > max) addIssue({ code: 'custom', message: 'min_value must not be greater than max_value' });
    // Slack does not document this check. A person could not submit the form with such an initial value.
    if (initial !== undefined && (initial < min || initial > max))
      addIssue({ code: 'custom', message: 'must be within the range', path: ['initial_value'] });
  });

/** Inputs that a person types into. They exist in input blocks only. */
export const typedInputs = [
  plainTextInput,
  numberInput,
  z.strictObject({
    type: z.literal('email_text_input'),
    ...typedFields,
    initial_value: emailText.optional(),
  }),
  z.strictObject({
    type: z.literal('url_text_input'),
    ...typedFields,
    initial_value: webUrlText.optional(),
  }),
] as const;
