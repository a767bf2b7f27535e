import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { SlackError } from '../web-api/slack-error.ts';
import { surfaces } from './block-schemas.ts';
import { plainText, text } from './block-texts.ts';

/** A stored block. Slack gives it an id if the app gave none. */
export interface Block {
  type: string;
  block_id: string;
  [field: string]: unknown;
}

/** An interactive element of a block. */
export interface Element {
  type: string;
  action_id: string;
  [field: string]: unknown;
}

type Fields = Record<string, unknown>;
type Path = readonly PropertyKey[];

const viewFields = {
  private_metadata: text(LIMITS.privateMetadata, 0).optional(),
  callback_id: text(LIMITS.callbackId, 0).optional(),
  external_id: text(LIMITS.callbackId, 0).optional(),
};

const views = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    title: plainText(LIMITS.modalTitle),
    blocks: z.array(surfaces.modal).min(1).max(LIMITS.viewBlocks),
    submit: plainText(LIMITS.modalTitle).optional(),
    close: plainText(LIMITS.modalTitle).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...viewFields,
  }),
  z.strictObject({
    type: z.literal('home'),
    blocks: z.array(surfaces.home).max(LIMITS.viewBlocks),
    ...viewFields,
  }),
]);
const messages = z.array(surfaces.message).max(LIMITS.messageBlocks);

/** Checks the blocks of a message as Slack does, and returns them with the ids that Slack adds. */
export function parseMessageBlocks(value: unknown): Block[] {
  const parsed = messages.safeParse(value);
  if (!parsed.success) throw new SlackError('invalid_blocks', slackMessages(parsed.error, '/blocks'));
  const blocks = structuredClone(value) as Fields[];
  const duplicateIds = findDuplicateIds(blocks);
  if (duplicateIds.length > 0)
    throw new SlackError('invalid_blocks', duplicateIds.map(formatProblemAt('/blocks')));
  checkTables(blocks);
  const markdown = blocks.filter((block) => block.type === 'markdown').map((block) => String(block.text));
  // Slack documents this sum, but not the error for exceeding it.
  if (markdown.join('').length > LIMITS.allMarkdown) throw new SlackError('msg_blocks_too_long');
  if (textLength(blocks) > LIMITS.allMessageBlocks) throw new SlackError('msg_blocks_too_long');
  const expandedCount =
    blocks.length + markdown.reduce((sum, source) => sum + countExpandedBlocks(source) - 1, 0);
  if (expandedCount > LIMITS.messageBlocks)
    throw new SlackError('invalid_blocks', [tooManyMessage(LIMITS.messageBlocks)]);
  return addIds(blocks);
}

/** Checks a view as Slack does, and returns it with the ids that Slack adds. */
export function checkedView(value: unknown, type: 'modal' | 'home'): Fields & { blocks: Block[] } {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') > LIMITS.viewBytes)
    throw new SlackError('view_too_large');
  const parsed = views.safeParse(value);
  // Slack answers an invalid view with invalid_arguments: https://github.com/slack-go/slack/pull/725
  if (!parsed.success) throw new SlackError('invalid_arguments', slackMessages(parsed.error, '/view'));
  const view = structuredClone(value) as Fields & { type: string; blocks: Fields[] };
  const problems = [...findDuplicateIds(view.blocks).map(formatProblemAt('/view/blocks'))];
  if (view.type !== type) problems.push(`[ERROR] must be a ${type} view [json-pointer:/view/type]`);
  if (type === 'modal' && view.submit === undefined && view.blocks.some((block) => block.type === 'input')) {
    problems.push('[ERROR] missing required field: submit [json-pointer:/view]');
  }
  const focused = interactive(view.blocks).filter(({ element }) => element.focus_on_load === true);
  if (focused.length > 1)
    problems.push('[ERROR] only one element can have focus_on_load [json-pointer:/view/blocks]');
  if (problems.length > 0) throw new SlackError('invalid_arguments', problems);
  return { ...view, blocks: addIds(view.blocks) };
}

/** Lists the interactive elements of these blocks, each with the block that contains it. */
export function interactive(blocks: readonly Fields[]): { block: Block; element: Element }[] {
  return blocks.flatMap((block) => {
    const nested = [
      ...listObjects(block.child_blocks),
      ...(block.type === 'carousel' ? listObjects(block.elements) : []),
    ];
    const hasElements = block.type === 'actions' || block.type === 'context_actions';
    const elements = [
      ...(hasElements ? listObjects(block.elements) : []),
      ...(block.type === 'card' ? listObjects(block.actions) : []),
      ...listObjects([block.accessory, block.element]),
    ].filter((element) => element.type !== 'image');
    return [
      ...elements.map((element) => ({
        block: block as unknown as Block,
        element: element as unknown as Element,
      })),
      ...interactive(nested),
    ];
  });
}

