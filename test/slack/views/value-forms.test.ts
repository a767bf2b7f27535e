import { describe, expect, it, test } from 'vitest';
import type { Field } from '../../../src/approval/model/fields.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { buildValuesModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildFieldInputs } from '../../../src/slack/views/modals/field-inputs.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { spoken } from '../../support/spoken.ts';
import { approval, round, text } from '../records.ts';
import { read } from './draw.ts';

const DAY: Field = { name: 'day', kind: 'date' };

function formOf(labels: readonly string[], { chosen = 0, fields = [DAY] as Field[] } = {}) {
  const options = labels.map((label, at) => ({ id: `o${at}`, label, fields: true as const }));
  const question = { id: 'q', digest: '', freeText: 'none' as const, options, fields };
  const view = buildValuesModal(
    spoken(),
    approval([round({ question })]),
    { round: 1 },
    text('The output.'),
    chosen,
  );
  checkedView(view, 'modal');
  return { title: view.title.text, says: read(view).says };
}

describe('the form of an option with fields', () => {
  it('names the option whole, however long it is', () => {
    const label = `Ship version 2 to production in ${'every region & '.repeat(14)}today`;
    const { title, says } = formOf(['Hold', label], { chosen: 1 });
    expect(title).toMatch(/^2\. Ship version 2 to/);
    expect(says).toContain(`2. ${label}`);
    expect(formOf(['Hold', label]).title).toBe('1. Hold');
  });

  it('names an option of 25 characters whole, and one of 24 in its title only', () => {
    expect(formOf(['Ship version 2 to staging'])).toMatchObject({
      title: 'Ship version 2 to stagi…',
      says: expect.stringContaining('Ship version 2 to staging'),
    });
    const short = formOf(['Ship version 2 to London']);
    expect(short.title).toBe('Ship version 2 to London');
    expect(short.says).not.toContain('London');
  });

  it('says which of two options that look the same it is for', () => {
    expect(['Ship', 'Ship'].map((_, chosen) => formOf(['Ship', 'Ship'], { chosen }).title)).toEqual([
      '1. Ship',
      '2. Ship',
    ]);
  });
});

test.each([
  ['hosts that read as others', 'www.а.а '.repeat(125)],
  ['an address in letters of another alphabet', `mailto:${'а'.repeat(970)}@example.com`],
  ['characters that nobody sees', `${'\u200b'.repeat(990)} and send`],
])('a description of a field with %s is in the form to its end', (_, description) => {
  for (const length of [description.length, 300, 100]) {
    const field: Field = { ...DAY, kind: 'number', description: description.slice(-length) };
    const fields = Array.from({ length: 20 }, (__, at) => ({ ...field, name: `f${at}` }));
    const { says } = formOf(['Ship'], { fields });
    expect(says.replaceAll('\n', '').split(clean(field.description as string))).toHaveLength(21);
  }
});

it('the label of a field is in its form whole, also one that reads as another host', () => {
  const title = `mailto:${'а'.repeat(130)}@a.example`;
  const [input] = buildFieldInputs(spoken(), [{ ...DAY, title }], (name) => name);
  expect(input).toMatchObject({ label: { text: clean(title) } });
});
