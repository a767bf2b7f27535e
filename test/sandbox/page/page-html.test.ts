import { describe, expect, test } from 'vitest';
import { pageHtml, regionsOf } from '../../../src/sandbox/page/html/page-html.ts';
import type { Said, Scene, WireEntry } from '../../../src/sandbox/page/scene.ts';

const said = (fields: Partial<Said>): Said => ({
  ts: '1700000000.000100',
  text: 'Hello',
  user: 'UANA',
  edited: false,
  onlyForYou: false,
  files: [],
  ...fields,
});

const wire = (fields: Partial<WireEntry>): WireEntry => ({
  id: 'request-1',
  at: 1_700_000_000_000,
  from: 'bot',
  method: 'POST',
  url: 'http://127.0.0.1:1/resume',
  headers: {},
  body: {},
  status: 200,
  answer: {},
  ...fields,
});

const scene = (fields: Partial<Scene> = {}): Scene => ({
  look: { as: 'UANA', at: 'C1', pane: 'slack' },
  personas: [{ id: 'UANA', name: 'Ana', role: 'approver' }],
  channels: [{ id: 'C1', name: 'approvals', purpose: 'To decide' }],
  app: { id: 'U0BOT', name: 'Crew Approvals' },
  shortcuts: [],
  conversation: [],
  errors: {},
  crews: [{ name: 'press', runs: [] }],
  flow: { name: 'newsletter', about: 'It asks', outcomes: ['Send'], runs: [] },
  wire: [],
  dialect: 'live',
  bot: { state: 'running', pid: 1, story: [] },
  failing: { crewai: 0, slack: 0, killAtDecision: false },
  failures: [],
  waiting: [],
  guide: { text: 'Do something' },
  ...fields,
});

