import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { SlackError } from '../../../src/sandbox/slack/web-api/slack-error.ts';

const x = (count: number) => 'x'.repeat(count);
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text = 'Hi', more: object = {}) => ({ type: 'section', text: mrkdwn(text), ...more });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const confirm = (more: object = {}) => ({
  title: plain('Sure?'),
  text: mrkdwn('Really'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...more,
});
const option = (value: string, text = 'One') => ({ text: plain(text), value });
const overflow = (options: object[]) => ({ type: 'overflow', action_id: 'more', options });
const input = (element: object = {}, more: object = {}) => ({
  type: 'input',
  label: plain('Why'),
  element: { type: 'plain_text_input', action_id: 'why', ...element },
  ...more,
});
const rich = (elements: object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const table = (rows: object[][]) => ({ type: 'table', rows });
const cell = (text: string) => ({ type: 'raw_text', text });
const modal = (more: object = {}) => ({ type: 'modal', title: plain('Title'), blocks: [section()], ...more });

function refused(check: () => unknown): { code: string; messages: string[] } | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}

describe('messages', () => {
  it.each<[string, object[]]>([
    ['no blocks', []],
    ['the longest section', [section(x(3_000))]],
    ['fields only', [{ type: 'section', fields: times(10, () => mrkdwn(x(200))) }]],
    ['the longest header', [{ type: 'header', text: plain(x(150)) }]],
    ['ten context elements', [{ type: 'context', elements: times(10, () => mrkdwn('x')) }]],
    ['25 buttons', [actions(...times(25, (n) => button({ action_id: `go${n}` })))]],
    ['a full button', [actions(button({ value: x(2_000), style: 'danger', confirm: confirm() }))]],
    ['verbatim and emoji', [section('x', { text: { ...mrkdwn('x'), verbatim: true } }), actions(button())]],
    ['markdown', [{ type: 'markdown', text: x(12_000) }]],
    ['an input', [input()]],
    [
      'rich text',
      [
        rich([
          { type: 'text', text: 'x', style: { bold: true } },
          { type: 'user', user_id: 'U1' },
        ]),
      ],
    ],
    ['a table', [table([[cell('a'), rich([{ type: 'text', text: 'b' }])]])]],
    ['fifty blocks', times(50, () => ({ type: 'divider' }))],
    ['a card', [{ type: 'card', title: mrkdwn('x'), actions: [button()] }]],
    [
      'feedback buttons',
      [
        {
          type: 'context_actions',
          elements: [
            {
              type: 'feedback_buttons',
              action_id: 'f',
              positive_button: { text: plain('+'), value: '1' },
              negative_button: { text: plain('-'), value: '0' },
            },
          ],
        },
      ],
    ],
    ['an emoji', [section('👍🏽 é')]],
  ])('take %s', (_, blocks) => {
    expect(refused(() => messageBlocks(blocks))).toBeUndefined();
  });

  it.each<[string, object[], string]>([
    ['51 blocks', times(51, () => ({ type: 'divider' })), '/blocks'],
    ['an unknown block', [{ type: 'sectoin' }], '/blocks/0/type'],
    ['an unknown field', [section('x', { colour: 'red' })], '/blocks/0'],
    ['an alert', [{ type: 'alert', text: mrkdwn('x') }], '/blocks/0/type'],
    ['a section without text', [{ type: 'section' }], '/blocks/0'],
    ['an empty text', [section('')], '/blocks/0/text/text'],
    ['a text of 3,001', [section(x(3_001))], '/blocks/0/text/text'],
    ['a field of 2,001', [{ type: 'section', fields: [mrkdwn(x(2_001))] }], '/blocks/0/fields/0/text'],
    ['eleven fields', [{ type: 'section', fields: times(11, () => mrkdwn('x')) }], '/blocks/0/fields'],
    ['a header of 151', [{ type: 'header', text: plain(x(151)) }], '/blocks/0/text/text'],
    ['a mrkdwn header', [{ type: 'header', text: mrkdwn('x') }], '/blocks/0/text/type'],
    [
      'eleven context elements',
      [{ type: 'context', elements: times(11, () => mrkdwn('x')) }],
      '/blocks/0/elements',
    ],
    ['a button in a context', [{ type: 'context', elements: [button()] }], '/blocks/0/elements/0/type'],
    ['no elements', [actions()], '/blocks/0/elements'],
    ['26 buttons', [actions(...times(26, (n) => button({ action_id: `go${n}` })))], '/blocks/0/elements'],
    ['an input in actions', [actions({ type: 'plain_text_input' })], '/blocks/0/elements/0/type'],
    ['a button text of 76', [actions(button({ text: plain(x(76)) }))], '/blocks/0/elements/0/text/text'],
    ['a mrkdwn button', [actions(button({ text: mrkdwn('x') }))], '/blocks/0/elements/0/text/type'],
    ['a value of 2,001', [actions(button({ value: x(2_001) }))], '/blocks/0/elements/0/value'],
    ['an unknown style', [actions(button({ style: 'default' }))], '/blocks/0/elements/0/style'],
    [
      'a confirm title of 101',
      [actions(button({ confirm: confirm({ title: plain(x(101)) }) }))],
      '/confirm/title/text',
    ],
    [
      'a confirm text of 301',
      [actions(button({ confirm: confirm({ text: plain(x(301)) }) }))],
      '/confirm/text/text',
    ],
    [
      'a confirm button of 31',
      [actions(button({ confirm: confirm({ deny: plain(x(31)) }) }))],
      '/confirm/deny/text',
    ],
    ['an overflow of six', [actions(overflow(times(6, (n) => option(`${n}`))))], '/elements/0/options'],
    ['an option text of 76', [actions(overflow([option('1', x(76))]))], '/options/0/text/text'],
    ['an option value of 76', [actions(overflow([option(x(76))]))], '/options/0/value'],
    [
      'verbatim as a string',
      [section('x', { text: { ...mrkdwn('x'), verbatim: 'true' } })],
      '/text/verbatim',
    ],
    ['emoji on mrkdwn', [section('x', { text: { ...mrkdwn('x'), emoji: true } })], '/blocks/0/text'],
    [
      'two equal block ids',
      [section('x', { block_id: 'b' }), section('x', { block_id: 'b' })],
      '/blocks/1/block_id',
    ],
    ['two equal action ids', [actions(button(), button())], '/blocks/0'],
    ['a lone surrogate', [section('x\ud83d')], '/blocks/0/text/text'],
    ['a NUL', [section('x\0')], '/blocks/0/text/text'],
    ['an empty cell', [table([[cell('')]])], '/rows/0/0/text'],
    ['101 rows', [table(times(101, () => [cell('x')]))], '/blocks/0/rows'],
    ['21 columns', [table([times(21, () => cell('x'))])], '/rows/0'],
    ['10,001 characters in a table', [table([[cell(x(5_001)), cell(x(5_000))]])], '/blocks'],
    ['empty rich text', [rich([])], '/elements/0/elements'],
    ['an image without alt text', [{ type: 'image', image_url: 'https://example.com/a.png' }], '/alt_text'],
    ['many headings', [{ type: 'markdown', text: times(30, (n) => `# ${n}\ntext`).join('\n') }], '/blocks'],
    ['a button in context_actions', [{ type: 'context_actions', elements: [button()] }], '/elements/0/type'],
  ])('refuse %s', (_, blocks, place) => {
    const error = refused(() => messageBlocks(blocks));
    expect(error?.code).toBe('invalid_blocks');
    expect(error?.messages.join('\n')).toContain(`${place}]`);
  });

  it.each<[string, object[]]>([
    ['all blocks of more than 12,300', times(5, () => section(x(2_500)))],
    ['markdown of more than 12,000', times(2, () => ({ type: 'markdown', text: x(6_001) }))],
  ])('are too long with %s', (_, blocks) => {
    expect(refused(() => messageBlocks(blocks))?.code).toBe('msg_blocks_too_long');
  });

  it('take one table', () => {
    const error = refused(() => messageBlocks([table([[cell('a')]]), table([[cell('a')]])]));
    expect(error).toMatchObject({ code: 'invalid_attachments' });
  });

  it('get the ids that the app left out', () => {
    const [block] = messageBlocks([actions({ type: 'button', text: plain('Go') })]);
    expect(block).toMatchObject({
      block_id: expect.any(String),
      elements: [{ action_id: expect.any(String) }],
    });
  });

  it('never throw anything but a refusal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ type: fc.string(), text: fc.jsonValue() }))),
        (blocks) => {
          refused(() => messageBlocks(blocks));
        },
      ),
    );
  });
});

