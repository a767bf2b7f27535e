import { expect, test } from 'vitest';
import { findNextItem } from '../../../src/sandbox/page/browser/menus.ts';
import { pageHtml, regionsOf } from '../../../src/sandbox/page/html/page-html.ts';
import type { Said, Scene, ShownFlow } from '../../../src/sandbox/page/scene.ts';
import { said, scene, wire } from './scenes.ts';

const ROOT = said({ text: '*press*: the <https://a.example|first> round\nmore' });
const thread_ts = ROOT.ts;
const inThread = { as: 'UANA', at: 'C1', pane: 'slack', thread: thread_ts } as const;

/** What a channel with these messages shows. */
function show(conversation: Said[], more: Partial<Scene> = {}) {
  const { conversation: channel = '', thread = '' } = regionsOf(scene({ conversation, ...more }));
  return { channel, thread };
}

test('an image is shown by its alternative text and not loaded', () => {
  const file = { type: 'image', slack_file: { id: 'F1' }, alt_text: 'of "F1"' };
  const far = { type: 'image', image_url: 'https://a.b/c', alt_text: 'far' };
  const { channel } = show([said({ blocks: [file, far] })]);
  expect(channel).toContain('[image: of &quot;F1&quot;]');
  expect(channel).toContain('[image: far]');
  expect(channel).not.toContain('<img');
});

test('the spaces that nested lists begin with are kept', () => {
  const text = { type: 'mrkdwn', text: '•   one\n    •   one a\n\n*Two*' };
  const { channel } = show([said({ blocks: [{ type: 'section', text }] })]);
  expect(channel).toContain('<br>\u00a0\u00a0\u00a0\u00a0•\u00a0\u00a0\u00a0one a<br><br><b>Two</b>');
});

