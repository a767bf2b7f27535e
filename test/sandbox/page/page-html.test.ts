import { expect, test } from 'vitest';
import { drawRegions, pageHtml } from '../../../src/sandbox/page/html/page-html.ts';
import type { Scene, ShownMessage } from '../../../src/sandbox/page/scene.ts';
import { said, scene, wire } from './scenes.ts';

const ROOT = said({ text: '*press*: the <https://a.example|first> round\nmore' });
const thread_ts = ROOT.ts;
const inThread = { as: 'UANA', at: 'C1', pane: 'slack', thread: thread_ts } as const;

/** What a channel with these messages shows. */
function show(conversation: ShownMessage[], more: Partial<Scene> = {}) {
  const { conversation: channel = '', thread = '' } = drawRegions(scene({ conversation, ...more }));
  return { channel, thread };
}

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
    feedbackExamples: [SCRIPT],
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

test('a reply is shown in its thread only; the channel says that it waits', () => {
  const reply = said({ ts: '1700000000.000200', thread_ts, text: 'the reply' });
  const closed = show([ROOT, reply], { waiting: [reply.ts] });
  expect(closed.channel).not.toContain('the reply');
  expect(closed.channel).toMatch(/1 reply.*waits for a decision/);
  expect(closed.thread).toBe('');
  expect(show([ROOT, reply], { viewpoint: inThread }).thread).toContain('the reply');
});

test('a thread of a channel has a reply box of its own; that of a direct message has none, as its tab', () => {
  const box = `data-do="write" data-thread="${ROOT.ts}"`;
  const { channel, thread } = show([ROOT], { viewpoint: inThread });
  expect(thread).toContain(box);
  expect(channel).toContain('data-do="write"');
  expect(channel).not.toContain('data-thread');
  expect(show([ROOT], { viewpoint: { ...inThread, at: 'app' } }).thread).not.toContain('data-do="write"');
});

test('the page is in the language of Slack, except for what it says itself', () => {
  const html = pageHtml(scene({ language: 'pt-BR' }));
  expect(html).toContain('<html lang="pt-BR">');
  for (const id of ['top', 'panes', 'sidebar', 'result'])
    expect(html).toMatch(new RegExp(`id="${id}"[^>]* lang="en"`));
  expect(html).toMatch(/class="crewai"[^>]* lang="en"/);
  expect(html).not.toMatch(/id="conversation"[^>]* lang=/);
});

test('a broadcast reply is shown with its buttons in the channel, where it links to its thread, and in its thread', () => {
  const text = { type: 'plain_text', text: 'Approve' };
  const blocks = [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', text }] }];
  const later = said({ ts: '1700000000.000200', text: 'later' });
  const reply = said({ ts: '1700000000.000300', thread_ts, broadcast: true, blocks });
  const { channel, thread } = show([ROOT, later, reply], { viewpoint: inThread });
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