describe('views', () => {
  it.each<[string, object, 'modal' | 'home']>([
    ['a modal', modal(), 'modal'],
    [
      'a modal with an alert',
      modal({ blocks: [{ type: 'alert', text: plain('x'), level: 'error' }] }),
      'modal',
    ],
    [
      'a modal with an input',
      modal({ submit: plain('Send'), blocks: [input({ max_length: 3_000 })] }),
      'modal',
    ],
    ['a home', { type: 'home', blocks: [section()] }, 'home'],
  ])('take %s', (_, view, type) => {
    expect(refused(() => checkedView(view, type))).toBeUndefined();
  });

  it.each<[string, object, 'modal' | 'home', string]>([
    ['a title of 25', modal({ title: plain(x(25)) }), 'modal', '/view/title/text'],
    ['a submit of 25', modal({ submit: plain(x(25)) }), 'modal', '/view/submit/text'],
    ['a close of 25', modal({ close: plain(x(25)) }), 'modal', '/view/close/text'],
    ['no title', { type: 'modal', blocks: [section()] }, 'modal', '/view/title'],
    ['metadata of 3,001', modal({ private_metadata: x(3_001) }), 'modal', '/view/private_metadata'],
    ['101 blocks', modal({ blocks: times(101, () => section()) }), 'modal', '/view/blocks'],
    ['an input without submit', modal({ blocks: [input()] }), 'modal', '/view'],
    [
      'max_length 3,001',
      modal({ submit: plain('x'), blocks: [input({ max_length: 3_001 })] }),
      'modal',
      '/max_length',
    ],
    [
      'markdown in a modal',
      modal({ blocks: [{ type: 'markdown', text: 'x' }] }),
      'modal',
      '/view/blocks/0/type',
    ],
    ['a table in a modal', modal({ blocks: [table([[cell('x')]])] }), 'modal', '/view/blocks/0/type'],
    [
      'an alert at home',
      { type: 'home', blocks: [{ type: 'alert', text: plain('x') }] },
      'home',
      '/view/blocks/0/type',
    ],
    [
      'a card at home',
      { type: 'home', blocks: [{ type: 'card', title: mrkdwn('x') }] },
      'home',
      '/view/blocks/0/type',
    ],
    ['a title at home', { type: 'home', title: plain('x'), blocks: [] }, 'home', '/view'],
    ['a home as a modal', { type: 'home', blocks: [] }, 'modal', '/view/type'],
    ['an unknown field', modal({ colour: 'red' }), 'modal', '/view'],
    [
      'two equal block ids',
      modal({ blocks: times(2, () => section('x', { block_id: 'b' })) }),
      'modal',
      '/view/blocks/1/block_id',
    ],
    ['a mrkdwn title', modal({ title: mrkdwn('x') }), 'modal', '/view/title/type'],
  ])('refuse %s', (_, view, type, place) => {
    const error = refused(() => checkedView(view, type));
    expect(error?.code).toBe('invalid_arguments');
    expect(error?.messages.join('\n')).toContain(`${place}]`);
  });

  it('are refused above 250 kB', () => {
    const blocks = times(100, () => section(x(3_000)));
    expect(refused(() => checkedView(modal({ blocks }), 'modal'))?.code).toBe('view_too_large');
  });
});
