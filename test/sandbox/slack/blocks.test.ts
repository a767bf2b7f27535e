import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { SlackError } from '../../../src/sandbox/slack/web-api/slack-error.ts';
import { postJson, startSlack } from './fixtures.ts';
import { blockMethods } from './methods-blocks.ts';

const x = (count: number) => 'x'.repeat(count);
const many = <T>(count: number, item: T): T[] => Array(count).fill(item);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text = 'Hi', more: object = {}) => ({ type: 'section', text: mrkdwn(text), ...more });
const fields = (...some: object[]) => ({ type: 'section', fields: some });
const header = (text: object) => ({ type: 'header', text });
const context = (...elements: object[]) => ({ type: 'context', elements });
const contextActions = (...elements: object[]) => ({ type: 'context_actions', elements });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const buttons = (count: number) => many(count, 'go').map((id, n) => button({ action_id: `${id}${n}` }));
const confirm = { title: plain('Sure?'), text: mrkdwn('Really'), confirm: plain('Yes'), deny: plain('No') };
const confirmed = (more: object) => actions(button({ confirm: { ...confirm, ...more } }));
const option = (value: string, text = 'One') => ({ text: plain(text), value });
const overflow = (...options: object[]) => actions({ type: 'overflow', action_id: 'more', options });
const input = (more: object = {}) => {
  const element = { type: 'plain_text_input', action_id: 'why', ...more };
  return { type: 'input', label: plain('Why'), element };
};
const inputOf = (element: object, more: object = {}) => ({
  ...modalOf({ type: 'input', label: plain('Why'), element: { action_id: 'why', ...element }, ...more }),
  submit: plain('Send'),
});
const number = (more: object) => inputOf({ type: 'number_input', is_decimal_allowed: false, ...more });
const longest = { label: plain(x(2_000)), hint: plain(x(2_000)) };
const choice = (type: string, options: object[], more: object = {}) => inputOf({ type, options, ...more });
const options = (count: number) => many(count, 'o').map((id, n) => option(`${id}${n}`));
const richText = (...elements: object[]) => {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
};
const table = (...rows: object[][]) => ({ type: 'table', rows });
const cell = (text: string) => ({ type: 'raw_text', text });
const markdown = (text: string) => ({ type: 'markdown', text });
const alert = { type: 'alert', text: plain('x') };
const feedback = {
  type: 'feedback_buttons',
  action_id: 'f',
  positive_button: { text: plain('+'), value: '1' },
  negative_button: { text: plain('-'), value: '0' },
};
const modal = (more: object = {}) => ({ type: 'modal', title: plain('Title'), blocks: [section()], ...more });
const modalOf = (...blocks: object[]) => modal({ blocks });
const home = (...blocks: object[]) => ({ type: 'home', blocks });

function refused(check: () => unknown): { code: string; messages: string[] } | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}