const SCRIPT = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`;
const TAGS = /<(script(?! type=)|img|iframe|svg)|[<\s"]on\w+="/i;

describe('the page', () => {
  test('shows the alternative text of an image and loads none', () => {
    const blocks = [
      { type: 'image', slack_file: { id: 'F1' }, alt_text: 'of "F1"' },
      { type: 'image', image_url: 'https://a.b/c', alt_text: 'far' },
    ];
    const { conversation } = regionsOf(scene({ conversation: [said({ blocks })] }));
    expect(conversation).toContain('[image: of &quot;F1&quot;]');
    expect(conversation).toContain('[image: far]');
    expect(conversation).not.toContain('<img');
  });

  test('keeps the spaces that lists in lists begin with', () => {
    const text = { type: 'mrkdwn', text: '•   one\n    •   one a\n\n*Two*' };
    const { conversation } = regionsOf(
      scene({ conversation: [said({ blocks: [{ type: 'section', text }] })] }),
    );
    expect(conversation).toContain('<br>\u00a0\u00a0\u00a0\u00a0•\u00a0\u00a0\u00a0one a<br><br><b>Two</b>');
  });

  test('takes script in every text for text', () => {
    const blocks = [
      { type: 'section', block_id: SCRIPT, text: { type: 'mrkdwn', text: SCRIPT } },
      { type: 'section', text: { type: 'mrkdwn', text: `<javascript:alert(1)|x> <https://a.b/${SCRIPT}>` } },
      { type: 'markdown', text: `${SCRIPT}\n\n[x](javascript:alert(1)) ![x](x"onerror=alert(1))` },
      { type: 'header', text: { type: 'plain_text', text: SCRIPT } },
      { type: 'rich_text', elements: [{ type: 'link', url: 'javascript:alert(1)', text: SCRIPT }] },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: SCRIPT, value: SCRIPT, text: { type: 'plain_text', text: SCRIPT } },
          { type: 'users_select', action_id: 'u', placeholder: { type: 'plain_text', text: SCRIPT } },
          { type: 'overflow', options: [{ text: { type: 'plain_text', text: SCRIPT }, value: SCRIPT }] },
        ],
      },
      { type: SCRIPT, text: SCRIPT },
    ];
    const run = {
      id: 'r',
      at: 0,
      status: 'running' as const,
      tasks: [
        {
          name: SCRIPT,
          agent: SCRIPT,
          needsPerson: true,
          follows: [SCRIPT],
          state: 'waiting' as const,
          rounds: [{ feedback: SCRIPT }],
        },
      ],
    };
    const html = pageHtml(
      scene({
        conversation: [
          said({ text: SCRIPT }),
          said({ ts: '1700000000.000200', blocks }),
          said({
            ts: '1700000000.000300',
            files: [{ id: SCRIPT, name: SCRIPT, length: 1, preview: SCRIPT }],
          }),
        ],
        crews: [
          { name: 'press', runs: [run] },
          { name: SCRIPT, about: SCRIPT, runs: [] },
        ],
        flow: {
          name: SCRIPT,
          about: SCRIPT,
          outcomes: [SCRIPT],
          runs: [
            {
              id: 'f',
              at: 0,
              status: 'pending human input' as const,
              drafts: [
                { requestId: SCRIPT, answer: { text: SCRIPT, via: 'api' as const } },
                { requestId: SCRIPT },
              ],
              result: SCRIPT,
            },
          ],
        },
        wire: [wire({ url: `http://h/${SCRIPT}`, body: { text: SCRIPT }, answer: SCRIPT, fate: SCRIPT })],
        bot: { state: 'down', story: Array(3).fill({ at: 0, text: SCRIPT }) },
        guide: { text: SCRIPT, to: { at: SCRIPT, message: SCRIPT } },
      }),
    );
    expect(html).not.toMatch(TAGS);
    expect(html).not.toMatch(/href="javascript:/i);
    expect(html.split('&lt;script&gt;').length).toBeGreaterThan(15);
  });

  test('shows a block that it does not know as what it is', () => {
    const blocks = [{ type: 'carousel', block_id: 'b', elements: [{ title: 'A card of tomorrow' }] }];
    const { conversation } = regionsOf(scene({ conversation: [said({ blocks })] }));
    expect(conversation).toContain('Not drawn here: carousel');
    expect(conversation).toContain('A card of tomorrow');
  });

  test('shows each draft of the Flow with its answer, and offers the dashboard while one has none', () => {
    const answer = { text: 'Rework', via: 'api' as const };
    const flow = (fields: Partial<Scene['flow']['runs'][number]>) => {
      const run = { id: 'f', at: 0, status: 'pending human input' as const, drafts: [], ...fields };
      return regionsOf(
        scene({ flow: { name: 'news', about: '', outcomes: ['Send', 'Rework'], runs: [run] } }),
      ).flow;
    };
    const asking = flow({ drafts: [{ requestId: 'r1', answer }, { requestId: 'r2' }] });
    expect(asking).toContain('“Rework”, in Slack');
    expect(asking).toContain('asks a person: Send, Rework');
    expect(asking).toMatch(/data-do="answer_in_dashboard" data-how="r2" aria-describedby="about-r2"/);
    const writing = flow({ status: 'running', drafts: [{ requestId: 'r1', answer }] });
    expect(writing).toMatch(/Draft 2.*being written/);
    expect(writing).not.toContain('answer_in_dashboard');
  });

  test('names what a person can ask of the task that waits, and of no other', () => {
    const task = { name: 'draft', agent: 'Writer', needsPerson: true, follows: ['shorter', 'in German'] };
    const shown = (state: 'waiting' | 'done') =>
      regionsOf(
        scene({
          crews: [
            {
              name: 'press',
              runs: [{ id: 'r', at: 0, status: 'running', tasks: [{ ...task, state, rounds: [] }] }],
            },
          ],
        }),
      )['runs-press'];
    expect(shown('waiting')).toContain('You can ask for: shorter · in German');
    expect(shown('done')).not.toContain('You can ask for');
  });

  test('says what each failure does beside its buttons, and what will still fail', () => {
    const failures = [
      { who: 'CrewAI', effect: 'fails.', buttons: [{ do: 'a', how: 'b', label: 'Twice' }] },
      {
        who: 'The bot',
        effect: 'is killed.',
        needsBot: true,
        buttons: [{ do: 'c', how: 'd', label: 'Now' }],
      },
    ];
    const failing = { crewai: 2, slack: 1, killAtDecision: true };
    const { controls = '' } = regionsOf(scene({ failures, failing, bot: { state: 'down', story: [] } }));
    expect(controls).toContain('<p id="fault-0"><b>CrewAI</b> fails.</p>');
    expect(controls).toMatch(/data-do="a" data-how="b" aria-describedby="fault-0">Twice</);
    expect(controls).toMatch(/data-do="c" data-how="d" aria-describedby="fault-1" disabled>Now</);
    expect(controls).toContain('CrewAI fails at 2 more attempts<br>Slack fails at 1 more call<br>Armed');
  });

  test('stays small with bodies of 200 KB on the wire, and leads to all of each', () => {
    const body = { task_output: 'word '.repeat(40_000) };
    const entries = Array.from({ length: 40 }, (_, at) => wire({ id: `request-${at}`, body }));
    const { wire: html = '' } = regionsOf(scene({ wire: entries }));
    expect(html.length).toBeLessThan(500_000);
    expect(html).toContain('href="/wire/request-0"');
  });

  test('keeps a reply to its thread, and says in the channel that it waits', () => {
    const conversation = [
      said({ text: 'root' }),
      said({ ts: '1700000000.000200', thread_ts: '1700000000.000100', text: 'the reply' }),
    ];
    const closed = regionsOf(scene({ conversation, waiting: ['1700000000.000200'] }));
    expect(closed.conversation).not.toContain('the reply');
    expect(closed.conversation).toMatch(/1 reply.*waits for a decision/);
    expect(closed.thread).toBe('');
    const look = { as: 'UANA', at: 'C1', pane: 'slack', thread: '1700000000.000100' } as const;
    expect(regionsOf(scene({ conversation, look })).thread).toContain('the reply');
  });

  test('shows a broadcast reply in the channel with its buttons and a link to its thread, and in its thread', () => {
    const elements = [
      { type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } },
    ];
    const conversation = [
      said({ text: '*press*: the <https://a.example|first> round\nmore' }),
      said({ ts: '1700000000.000200', text: 'later' }),
      said({
        ts: '1700000000.000300',
        thread_ts: '1700000000.000100',
        broadcast: true,
        blocks: [{ type: 'actions', elements }],
      }),
    ];
    const look = { as: 'UANA', at: 'C1', pane: 'slack', thread: '1700000000.000100' } as const;
    const { conversation: channel = '', thread = '' } = regionsOf(scene({ conversation, look }));
    const [before, after = ''] = channel.split('id="m-1700000000.000300"');
    expect(before).toContain('later');
    expect(after).toContain('data-action="approve"');
    expect(after).toMatch(
      /replied to a thread: <a href="[^"]*thread=1700000000\.000100#thread-m-1700000000\.000300"[^>]*>press: the first round<\/a>/,
    );
    expect(channel).toContain('1 reply');
    expect(thread).toContain('id="thread-m-1700000000.000300"');
    expect(thread).toContain('Also sent to the channel');
    expect(thread).toContain('data-action="approve"');
  });

  test('leads a permalink of the workspace to the message in its thread', () => {
    const conversation = [
      said({}),
      said({ ts: '1700000000.000200', thread_ts: '1700000000.000100' }),
      said({
        ts: '1700000000.000300',
        text: '<https://sandbox.slack.com/archives/C1/p1700000000000200|See it>, <https://other.example/|not this>',
      }),
    ];
    const { conversation: html } = regionsOf(scene({ conversation }));
    expect(html).toContain(
      'href="/?as=UANA&amp;at=C1&amp;thread=1700000000.000100#thread-m-1700000000.000200"',
    );
    expect(html).toContain('href="https://other.example/"');
  });
});