function listObjects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter((item) => item && typeof item === 'object') : [];
}

function addIds(blocks: Fields[]): Block[] {
  const id = () => randomBytes(4).toString('base64url');
  const flatten = (nested: Fields[]): Fields[] =>
    nested.flatMap((block) => [
      block,
      ...flatten(listObjects(block.child_blocks)),
      ...(block.type === 'carousel' ? flatten(listObjects(block.elements)) : []),
    ]);
  for (const block of flatten(blocks)) block.block_id ??= id();
  for (const { element } of interactive(blocks)) element.action_id ??= id();
  return blocks as unknown as Block[];
}

function findDuplicateIds(blocks: Fields[]): { message: string; path: string }[] {
  const duplicates: { message: string; path: string }[] = [];
  const blockIds = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = block.block_id;
    if (id !== undefined && blockIds.has(id)) {
      duplicates.push({ message: `block_id "${id}" already exists`, path: `/${index}/block_id` });
    }
    blockIds.add(id);
    const actionIds = new Set<string>();
    for (const { element } of interactive([block])) {
      const actionId = element.action_id;
      if (actionId === undefined) continue;
      if (actionIds.has(actionId)) {
        duplicates.push({ message: `action_id "${actionId}" already exists`, path: `/${index}` });
      }
      actionIds.add(actionId);
    }
  }
  return duplicates;
}

function checkTables(blocks: Fields[]): void {
  const tables = blocks
    .flatMap((block) => [block, ...listObjects(block.child_blocks)])
    .filter((block) => block.type === 'table');
  if (tables.length > 1) throw new SlackError('invalid_attachments', ['[ERROR] only_one_table_allowed']);
  if (textLength(tables) > LIMITS.tableCharacters) {
    throw new SlackError('invalid_blocks', [
      `[ERROR] must be less than ${LIMITS.tableCharacters + 1} characters over all cells [json-pointer:/blocks]`,
    ]);
  }
}

/** Counts the characters that people read: every `text` or other readable field at any depth. */
function textLength(value: unknown): number {
  const readable = new Set(['text', 'alt_text', 'title', 'fallback', 'description']);
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textLength(item), 0);
  if (!value || typeof value !== 'object') return 0;
  return Object.entries(value).reduce((sum, [key, item]) => {
    if (typeof item === 'string') return sum + (readable.has(key) ? item.length : 0);
    return sum + textLength(item);
  }, 0);
}

/**
 * Estimates the blocks Slack makes of a markdown block: one per heading and one per text between headings
 * (undocumented).
 */
function countExpandedBlocks(markdown: string): number {
  let count = 0;
  let fenced = false;
  let inText = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    if (!fenced && /^#{1,6}\s/.test(line)) {
      count += 1;
      inText = false;
    } else if (!inText && line.trim() !== '') {
      count += 1;
      inText = true;
    }
  }
  return Math.max(count, 1);
}

const tooManyMessage = (max: number) => `[ERROR] no more than ${max} items allowed [json-pointer:/blocks]`;

const formatProblemAt = (base: string) => (problem: { message: string; path: string }) =>
  `[ERROR] ${problem.message} [json-pointer:${base}${problem.path}]`;

function slackMessages(error: z.ZodError, base: string): string[] {
  return error.issues.map((issue) => {
    const pointer = `${base}${pointerOf(issue.path)}`;
    return `[ERROR] ${describe(issue)} [json-pointer:${pointer}]`;
  });
}

function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part)}`).join('');
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') {
    if (issue.origin === 'string') return `must be less than ${Number(issue.maximum) + 1} characters`;
    if (issue.origin === 'array') return `no more than ${issue.maximum} items allowed`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'string') return `must be more than ${Number(issue.minimum) - 1} characters`;
    if (issue.origin === 'array') return `no fewer than ${issue.minimum} items allowed`;
  }
  if (issue.code === 'unrecognized_keys') return `invalid additional property: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_union') return 'unsupported type';
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return `missing required field: ${String(issue.path.at(-1))}`;
  }
  return issue.message;
}