describe('a message', () => {
  it.each<[string, object[]]>([
    ['no blocks', []],
    ['the longest section', [section(x(3_000))]],
    ['fields only', [fields(...many(10, mrkdwn(x(200))))]],
    ['the longest header', [header(plain(x(150)))]],
    ['ten context elements', [context(...many(10, mrkdwn('x')))]],
    ['25 buttons', [actions(...buttons(25))]],
    ['a full button', [actions(button({ value: x(2_000), style: 'danger', confirm }))]],
    ['verbatim text', [section('x', { text: { ...mrkdwn('x'), verbatim: true } })]],
    ['markdown', [markdown(x(12_000))]],
    ['an input', [input()]],
    [
      'rich text',
      [richText({ type: 'text', text: 'x', style: { bold: true } }, { type: 'user', user_id: 'U1' })],
    ],
    ['a table', [table([cell('a'), richText({ type: 'text', text: 'b' })])]],
    ['fifty blocks', many(50, { type: 'divider' })],
    ['a card', [{ type: 'card', title: mrkdwn('x'), actions: [button()] }]],
    ['feedback buttons', [contextActions(feedback)]],
    ['an emoji', [section('👍🏽 é')]],
  ])('can have %s', (_, blocks) => {
    expect(refused(() => parseMessageBlocks(blocks))).toBeUndefined();
  });

  it.each<[string, object[], string]>([
    ['51 blocks', many(51, { type: 'divider' }), '/blocks'],
    ['an unknown block', [{ type: 'sectoin' }], '/blocks/0/type'],
    ['an unknown field', [section('x', { colour: 'red' })], '/blocks/0'],
    ['an alert', [alert], '/blocks/0/type'],
    ['a section without text', [{ type: 'section' }], '/blocks/0'],
    ['an empty text', [section('')], '/blocks/0/text/text'],
    ['a text of 3,001', [section(x(3_001))], '/blocks/0/text/text'],
    ['a field of 2,001', [fields(mrkdwn(x(2_001)))], '/blocks/0/fields/0/text'],
    ['eleven fields', [fields(...many(11, mrkdwn('x')))], '/blocks/0/fields'],
    ['a header of 151', [header(plain(x(151)))], '/blocks/0/text/text'],
    ['a mrkdwn header', [header(mrkdwn('x'))], '/blocks/0/text/type'],
    ['eleven context elements', [context(...many(11, mrkdwn('x')))], '/blocks/0/elements'],
    ['a button in a context', [context(button())], '/blocks/0/elements/0/type'],
    ['no elements', [actions()], '/blocks/0/elements'],
    ['26 buttons', [actions(...buttons(26))], '/blocks/0/elements'],
    ['an input in actions', [actions({ type: 'plain_text_input' })], '/blocks/0/elements/0/type'],
    ['a button text of 76', [actions(button({ text: plain(x(76)) }))], '/blocks/0/elements/0/text/text'],
    ['a mrkdwn button', [actions(button({ text: mrkdwn('x') }))], '/blocks/0/elements/0/text/type'],
    ['a value of 2,001', [actions(button({ value: x(2_001) }))], '/blocks/0/elements/0/value'],
    ['an unknown style', [actions(button({ style: 'default' }))], '/blocks/0/elements/0/style'],
    ['a confirm title of 101', [confirmed({ title: plain(x(101)) })], '/confirm/title/text'],
    ['a confirm text of 301', [confirmed({ text: plain(x(301)) })], '/confirm/text/text'],
    ['a confirm button of 31', [confirmed({ deny: plain(x(31)) })], '/confirm/deny/text'],
    ['an overflow of six', [overflow(...many(6, option('1')))], '/elements/0/options'],
    ['an option text of 76', [overflow(option('1', x(76)))], '/options/0/text/text'],
    ['an option value of 76', [overflow(option(x(76)))], '/options/0/value'],
    ['verbatim as a string', [fields({ ...mrkdwn('x'), verbatim: 'true' })], '/fields/0/verbatim'],
    ['emoji on mrkdwn', [fields({ ...mrkdwn('x'), emoji: true })], '/fields/0'],
    ['two equal block ids', many(2, section('x', { block_id: 'b' })), '/blocks/1/block_id'],
    ['two equal action ids', [actions(button(), button())], '/blocks/0'],
    ['a lone surrogate', [section('x\ud83d')], '/blocks/0/text/text'],
    ['a NUL', [section('x\0')], '/blocks/0/text/text'],
    ['an empty cell', [table([cell('')])], '/rows/0/0/text'],
    ['101 rows', [table(...many(101, [cell('x')]))], '/blocks/0/rows'],
    ['21 columns', [table(many(21, cell('x')))], '/rows/0'],
    ['10,001 characters in a table', [table([cell(x(5_001)), cell(x(5_000))])], '/blocks'],
    ['empty rich text', [richText()], '/elements/0/elements'],
    ['an image without alt text', [{ type: 'image', image_url: 'https://example.com/a.png' }], '/alt_text'],
    ['many headings', [markdown(many(30, '# x\ntext').join('\n'))], '/blocks'],
    ['a button in context_actions', [contextActions(button())], '/elements/0/type'],
  ])('cannot have %s', (_, blocks, place) => {
    const error = refused(() => parseMessageBlocks(blocks));
    expect(error?.code).toBe('invalid_blocks');
    expect(error?.messages.join('\n')).toContain(`${place}]`);
  });

  it.each<[string, object[], string]>([
    ['more than 12,300 characters', many(5, section(x(2_500))), 'msg_blocks_too_long'],
    ['more than 12,000 of markdown', many(2, markdown(x(6_001))), 'msg_blocks_too_long'],
    ['two tables', many(2, table([cell('a')])), 'invalid_attachments'],
  ])('cannot have %s in all blocks', (_, blocks, code) => {
    expect(refused(() => parseMessageBlocks(blocks))).toMatchObject({ code });
  });

  it('gets the ids that the app left out', () => {
    const elements = [{ action_id: expect.any(String) }];
    const [block] = parseMessageBlocks([actions({ type: 'button', text: plain('Go') })]);
    expect(block).toMatchObject({ block_id: expect.any(String), elements });
  });

  it('is refused and never breaks the workspace, with any JSON as its blocks', () => {
    const block = fc.oneof(fc.jsonValue(), fc.record({ type: fc.string(), text: fc.jsonValue() }));
    fc.assert(fc.property(fc.array(block), (blocks) => void refused(() => parseMessageBlocks(blocks))));
  });
});

