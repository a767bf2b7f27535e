import { expect } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { isBlank, type Output, readOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { AgentStep } from '../../../src/approval/model/run/agent-steps.ts';
import type { Inbox } from '../../../src/approval/queries/inbox.ts';
import type { Listing, ListQuery } from '../../../src/approval/queries/look-up.ts';
import { FEATURES } from '../../../src/features/index.ts';
import { countUnseen } from '../../../src/lib/unseen.ts';
import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import type { ListPage } from '../../../src/slack/app/button-values.ts';
import { buildList, buildListBeginning, type DrawnListing } from '../../../src/slack/views/lists/list.ts';
import type { CardLinks, MessageView } from '../../../src/slack/views/message-view.ts';
import type { CardForm } from '../../../src/slack/views/output/output-blocks.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { POSTED_FORM } from '../../gallery/gallery-view.ts';
import { drawHome } from '../../gallery/look-ups.ts';
import { drawOutputModal } from '../../gallery/modals.ts';
import { isDeciding } from '../../support/deciding.ts';
import { spoken } from '../../support/spoken.ts';
import { filled, LIVE, MIB, withBrackets } from '../hostile.ts';
import { AT, approval, round, text } from '../records.ts';

export const links: CardLinks = {
  message: ({ channel, ts }) => `https://sandbox.slack.com/archives/${channel}/p${ts.replace('.', '')}`,
  command: '/approvals',
};
export const CARD = { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' };

interface Drawn {
  /** All rounds of the approval. */
  rounds?: Round[];
  /** Changes of the approval. */
  more?: Partial<Approval>;
  output?: Output;
  steps?: readonly AgentStep[];
  form?: CardForm;
  preview?: boolean;
}

/** Draws the card of a round, by default in the form in which it is first posted. */
export function cardOf(
  cardRound: Round,
  { rounds = [cardRound], more, output, steps, form = POSTED_FORM, preview }: Drawn = {},
): MessageView {
  const content = {
    approval: approval(rounds, more),
    round: cardRound,
    output: output ?? text('The output.'),
    steps,
    preview,
  };
  return drawCard(spoken(), content, links, form);
}

export const cardText = (cardRound: Round, drawn?: Drawn) => read(cardOf(cardRound, drawn)).says;

export const homeOf = (inbox: Partial<Inbox>) =>
  drawHome(
    {
      waiting: [],
      others: 0,
      unchecked: 0,
      decided: [],
      permissions: [],
      away: { standsInFor: [] },
      ...inbox,
    },
    links,
  );

/** Converts the outputs of a page, as the bot does in turns. */
export function drawListing({ outputs, ...listing }: Listing): DrawnListing {
  const beginnings = listing.approvals.flatMap((approval) => {
    const output = outputs.get(approval.id);
    return output ? [[approval.id, buildListBeginning(spoken(), approval, output)] as const] : [];
  });
  return { ...listing, beginnings: new Map(beginnings) };
}

/** Draws a page of a list of approvals. */
export function listOf(
  approvals: Approval[],
  query: ListQuery = { kind: 'waiting' },
  { before = [], after, ...listing }: Partial<Listing> & Omit<Partial<ListPage>, 'query'> = {},
): MessageView {
  const page = { query, before, ...(after === undefined ? {} : { after }) };
  return buildList(
    spoken(),
    drawListing({ approvals, outputs: new Map(), stopped: false, ...listing }),
    page,
    {
      links,
      now: AT + 1,
      features: FEATURES,
    },
  );
}

/** Draws a page of an output in a modal, by default the first. */
export const outputPage = (output: Output, page = 0) =>
  drawOutputModal(approval([round()]), { round: 1 }, output, { content: 'output', page });

/** Lists every text in blocks. */
export function textsOf(blocks: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

/** Reads the texts of a view and the labels of its buttons. `buttons`: those that decide; `others`: the rest. */
export function read({ blocks }: { blocks: unknown }) {
  const buttons: string[] = [];
  const others: string[] = [];
  JSON.stringify(blocks, (_, value) => {
    if (value?.type === 'button') (isDeciding(value) ? buttons : others).push(value.text.text);
    return value;
  });
  return { says: textsOf(blocks).join('\n'), buttons, others };
}

/** Lists the texts of a view that would mention anyone except these people, or link elsewhere than the bot does. */
export function called(
  { text: notification, blocks }: Omit<MessageView, 'text'> & { text?: string },
  people: readonly string[],
) {
  // Only in Markdown are the entities of brackets decoded before mentions are read. In mrkdwn they are escapes.
  const markdown = blocks.flatMap((block) =>
    block.type === 'markdown' && 'text' in block ? [withBrackets(String(block.text))] : [],
  );
  // Slack shows text elements of rich text unchanged.
  const shown = blocks
    .filter((block) => block.type !== 'rich_text')
    // A folded output is mrkdwn with the output's links, or plain text, which mentions no one.
    .map((block) => ((block.type as string) === 'container' ? withoutPlain(withoutLinks(block)) : block));
  return [notification ?? '', ...textsOf(shown), ...markdown].filter((all) => {
    const others = all
      .replace(/<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[\d :-]+ UTC>/g, '')
      .replace(/<https:\/\/sandbox\.slack\.com\/archives\/CAPPROVALS\/p\d+\|[^<>|]*>/g, '')
      .replace(/<@([A-Z0-9]+)>/g, (found, person: string) => (people.includes(person) ? '' : found));
    return LIVE.test(others);
  });
}

/**
 * Lists the texts of a view with characters that people would not see, except the zero-width spaces that keep marks
 * apart.
 */
function unseenIn(view: object): string[] {
  const found: string[] = [];
  JSON.stringify(view, (key, value: unknown) => {
    const isRead = typeof value === 'string' && key !== 'private_metadata' && key !== 'value';
    if (isRead && countUnseen(value.replaceAll('\u200b', '')) > 0) found.push(value);
    return value;
  });
  return found;
}

/** Checks that Slack accepts the message, that it fits on a phone, hides nothing and mentions only these people. */
export function expectAccepted(view: MessageView, people: readonly string[] = []): void {
  expect(unseenIn(view)).toEqual([]);
  parseMessageBlocks(view.blocks);
  expect(textsOf(view.blocks).join('').length).toBeLessThanOrEqual(10_000);
  expect(called(view, people)).toEqual([]);
}

/** Copies blocks without their http links. */
export function withoutLinks<T>(blocks: T): T {
  const bare = (_: string, value: unknown) =>
    typeof value === 'string' ? value.replace(/<https?:[^<>]*>/g, '') : value;
  return JSON.parse(JSON.stringify(blocks, bare));
}

function withoutPlain<T>(block: T): T {
  const isPlain = (value: unknown) => (value as { type?: unknown } | null)?.type === 'plain_text';
  return JSON.parse(JSON.stringify(block, (_, value: unknown) => (isPlain(value) ? undefined : value)));
}

/**
 * Checks that Slack accepts these pages of a modal: the first two, one in the middle, the last, and one after the last.
 */
export function expectPagesAccepted(draw: (page: number) => object): void {
  const first = draw(0);
  const pages = Number(/of ([\d,]+)/.exec(JSON.stringify(first))?.[1]?.replaceAll(',', '') ?? 1);
  // If there is a single page, the second one is after the last.
  const others = new Set(pages > 1 ? [1, Math.floor(pages / 2), pages - 1, pages + 7] : [8]);
  for (const view of [first, ...[...others].map(draw)]) {
    expect(unseenIn(view)).toEqual([]);
    checkedView(view, 'modal');
  }
}

export const deciders = ({ rounds }: Approval) =>
  rounds.flatMap(({ decision, givenUpBy, votes }) =>
    [decision?.by, givenUpBy, ...votes.map(({ by }) => by)].filter((by) => by !== undefined),
  );

/** True for many headings: Slack splits a Markdown block at headings and would only accept a plainer card. */
export function hasManyHeadings(output: Output): boolean {
  return output.kind === 'text' && (clean(output.text).match(/^#{1,6}\s/gm) ?? []).length > 12;
}

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : { level: nested(depth - 1) });
const keys = (count: number, value: (n: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key ${n}`, value(n)]));

/** Outputs that are hard to show. */
export const HARD_OUTPUTS: [string, Output][] = [
  ['nothing', text('')],
  ['white space', text(' \n\t \u00a0\n')],
  ['one emoji', text('👍🏽')],
  ['a table of 10,000 lines', text(`| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(10_000)}`)],
  ['broken Markdown', text('**bold *it `code [link](http:// ![img]( <b>~~ | a |\n|--\n``` \n> > >')],
  ['an endless fence', text(`Here:\n\`\`\`python\n${'print("x")\n'.repeat(5_000)}`)],
  ['right-to-left text', text('\u202eשלום עולם\u202d مرحبا بالعالم '.repeat(300))],
  ['40 nested lists', text(Array.from({ length: 40 }, (_, n) => `${'  '.repeat(n)}- item ${n}`).join('\n'))],
  ['NUL between words', text('a\0b\0c'.repeat(2_000))],
  ['lone surrogates', text(`x${'\ud83d\udc4d\ud83d'.repeat(3_000)}`)],
  ['mentions', text('<!channel> @here <@U1> <https://evil.example|click> &lt;!here&gt; '.repeat(500))],
  ['a mebibyte of one word', text(filled('x', MIB))],
  ['a mebibyte of fences', text(filled('```\n', MIB))],
  ['a mebibyte of brackets', text(filled('<', MIB))],
  ['a mebibyte of one grapheme', text(`z${filled('\u0363', MIB)}`)],
  ['8,000 newlines', text(`a${'\n'.repeat(8_000)}b`)],
  ['chapters that are folded', text(`## Chapter <@U1>\n\n${'Words & <!here>. '.repeat(40)}\n\n`.repeat(6))],
  ['code that is folded', text(`\`\`\`js\n${'f("<!channel>");\n'.repeat(60)}\`\`\``)],
  [
    'JSON that is folded',
    readOutput({ posts: Array.from({ length: 40 }, (_, n) => ({ n, '<@U1>': '@here' })) }),
  ],
  ['12 headings', text('# Title\n\nWords.\n\n'.repeat(12))],
  ['an object', readOutput({ title: 'Budget', total_eur: 18_500 })],
  ['5,000 flat objects', readOutput(Array.from({ length: 5_000 }, (_, n) => ({ n, name: `no. ${n}` })))],
  ['flat objects with a long text', readOutput([{ text: 'word '.repeat(2_000) }])],
  ['flat objects with 30 keys', readOutput([keys(30, (n) => n)])],
  ['an empty object', readOutput({})],
  ['an object nested 60 deep', readOutput(nested(60))],
  ['an object of 20,000 keys', readOutput(keys(20_000, (n) => `value ${n}`))],
  ['an object with fences', readOutput({ code: '```js\n<!channel>\n```', '```': ['~~~', '```'] })],
  ['an object with NUL and lone surrogates', readOutput({ 'a\0': 'b\ud83d\0', '<!channel>': '@here' })],
  ['a number', readOutput(42)],
  ['false', readOutput(false)],
];
export const HARD_RESULTS = HARD_OUTPUTS.filter(([, output]) => !isBlank(output));
