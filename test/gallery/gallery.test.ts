import { expect, it } from 'vitest';
import { noteSchema } from '../../src/approval/model/note.ts';
import { roundStatuses } from '../../src/approval/model/round.ts';
import { startSchema, startStatuses } from '../../src/approval/model/run/start.ts';
import { checkedView, parseMessageBlocks } from '../../src/sandbox/slack/blocks/blocks.ts';
import {
  ACTIONS,
  ASSIGNEE,
  CALLBACKS,
  FEEDBACK,
  MENU,
  OPTION_BUTTONS,
  PEOPLE_NOTE,
} from '../../src/slack/app/ids.ts';
import { MAX_MENU_ENTRIES } from '../../src/slack/views/card/buttons.ts';
import { idsOfFeatures } from '../support/features.ts';
import { buildAnchor, buildGalleryPage } from './page.ts';
import { listGalleryParts } from './parts.ts';

const parts = listGalleryParts();
const views = parts.flatMap((part) => part.views);
const names = views.map(({ name }) => name);

it.each(views.map((view) => [view.name, view] as const))('Slack accepts the view "%s"', (_, view) => {
  if (view.kind === 'message') parseMessageBlocks(view.message.blocks);
  else checkedView(view.view, view.view.type);
});

it('each view has its own name', () => {
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

it.each<[string, readonly string[]]>([
  ['card ', roundStatuses],
  ['note ', noteSchema.options.map(({ shape }) => shape.kind.value)],
  ['run ', startStatuses],
  ['note of a run, ', startSchema.shape.notes.element.options],
])('there is a view "%s…" for each of %j', (prefix, all) => {
  const isShown = (one: string) => names.some((name) => `${name},`.startsWith(`${prefix}${one},`));
  expect(all.filter((one) => !isShown(one))).toEqual([]);
});

it.each<[string, string, readonly string[]]>([
  ['"action_id":"', '"', [...Object.values(ACTIONS), ...OPTION_BUTTONS, ...idsOfFeatures('clicks')]],
  ['"value":"', ':', Object.values(MENU)],
  ['"callback_id":"', '"', [...Object.values(CALLBACKS), ...idsOfFeatures('submissions')]],
  ['"block_id":"', '"', [ASSIGNEE, FEEDBACK, PEOPLE_NOTE].map(({ block }) => block)],
])('the views have %s…%s for each id of the bot: %j', (before, after, ids) => {
  const sent = JSON.stringify(views);
  expect(ids.filter((id) => !sent.includes(`${before}${id}${after}`))).toEqual([]);
});

it('the views show every state of a round', () => {
  const sentences = [
    ...['of 2 approved', 'was asked to decide', 'is on it', 'You can still decide', 'The run failed'],
    ...['sent back automatically three times in a row', 'Another task of this run has finished since'],
    ...["won't report back on this run", 'Click *Undo* before then to take it back', "I'll keep trying"],
    ...[
      'An earlier attempt may have reached CrewAI',
      'It may have reached CrewAI',
      'Waiting for confirmation that the crew has continued',
    ],
    ...['The crew goes on.', 'See the current card', "didn't need a decision", 'The output is empty'],
    ...[
      'is waiting for your decision',
      'Some settings of the run were ignored',
      'There is no one left who can decide this',
    ],
    'This is probably the new output after',
  ];
  const sent = JSON.stringify(views);
  expect(sentences.filter((words) => !sent.includes(words))).toEqual([]);
});

const html = buildGalleryPage(parts);
const body = html.slice(html.indexOf('<body>'));
const find = (pattern: RegExp) => [...body.matchAll(pattern)].map(([, found]) => found);

it('the page draws every view once, below its name, and has an index whose links lead to one place each', () => {
  expect(find(/<figcaption>([^<]*)<\/figcaption>/g)).toEqual(names);
  const indexed = parts.flatMap(({ title, views }) => [title, ...views.map(({ name }) => name)]);
  const links = find(/<a href="#([^"]*)">/g);
  expect(links).toEqual(indexed.map(buildAnchor));
  const ids = find(/ id="([^"]*)"/g);
  expect(links.filter((link) => ids.filter((id) => id === link).length !== 1)).toEqual([]);
});

it('the page draws every block, element and emoji that the bot uses', () => {
  expect(body.match(/class="unknown"/g)).toBeNull();
  // Times of day have colons too.
  expect(body.match(/:[a-z][a-z0-9_+-]*:/g)).toBeNull();
});

it('the page opens at its top, offers four forms, runs no script and loads nothing', () => {
  expect(JSON.stringify(parts)).toContain('focus_on_load');
  expect(body).not.toMatch(/ autofocus/);
  expect(['desktop', 'phone', 'light', 'dark'].filter((form) => !body.includes(`id="${form}"`))).toEqual([]);
  expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
});

it('the menu of a card is full: a card shows as many entries as Slack takes', () => {
  const sizes = [
    ...JSON.stringify(views).matchAll(/"type":"overflow","action_id":"[^"]*","options":(\[.*?\}\])/g),
  ].map(([, options]) => (JSON.parse(options as string) as unknown[]).length);
  expect(Math.max(...sizes)).toBe(MAX_MENU_ENTRIES);
});