describe('a view', () => {
  it.each<[string, object, 'modal' | 'home']>([
    ['a modal', modal(), 'modal'],
    ['a modal with an alert', modalOf({ ...alert, level: 'error' }), 'modal'],
    ['a modal with an input', { ...modalOf(input({ max_length: 3_000 })), submit: plain('Send') }, 'modal'],
    ['a home', home(section()), 'home'],
    ['the longest label and hint', inputOf({ type: 'email_text_input' }, longest), 'modal'],
    ['a whole number', number({ initial_value: '-3', min_value: '-3', max_value: '7' }), 'modal'],
    ['a decimal', number({ is_decimal_allowed: true, initial_value: '0.25', max_value: '5.5' }), 'modal'],
    ['an address', inputOf({ type: 'email_text_input', initial_value: 'ana@example.com' }), 'modal'],
    ['a URL', inputOf({ type: 'url_text_input', initial_value: 'https://example.com' }), 'modal'],
    ['a day', inputOf({ type: 'datepicker', initial_date: '2028-02-29' }), 'modal'],
    ['a time', inputOf({ type: 'timepicker', initial_time: '23:59' }), 'modal'],
    ['a moment', inputOf({ type: 'datetimepicker', initial_date_time: 1_628_633_820 }), 'modal'],
    ['100 options', choice('static_select', options(100)), 'modal'],
    ['100 options of several', choice('multi_static_select', options(100)), 'modal'],
    ['ten radio buttons', choice('radio_buttons', options(10), { initial_option: option('o9') }), 'modal'],
    ['ten checkboxes', choice('checkboxes', options(10), { initial_options: options(10) }), 'modal'],
  ])('can be %s', (_, view, type) => {
    expect(refused(() => checkedView(view, type))).toBeUndefined();
  });

  it.each<[string, object, string, ('modal' | 'home')?]>([
    ['a title of 25', modal({ title: plain(x(25)) }), '/view/title/text'],
    ['a submit of 25', modal({ submit: plain(x(25)) }), '/view/submit/text'],
    ['a close of 25', modal({ close: plain(x(25)) }), '/view/close/text'],
    ['no title', { type: 'modal', blocks: [section()] }, '/view/title'],
    ['a mrkdwn title', modal({ title: mrkdwn('x') }), '/view/title/type'],
    ['metadata of 3,001', modal({ private_metadata: x(3_001) }), '/view/private_metadata'],
    ['101 blocks', modalOf(...many(101, section())), '/view/blocks'],
    ['an input without submit', modalOf(input()), '/view'],
    ['max_length 3,001', { ...modalOf(input({ max_length: 3_001 })), submit: plain('x') }, '/max_length'],
    ['markdown in a modal', modalOf(markdown('x')), '/view/blocks/0/type'],
    ['a table in a modal', modalOf(table([cell('x')])), '/view/blocks/0/type'],
    ['an alert at home', home(alert), '/view/blocks/0/type', 'home'],
    ['a card at home', home({ type: 'card', title: mrkdwn('x') }), '/view/blocks/0/type', 'home'],
    ['a title at home', { ...home(), title: plain('x') }, '/view', 'home'],
    ['a home as a modal', home(), '/view/type'],
    ['an unknown field', modal({ colour: 'red' }), '/view'],
    ['two equal block ids', modalOf(...many(2, section('x', { block_id: 'b' }))), '/view/blocks/1/block_id'],
    ['a label of 2,001', inputOf({ type: 'datepicker' }, { label: plain(x(2_001)) }), '/label/text'],
    ['a hint of 2,001', inputOf({ type: 'datepicker' }, { hint: plain(x(2_001)) }), '/hint/text'],
    ['a mrkdwn label', inputOf({ type: 'datepicker' }, { label: mrkdwn('x') }), '/label/type'],
    [
      'a placeholder of 151',
      inputOf({ type: 'datepicker', placeholder: plain(x(151)) }),
      '/placeholder/text',
    ],
    [
      'a placeholder of radio buttons',
      choice('radio_buttons', options(1), { placeholder: plain('x') }),
      '/element',
    ],
    ['a number without is_decimal_allowed', inputOf({ type: 'number_input' }), '/is_decimal_allowed'],
    ['a number as a number', number({ min_value: 1 }), '/min_value'],
    ['words as a number', number({ initial_value: 'three' }), '/initial_value'],
    ['a decimal that is not allowed', number({ max_value: '1.5' }), '/max_value'],
    ['a minimum above the maximum', number({ min_value: '3', max_value: '2' }), '/element'],
    ['an initial number out of range', number({ max_value: '2', initial_value: '3' }), '/initial_value'],
    [
      'two addresses',
      inputOf({ type: 'email_text_input', initial_value: 'a@b.de, c@d.de' }),
      '/initial_value',
    ],
    ['a URL without a scheme', inputOf({ type: 'url_text_input', initial_value: 'a.de' }), '/initial_value'],
    ['30 February', inputOf({ type: 'datepicker', initial_date: '2026-02-30' }), '/initial_date'],
    ['24:00', inputOf({ type: 'timepicker', initial_time: '24:00' }), '/initial_time'],
    [
      'milliseconds',
      inputOf({ type: 'datetimepicker', initial_date_time: 1_628_633_820_000 }),
      '/initial_date_time',
    ],
    ['a placeholder of a moment', inputOf({ type: 'datetimepicker', placeholder: plain('x') }), '/element'],
    ['no options', choice('static_select', []), '/options'],
    ['101 options', choice('static_select', options(101)), '/options'],
    ['101 options of several', choice('multi_static_select', options(101)), '/options'],
    ['eleven radio buttons', choice('radio_buttons', options(11)), '/options'],
    ['eleven checkboxes', choice('checkboxes', options(11)), '/options'],
    [
      'mrkdwn in a select',
      choice('static_select', [{ text: mrkdwn('x'), value: 'x' }]),
      '/options/0/text/type',
    ],
    [
      'an initial option of its own',
      choice('static_select', options(1), { initial_option: option('x') }),
      '/element',
    ],
    [
      'an initial option with another text',
      choice('radio_buttons', options(1), { initial_option: option('o0', 'Two') }),
      '/element',
    ],
    [
      'no initial options in a list',
      choice('checkboxes', options(1), { initial_options: [] }),
      '/initial_options',
    ],
    [
      'more initial options than can be selected',
      choice('multi_static_select', options(2), { max_selected_items: 1, initial_options: options(2) }),
      '/element',
    ],
    [
      'min_length above max_length',
      inputOf({ type: 'plain_text_input', min_length: 3, max_length: 2 }),
      '/element',
    ],
  ])('cannot have %s', (_, view, place, type = 'modal') => {
    const error = refused(() => checkedView(view, type));
    expect(error?.code).toBe('invalid_arguments');
    expect(error?.messages.join('\n')).toContain(`${place}]`);
  });

  it('cannot have more than 250 kB', () => {
    const large = modalOf(...many(100, section(x(3_000))));
    expect(refused(() => checkedView(large, 'modal'))?.code).toBe('view_too_large');
  });
});

