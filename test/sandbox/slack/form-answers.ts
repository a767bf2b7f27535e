import type { Block, Element } from '../../../src/sandbox/slack/blocks/blocks.ts';
import type { FieldValue, Values } from '../../../src/sandbox/slack/interactions/entered.ts';
import type { SeenView } from '../../../src/sandbox/slack/workspace.ts';

/**
 * A person's entry in a field as they see it: a text or number, YYYY-MM-DD, HH:mm, a moment, or the text of one or
 * several options. null empties the field.
 */
type Answer = string | number | Date | readonly string[] | null;

/** Entries by the labels of their fields. */
export type Answers = Readonly<Record<string, Answer>>;

/** Builds the values of a form that a person fills by the labels of its fields. */
export function fillByLabel(view: Pick<SeenView, 'blocks'>, answers: Answers): Values {
  const values: Record<string, Record<string, FieldValue>> = {};
  for (const [label, answer] of Object.entries(answers)) {
    const block = findByLabel(view, label);
    const element = block.element as Element;
    values[block.block_id] = { ...values[block.block_id], [element.action_id]: readAnswer(element, answer) };
  }
  return values;
}

/** Reads the content of a form's fields by their labels: a text, a number, the text of an option, texts, or null. */
export function readForm(view: Pick<SeenView, 'blocks' | 'state'>): Record<string, unknown> {
  const inputs = view.blocks.filter(({ type }) => type === 'input');
  return Object.fromEntries(
    inputs.map((block) => {
      const { type: _, ...elementState } =
        view.state.values[block.block_id]?.[(block.element as Element).action_id] ?? {};
      const [value = null] = Object.values(elementState);
      return [labelOf(block), Array.isArray(value) ? value.map(readHeld) : readHeld(value)];
    }),
  );
}

function readHeld(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Option).text.text : value;
}

interface Option {
  text: { text: string };
  value: string;
}

function labelOf(block: Block): string {
  return (block.label as { text: string }).text;
}

function findByLabel({ blocks }: Pick<SeenView, 'blocks'>, label: string): Block {
  const inputs = blocks.filter(({ type }) => type === 'input');
  const [found, ...others] = inputs.filter((block) => labelOf(block) === label);
  if (found && others.length === 0) return found;
  const labels = inputs.map(labelOf).join(', ') || 'none';
  throw new Error(
    `${others.length > 0 ? 'several fields are' : 'no field is'} labelled "${label}": ${labels}`,
  );
}

function readAnswer(element: Element, answer: Answer): FieldValue {
  if (answer === null) return '';
  if (answer instanceof Date) return String(Math.floor(answer.getTime() / 1_000));
  if (typeof answer === 'number') return String(answer);
  const groups = (element.option_groups ?? []) as { options: Option[] }[];
  const options = [...((element.options ?? []) as Option[]), ...groups.flatMap((group) => group.options)];
  // A list of people offers ids.
  if (options.length === 0) return answer;
  const choose = (shown: string) => {
    const chosen = options.filter(({ text }) => text.text === shown);
    if (chosen[0] && chosen.length === 1) return chosen[0].value;
    throw new Error(`no one option is "${shown}": ${options.map(({ text }) => text.text).join(', ')}`);
  };
  return typeof answer === 'string' ? choose(answer) : answer.map(choose);
}
