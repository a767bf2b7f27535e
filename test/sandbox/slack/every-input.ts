import type { InputBlock } from '@slack/types';
import { text } from './fixtures.ts';

const option = (value: string, shown: string) => ({ text: text(shown), value });

export const SIZES = [option('s', 'Small'), option('m', 'Medium'), option('l', 'Large')];
const DAYS = [option('1', 'Monday'), option('2', 'Tuesday'), option('3', 'Wednesday')];

/** Builds an input block with different label, block_id and action_id. */
export function input(
  label: string,
  element: InputBlock['element'],
  more: Partial<InputBlock> = {},
): InputBlock {
  const block_id = label.toLowerCase();
  return {
    type: 'input',
    block_id,
    label: text(label),
    element: { ...element, action_id: `a-${block_id}` },
    ...more,
  };
}

/** Builds a block of each kind of input that a form has. `more` is added to each. */
export const everyInput = (more: Partial<InputBlock> = {}): InputBlock[] => [
  input(
    'Name',
    { type: 'plain_text_input', min_length: 2, max_length: 10, placeholder: text('As in the passport') },
    { hint: text('At most ten characters'), ...more },
  ),
  input('Reason', { type: 'plain_text_input', multiline: true }, more),
  input('Guests', { type: 'number_input', is_decimal_allowed: false, min_value: '1', max_value: '8' }, more),
  input('Budget', { type: 'number_input', is_decimal_allowed: true, min_value: '-0.5' }, more),
  input('Mail', { type: 'email_text_input' }, more),
  input('Site', { type: 'url_text_input' }, more),
  input('Day', { type: 'datepicker', placeholder: text('A day') }, more),
  input('Time', { type: 'timepicker' }, more),
  input('Moment', { type: 'datetimepicker' }, more),
  input('Size', { type: 'static_select', options: SIZES, placeholder: text('Choose a size') }, more),
  input('Days', { type: 'multi_static_select', options: DAYS, max_selected_items: 2 }, more),
  input('Room', { type: 'radio_buttons', options: SIZES }, more),
  input(
    'Extras',
    {
      type: 'checkboxes',
      options: [
        { ...option('b', 'Breakfast'), description: text('From seven to ten') },
        { value: 'p', text: { type: 'mrkdwn', text: '*Parking*' } },
      ],
    },
    more,
  ),
];

/** An answer to each input that Slack's client accepts. */
export const EVERY_ANSWER = {
  Name: 'Ana',
  Reason: 'First line\nSecond line',
  Guests: 3,
  Budget: '12.50',
  Mail: 'ana@example.com',
  Site: 'https://example.com/a?b=c',
  Day: '2026-11-06',
  Time: '09:30',
  Moment: new Date('2026-11-06T09:30:00Z'),
  Size: 'Medium',
  Days: ['Monday', 'Wednesday'],
  Room: 'Large',
  Extras: ['Breakfast', '*Parking*'],
} as const;