const wrong = section('Hi', { text: { type: 'invalid', text: 'Hi' } });
const one = { ok: false, error: 'invalid_arguments' };
const messages = ['must provide exactly one of `blocks`, `view`, or `message`'];
it.each<[object, object]>([
  [{ blocks: [section()] }, { ok: true }],
  [{ message: { blocks: [section()], attachments: [{ blocks: [section()] }] } }, { ok: true }],
  [{ view: modal() }, { ok: true }],
  [{ view: home(section()) }, { ok: true }],
  [{ blocks: [section(), wrong] }, invalid('invalid_blocks', 'unsupported type', '/1/text/type')],
  [
    { message: { blocks: [section(x(3_001))] } },
    invalid('invalid_message', 'must be less than 3001 characters', '/blocks/0/text/text'),
  ],
  [
    { message: { attachments: [{ blocks: [wrong] }] } },
    invalid('invalid_message', 'unsupported type', '/attachments/0/blocks/0/text/type'),
  ],
  [{ view: home(wrong) }, invalid('invalid_view', 'unsupported type', '/blocks/0/text/type')],
  [
    { view: { type: 'modal', blocks: [section()] } },
    invalid('invalid_view', 'missing required field: title', '/title'),
  ],
  [
    { message: { text: 'Hi', blocks: [section()] } },
    invalid('invalid_message', 'invalid additional property: text', expect.any(String)),
  ],
  [{}, { ...one, response_metadata: { messages } }],
  [
    { blocks: [section()], message: { blocks: [section()] } },
    { ...one, response_metadata: { messages } },
  ],
])('blocks.validate takes one argument and names what is wrong and where: %j', async (body, answer) => {
  const { workspace } = await startSlack({ methods: blockMethods });
  // No method of Slack besides this one works without a token.
  const headers = { authorization: '' };
  expect((await postJson(`${workspace.apiUrl}blocks.validate`, body, headers)).body).toEqual(answer);
});

function invalid(error: string, message: string, pointer: unknown) {
  return { ok: false, error, errors: [{ code: 'failed_constraint', message, pointer }] };
}
