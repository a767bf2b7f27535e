import { describe, expect, it } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { buildStartForm, type KnownInputs } from '../../../src/slack/views/runs/start-form.ts';
import { startable } from '../../approval/kickoffs/records.ts';

const draft = { id: '00000000-0000-4000-8000-000000000001', crew: 'press' };

/** The blocks of the form by their ids, and all that it says. */
function formOf(known: KnownInputs, crew: Partial<Crew> = {}) {
  const { blocks } = checkedView(buildStartForm({ ...startable, ...crew }, draft, known), 'modal');
  const inputs = Object.fromEntries(
    blocks.filter(({ type }) => type === 'input').map((one) => [one.block_id, one]),
  );
  return { inputs, says: JSON.stringify(blocks) };
}

describe('all inputs are asked for as JSON', () => {
  it('when CrewAI could not be reached, and the form says so', () => {
    for (const starts of ['crew', 'flow'] as const) {
      const { inputs, says } = formOf({ names: 'not_reached' }, { starts });
      expect(Object.keys(inputs)).toEqual(['inputs_json']);
      expect(says).toContain("CrewAI couldn't be reached");
      expect(says).not.toContain('did not say');
    }
  });

  it.each<[string, string[] | undefined]>([
    ['when CrewAI did not say which there are', undefined],
    ['when there are more than a form takes', Array.from({ length: 96 }, (_, n) => `input_${n}`)],
    ['when the name of one is longer than Slack takes', ['topic', 'x'.repeat(201)]],
    ['when one has no name', ['topic', ' ']],
    ['when the name of one has a character that Slack does not take', ['topic', 'a\0b']],
  ])('%s', (_, names) => {
    const { inputs, says } = formOf({ names });
    expect(Object.keys(inputs)).toEqual(['inputs_json']);
    expect(says).toContain(names ? 'Inputs of this crew: ' : texts.forms.inputsUnknown);
  });

  it('of a Flow, whose id nobody gives', () => {
    const { inputs, says } = formOf({ names: ['id', 'topic'] }, { starts: 'flow' });
    expect(Object.keys(inputs)).toEqual(['inputs_json']);
    expect(says).toContain("Fields of the Flow's state: topic.");
  });

  it('beginning with the defaults, or with what was given before', () => {
    const settings = { inputs: { topic: { default: 'spring' }, tone: {} }, starts: 'flow' } as const;
    const jsonOf = (known: KnownInputs) => {
      const element = formOf(known, settings).inputs.inputs_json?.element as { initial_value: string };
      return JSON.parse(element.initial_value);
    };
    expect(jsonOf({ names: ['topic'] })).toEqual({ topic: 'spring' });
    expect(jsonOf({ names: ['topic'], before: { count: 3 } })).toEqual({ count: 3 });
  });

  it('with their names as far as they fit, cut nowhere inside an escape', () => {
    const names = Array.from({ length: 200 }, (_, n) => `<&>${n}`);
    const { says } = formOf({ names });
    expect(says).toContain('&lt;&amp;&gt;0, &lt;&amp;&gt;1');
    expect(says).not.toMatch(/&(?!amp;|lt;|gt;)/);
  });
});

describe('a crew that says which of its inputs are required', () => {
  const known = { names: ['topic', 'tone'], required: ['topic'] };

  it('may be started without the others', () => {
    const { inputs } = formOf(known);
    expect(inputs['input:topic']).not.toHaveProperty('optional');
    expect(inputs['input:tone']).toMatchObject({ optional: true });
    expect(formOf({ names: ['topic', 'tone'] }).inputs['input:tone']).not.toHaveProperty('optional');
  });

  it('is asked for one that CrewAI missed all the same', () => {
    const { inputs } = formOf({ ...known, missing: ['tone'] });
    expect(inputs['input:tone']).not.toHaveProperty('optional');
  });

  it('begins an optional field with its default, but not where it was left out before', () => {
    const settings = { inputs: { topic: { default: 'spring' }, tone: { default: 'dry' } } };
    expect(formOf(known, settings).inputs['input:tone']?.element).toMatchObject({ initial_value: 'dry' });
    const again = formOf({ ...known, before: {} }, settings).inputs;
    expect(again['input:tone']?.element).not.toHaveProperty('initial_value');
    expect(again['input:topic']?.element).toMatchObject({ initial_value: 'spring' });
  });

  it('marks them where they are asked for as JSON', () => {
    const { says } = formOf({ names: ['topic', 'a\0b'], required: ['topic'] });
    expect(says).toMatch(/Inputs of this crew: topic, a.{0,6}b \(optional\)/);
  });
});

describe('a Flow that names its declared inputs', () => {
  const known = { names: ['id', 'topic', 'tags'], required: ['topic'] };

  it('has a field for each of them, except the id that CrewAI gives', () => {
    const { inputs, says } = formOf(known, { starts: 'flow' });
    expect(Object.keys(inputs)).toEqual(['input:topic', 'input:tags']);
    expect(inputs['input:tags']).toMatchObject({ optional: true });
    expect(says).toContain(texts.forms.writeJson);
  });

  it('begins with what was given before, lists and numbers too', () => {
    const before = { topic: 7, tags: ['a', { b: 1 }] };
    const { inputs } = formOf({ ...known, before }, { starts: 'flow' });
    expect(inputs['input:topic']?.element).toMatchObject({ initial_value: '7' });
    expect(inputs['input:tags']?.element).toMatchObject({ initial_value: '["a",{"b":1}]' });
  });
});

it('a field may be called like what every object has', () => {
  const names = ['constructor', '__proto__', 'toString'];
  const { inputs } = formOf({ names, before: { constructor: 'x' } });
  expect(inputs['input:constructor']?.element).toMatchObject({ initial_value: 'x' });
  expect(inputs['input:toString']?.element).not.toHaveProperty('initial_value');
});

describe('a field', () => {
  it('begins with what was given before, else with the default, and says that CrewAI missed it', () => {
    const known = { names: ['topic', 'tone'], before: { topic: 'rain\njackets' }, missing: ['tone'] };
    const { inputs } = formOf(known, { inputs: { topic: { default: 'spring' }, tone: { default: 'dry' } } });
    expect(inputs['input:topic']).toMatchObject({
      element: { initial_value: 'rain\njackets', multiline: true },
    });
    expect(inputs['input:tone']).toMatchObject({
      hint: { text: 'CrewAI needs this input.' },
      element: { initial_value: 'dry', multiline: false },
    });
  });

  it('is empty and says so when its value is longer than Slack takes', () => {
    const { inputs } = formOf({ names: ['topic'], before: { topic: 'x'.repeat(3_001) } });
    expect(inputs['input:topic']).toMatchObject({ hint: { text: texts.forms.valueTooLong } });
    expect(inputs['input:topic']?.element).not.toHaveProperty('initial_value');
  });

  it('with choices begins with one of them, or with none', () => {
    const settings = { inputs: { tone: { choices: ['dry', 'warm'], default: 'warm' } } };
    const toneOf = (known: KnownInputs) => formOf(known, settings).inputs['input:tone']?.element;
    expect(toneOf({ names: ['tone'] })).toMatchObject({ initial_option: { value: 'warm' } });
    expect(toneOf({ names: ['tone'], before: { tone: 'cold' } })).not.toHaveProperty('initial_option');
  });
});

it('a crew without inputs is started by a form without fields', () => {
  const { inputs, says } = formOf({ names: [] });
  expect(inputs).toEqual({});
  expect(says).toContain(texts.forms.noInputs);
});