test('script in every text is text', () => {
  const SCRIPT = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`;
  const plain = { type: 'plain_text', text: SCRIPT };
  const links = `<javascript:alert(1)|x> <https://a.b/${SCRIPT}>`;
  const elements = [
    { type: 'button', action_id: SCRIPT, value: SCRIPT, text: plain },
    { type: 'users_select', action_id: 'u', placeholder: plain },
    { type: 'overflow', options: [{ text: plain, value: SCRIPT }] },
  ];
  const blocks = [
    { type: 'section', block_id: SCRIPT, text: { type: 'mrkdwn', text: SCRIPT } },
    { type: 'section', text: { type: 'mrkdwn', text: links } },
    { type: 'markdown', text: `${SCRIPT}\n\n[x](javascript:alert(1)) ![x](x"onerror=alert(1))` },
    { type: 'header', text: plain },
    { type: 'rich_text', elements: [{ type: 'link', url: 'javascript:alert(1)', text: SCRIPT }] },
    { type: 'actions', elements },
    { type: SCRIPT, text: SCRIPT },
  ];
  const task = {
    name: SCRIPT,
    agent: SCRIPT,
    needsPerson: true,
    follows: [SCRIPT],
    state: 'waiting' as const,
  };
  const tasks = [{ ...task, rounds: [{ feedback: SCRIPT }] }];
  const drafts = [
    { requestId: SCRIPT, answer: { text: SCRIPT, via: 'api' as const } },
    { requestId: SCRIPT },
  ];
  const review = { id: 'f', at: 0, status: 'pending human input' as const, drafts, result: SCRIPT };
  const files = [{ id: SCRIPT, name: SCRIPT, length: 1, preview: SCRIPT }];
  const html = pageHtml(
    scene({
      conversation: [
        said({ text: SCRIPT }),
        said({ ts: '1700000000.000200', blocks }),
        said({ ts: '1700000000.000300', files }),
      ],
      crews: [
        { name: 'press', runs: [{ id: 'r', at: 0, status: 'running', tasks }] },
        { name: SCRIPT, about: SCRIPT, runs: [] },
      ],
      flow: { name: SCRIPT, about: SCRIPT, outcomes: [SCRIPT], runs: [review] },
      wire: [wire({ url: `http://h/${SCRIPT}`, body: { text: SCRIPT }, answer: SCRIPT, fate: SCRIPT })],
      bot: { state: 'down', story: Array(3).fill({ at: 0, text: SCRIPT }) },
      guide: { text: SCRIPT, to: { at: SCRIPT, message: SCRIPT } },
    }),
  );
  expect(html).not.toMatch(/<(script(?! type=)|img|iframe|svg)|[<\s"]on\w+="/i);
  expect(html).not.toMatch(/href="javascript:/i);
  expect(html.split('&lt;script&gt;').length).toBeGreaterThan(15);
});

test('a block that the page does not know is shown as what it is', () => {
  const blocks = [{ type: 'carousel', block_id: 'b', elements: [{ title: 'A card of tomorrow' }] }];
  const { channel } = show([said({ blocks })]);
  expect(channel).toContain('Not drawn here: carousel');
  expect(channel).toContain('A card of tomorrow');
});

test('each draft of the Flow is shown with its answer; the dashboard is offered while one has none', () => {
  const answer = { text: 'Rework', via: 'api' as const };
  const show = (fields: Pick<ShownFlow, 'status' | 'drafts'>) => {
    const flow = {
      name: 'news',
      about: '',
      outcomes: ['Send', 'Rework'],
      runs: [{ id: 'f', at: 0, ...fields }],
    };
    return regionsOf(scene({ flow })).flow;
  };
  const drafts = [{ requestId: 'r1', answer }];
  const asking = show({ status: 'pending human input', drafts: [...drafts, { requestId: 'r2' }] });
  expect(asking).toContain('“Rework”, in Slack');
  expect(asking).toContain('asks a person: Send, Rework');
  expect(asking).toMatch(/data-do="answer_in_dashboard" data-how="r2" aria-describedby="about-r2"/);
  const writing = show({ status: 'running', drafts });
  expect(writing).toMatch(/Draft 2.*being written/);
  expect(writing).not.toContain('answer_in_dashboard');
});

test('only the task that waits names what a person can ask of it', () => {
  const task = { name: 'draft', agent: 'Writer', needsPerson: true, follows: ['shorter', 'in German'] };
  const show = (state: 'waiting' | 'done') => {
    const run = { id: 'r', at: 0, status: 'running' as const, tasks: [{ ...task, state, rounds: [] }] };
    return regionsOf(scene({ crews: [{ name: 'press', runs: [run] }] }))['runs-press'];
  };
  expect(show('waiting')).toContain('You can ask for: shorter · in German');
  expect(show('done')).not.toContain('You can ask for');
});

test('each failure says what it does beside its buttons, and what will still fail', () => {
  const twice = { do: 'a', how: 'b', label: 'Twice' };
  const now = { do: 'c', how: 'd', label: 'Now' };
  const failures = [
    { who: 'CrewAI', effect: 'fails.', buttons: [twice] },
    { who: 'The bot', effect: 'is killed.', needsBot: true, buttons: [now] },
  ];
  const failing = { crewai: 2, slack: 1, killAtDecision: true };
  const { controls } = regionsOf(scene({ failures, failing, bot: { state: 'down', story: [] } }));
  expect(controls).toContain('<p id="fault-0"><b>CrewAI</b> fails.</p>');
  expect(controls).toMatch(/data-do="a" data-how="b" aria-describedby="fault-0">Twice</);
  expect(controls).toMatch(/data-do="c" data-how="d" aria-describedby="fault-1" disabled>Now</);
  expect(controls).toContain('CrewAI fails at 2 more attempts<br>Slack fails at 1 more call<br>Armed');
});

test('the wire stays small with bodies of 200 KB, and links to all of each', () => {
  const body = { task_output: 'word '.repeat(40_000) };
  const entries = Array.from({ length: 40 }, (_, at) => wire({ id: `request-${at}`, body }));
  const { wire: html = '' } = regionsOf(scene({ wire: entries }));
  expect(html.length).toBeLessThan(500_000);
  expect(html).toContain('href="/wire/request-0"');
});

test('a reply is shown in its thread only; the channel says that it waits', () => {
  const reply = said({ ts: '1700000000.000200', thread_ts, text: 'the reply' });
  const closed = show([ROOT, reply], { waiting: [reply.ts] });
  expect(closed.channel).not.toContain('the reply');
  expect(closed.channel).toMatch(/1 reply.*waits for a decision/);
  expect(closed.thread).toBe('');
  expect(show([ROOT, reply], { look: inThread }).thread).toContain('the reply');
});

test('a broadcast reply is shown with its buttons in the channel, where it links to its thread, and in its thread', () => {
  const text = { type: 'plain_text', text: 'Approve' };
  const blocks = [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', text }] }];
  const later = said({ ts: '1700000000.000200', text: 'later' });
  const reply = said({ ts: '1700000000.000300', thread_ts, broadcast: true, blocks });
  const { channel, thread } = show([ROOT, later, reply], { look: inThread });
  const [before, after] = channel.split(`id="m-${reply.ts}"`);
  expect(before).toContain('later');
  expect(after).toContain('data-action="approve"');
  expect(after).toMatch(
    /replied to a thread: <a href="[^"]*thread=1700000000\.000100#thread-m-1700000000\.000300"[^>]*>press: the first round<\/a>/,
  );
  expect(channel).toContain('1 reply');
  for (const part of [`id="thread-m-${reply.ts}"`, 'Also sent to the channel', 'data-action="approve"'])
    expect(thread).toContain(part);
});

test('a permalink of the workspace leads to the message in its thread', () => {
  const permalink = '<https://sandbox.slack.com/archives/C1/p1700000000000200|See it>';
  const text = `${permalink}, <https://other.example/|not this>`;
  const reply = said({ ts: '1700000000.000200', thread_ts });
  const { channel } = show([ROOT, reply, said({ ts: '1700000000.000300', text })]);
  const place = `/?as=UANA&amp;at=C1&amp;thread=${thread_ts}#thread-m-${reply.ts}`;
  expect(channel).toContain(`href="${place}"`);
  expect(channel).toContain('href="https://other.example/"');
});

test.each([
  ['ArrowDown', -1, 0],
  ['ArrowDown', 1, 2],
  ['ArrowDown', 2, 0],
  ['ArrowUp', -1, 2],
  ['ArrowUp', 2, 1],
  ['ArrowUp', 0, 2],
  ['Home', 1, 0],
  ['End', 1, 2],
  ['a', 1, undefined],
  ['Tab', 1, undefined],
])('%s leads from item %d of a menu of three to item %d', (key, at, expected) => {
  expect(findNextItem(key, at, 3)).toBe(expected);
});
