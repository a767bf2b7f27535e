import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Crew, InputSettings } from '../../../src/approval/model/crew/crew.ts';
import type { Inbox } from '../../../src/approval/queries/inbox.ts';
import { readDraft } from '../../../src/features/starts/draft.ts';
import { CREW, INPUTS_JSON, inputBlock } from '../../../src/features/starts/ids.ts';
import { readInputs } from '../../../src/features/starts/read-inputs.ts';
import { startsTexts } from '../../../src/features/starts/texts.ts';
import {
  buildCrewChoice,
  buildLoadingForm,
  buildStartForm,
  type KnownInputs,
} from '../../../src/features/starts/views/start-form.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { readLanguage } from '../../../src/slack/app/button-values.ts';
import { startable } from '../../approval/starts/records.ts';
import { listGalleryParts } from '../../gallery/parts.ts';
import { homeOf } from '../../slack/views/draw.ts';
import { hostileText } from '../../support/fuzz/values.ts';
import { spoken } from '../../support/spoken.ts';

const draft = { id: '00000000-0000-4000-8000-000000000001', crew: 'press', channel: 'C1' };

/** The input blocks of the form by their ids, their elements by the names of the inputs, and all that it says. */
function formOf(known: KnownInputs, crew: Partial<Crew> = {}) {
  const { blocks } = checkedView(buildStartForm(spoken(), { ...startable, ...crew }, draft, known), 'modal');
  const inputs = blocks.filter(({ type }) => type === 'input');
  return {
    ids: inputs.map(({ block_id }) => block_id),
    inputs: Object.fromEntries(inputs.map((one) => [one.block_id, one])),
    elements: Object.fromEntries(inputs.map((one) => [`${one.block_id}`.slice(6), one.element as object])),
    says: JSON.stringify(blocks),
  };
}

describe('inputs as JSON', () => {
  const NAMES = 'Inputs of this crew: ';

  it.each<[string, KnownInputs['names'], string]>([
    ['CrewAI could not be reached', 'not_reached', "CrewAI couldn't be reached"],
    ['CrewAI did not say which there are', undefined, startsTexts(spoken()).inputsUnknown],
    ['there are more than a form takes', Array.from({ length: 96 }, (_, n) => `input_${n}`), NAMES],
    ['a name is longer than Slack accepts', ['topic', 'x'.repeat(201)], NAMES],
    ['one has no name', ['topic', ' '], NAMES],
    ['a name has a character that Slack does not accept', ['topic', 'a\0b'], NAMES],
  ])('are asked for where %s', (_, names, sentence) => {
    const { ids, says } = formOf({ names });
    expect(ids).toEqual(['inputs_json']);
    expect(says).toContain(sentence);
    if (names === 'not_reached') expect(says).not.toContain('did not say');
  });

  it('are asked for where a Flow could not be reached, or does not say which it needs', () => {
    const unreached = formOf({ names: 'not_reached' }, { starts: 'flow' });
    expect(unreached.says).toContain("CrewAI couldn't be reached");
    const { ids, says } = formOf({ names: ['id', 'topic'] }, { starts: 'flow' });
    expect([unreached.ids, ids]).toEqual([['inputs_json'], ['inputs_json']]);
    expect(says).toContain("Fields of the Flow's state: topic.");
  });

  it('begin with the defaults, or with what was given before', () => {
    const settings = { inputs: { topic: { default: 'spring' }, tone: {} }, starts: 'flow' } as const;
    const jsonOf = (known: KnownInputs) =>
      JSON.parse((formOf(known, settings).elements._json as { initial_value: string }).initial_value);
    expect(jsonOf({ names: ['topic'] })).toEqual({ topic: 'spring' });
    expect(jsonOf({ names: ['topic'], before: { count: 3 } })).toEqual({ count: 3 });
  });

  it('are named as far as they fit, cut nowhere inside an escape, with those that are optional', () => {
    const { says } = formOf({ names: Array.from({ length: 200 }, (_, n) => `<&>${n}`) });
    expect(says).toContain('&lt;&amp;&gt;0, &lt;&amp;&gt;1');
    expect(says).not.toMatch(/&(?!amp;|lt;|gt;)/);
    const optional = formOf({ names: ['topic', 'a\0b'], required: ['topic'] });
    expect(optional.says).toMatch(/Inputs of this crew: topic, a.{0,7}b \(optional\)/);
  });
});

describe('a field', () => {
  const some = { names: ['topic', 'tone'], required: ['topic'] };
  const settings = { inputs: { topic: { default: 'spring' }, tone: { default: 'dry' } } };

  it('is optional only where CrewAI says so, and did not miss it', () => {
    const { inputs } = formOf(some);
    expect(inputs['input:topic']).not.toHaveProperty('optional');
    expect(inputs['input:tone']).toMatchObject({ optional: true });
    for (const known of [{ names: some.names }, { ...some, missing: ['tone'] }])
      expect(formOf(known).inputs['input:tone']).not.toHaveProperty('optional');
  });

  it('begins with its default, except an optional one that was left out before', () => {
    expect(formOf(some, settings).elements.tone).toMatchObject({ initial_value: 'dry' });
    const again = formOf({ ...some, before: {} }, settings).elements;
    expect(again.tone).not.toHaveProperty('initial_value');
    expect(again.topic).toMatchObject({ initial_value: 'spring' });
  });

  it('begins with what was given before, and says that CrewAI missed it', () => {
    const known = { names: ['topic', 'tone'], before: { topic: 'rain\njackets' }, missing: ['tone'] };
    const { inputs, elements } = formOf(known, settings);
    expect(elements.topic).toMatchObject({ initial_value: 'rain\njackets', multiline: true });
    const element = { initial_value: 'dry', multiline: false };
    expect(inputs['input:tone']).toMatchObject({ hint: { text: 'CrewAI needs this input.' }, element });
  });

  it('is empty and says so when its value is longer than Slack accepts', () => {
    const { inputs, elements } = formOf({ names: ['topic'], before: { topic: 'x'.repeat(3_001) } });
    expect(inputs['input:topic']).toMatchObject({ hint: { text: startsTexts(spoken()).valueTooLong } });
    expect(elements.topic).not.toHaveProperty('initial_value');
  });

  it('with choices begins with one of them, or with none', () => {
    const choices = { inputs: { tone: { choices: ['dry', 'warm'], default: 'warm' } } };
    const names = ['tone'];
    expect(formOf({ names }, choices).elements.tone).toMatchObject({ initial_option: { value: 'warm' } });
    const cold = formOf({ names, before: { tone: 'cold' } }, choices).elements.tone;
    expect(cold).not.toHaveProperty('initial_option');
  });

  it('can be called like a member of every object', () => {
    const names = ['constructor', '__proto__', 'toString'];
    const { elements } = formOf({ names, before: { constructor: 'x' } });
    expect(elements.constructor).toMatchObject({ initial_value: 'x' });
    expect(elements.toString).not.toHaveProperty('initial_value');
  });

  it('of a Flow is there for each input except the id, and begins with lists and numbers, too', () => {
    const known = { names: ['id', 'topic', 'tags'], required: ['topic'] };
    const before = { topic: 7, tags: ['a', { b: 1 }] };
    const { ids, inputs, elements, says } = formOf({ ...known, before }, { starts: 'flow' });
    expect(ids).toEqual(['input:topic', 'input:tags']);
    expect(inputs['input:tags']).toMatchObject({ optional: true });
    expect(says).toContain(startsTexts(spoken()).writeJson);
    expect(elements.topic).toMatchObject({ initial_value: '7' });
    expect(elements.tags).toMatchObject({ initial_value: '["a",{"b":1}]' });
  });

  it('is not there for a crew without inputs', () => {
    const { ids, says } = formOf({ names: [] });
    expect(ids).toEqual([]);
    expect(says).toContain(startsTexts(spoken()).noInputs);
  });
});

describe('a form that Slack accepts', () => {
  /** What stands between braces in prompts: names, and all that looks like one. */
  const inputName = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z_]{0,20}$/) },
    { weight: 2, arbitrary: hostileText.map((text) => text.slice(0, 400)) },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '"a": 1', 'constructor', '__proto__', 'id', '\n') },
  );
  const names = fc.oneof(
    fc.uniqueArray(fc.stringMatching(/^[A-Za-z_漢][\w-]{0,199}$/), { maxLength: 95 }),
    fc.uniqueArray(inputName, { maxLength: 200 }),
  );
  const preset = fc.oneof(
    hostileText.map((text) => text.slice(0, 3_000)),
    fc.constantFrom('x'.repeat(3_000), '漢'.repeat(3_000), '"\n'.repeat(1_500), '😀'.repeat(1_500)),
  );
  const choices = fc.uniqueArray(fc.stringMatching(/^[a-z漢]{1,75}$/), { minLength: 1, maxLength: 100 });
  const label = fc.string({ minLength: 1, maxLength: 150 });
  /** As the crews file allows them. */
  const settings: fc.Arbitrary<InputSettings> = fc.oneof(
    fc.record({ label, default: preset, multiline: fc.boolean() }, { requiredKeys: [] }),
    choices.map((all) => ({ choices: all, default: all[0] })),
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

  const anyCrew = fc
    .record({
      named: maybe(names),
      all: fc.array(settings, { minLength: 1, maxLength: 5 }),
      starts: fc.constantFrom('crew' as const, 'flow' as const),
      before: maybe(fc.dictionary(inputName, fc.oneof(preset, fc.jsonValue()))),
      isAgain: fc.boolean(),
      required: fc.constantFrom<0 | 3 | undefined>(undefined, 0, 3),
    })
    .map(({ named, all, starts, before, isAgain, required }) => {
      const inputs = Object.fromEntries((named ?? []).map((name, n) => [name, all[n % all.length] ?? {}]));
      const known: KnownInputs = {
        names: named,
        ...(required === undefined ? {} : { required: named?.slice(0, required) ?? [] }),
        ...(isAgain ? { before, missing: named?.slice(0, 2) } : {}),
      };
      return { crew: { ...startable, starts, inputs }, known };
    });

  it('is built whatever the inputs are called and begin with', () => {
    fc.assert(
      fc.property(anyCrew, ({ crew, known }) => {
        const asFields = buildStartForm(spoken(), crew, draft, known);
        const isTooLarge = Buffer.byteLength(JSON.stringify(asFields)) > 250_000;
        const view = isTooLarge ? buildStartForm(spoken(), crew, draft, known, { asJson: true }) : asFields;
        checkedView(view, 'modal');
        expect(readDraft(readLanguage(view.private_metadata ?? '').metadata)).toEqual(draft);
      }),
      { numRuns: 500 },
    );
  });

  it('is built as JSON whatever its fields would begin with and offer', () => {
    const named = Array.from({ length: 95 }, (_, n) => `input_${n}`);
    const each = (value: unknown) => Object.fromEntries(named.map((name) => [name, value]));
    const all = Array.from({ length: 100 }, (_, n) => `choice ${n} ${'x'.repeat(60)}`);
    const crew = { ...startable, inputs: each({ choices: all, default: '漢'.repeat(3_000) }) } as Crew;
    for (const known of [{ names: named }, { names: named, before: each('x'.repeat(3_000)) }])
      checkedView(buildStartForm(spoken(), crew, draft, known, { asJson: true }), 'modal');
  });

  it('has one field per input, which gives the input back as it was typed', () => {
    const name = fc.stringMatching(/^[A-Za-z_][\w-]{0,199}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.stringMatching(/\S/), { minKeys: 1, maxKeys: 95 }), (inputs) => {
        const named = Object.keys(inputs);
        expect(formOf({ names: named }).ids).toEqual(named.map(inputBlock));
        const field = (value: unknown) => ({ input: { type: 'plain_text_input', value } });
        const values = Object.fromEntries(named.map((one) => [inputBlock(one), field(inputs[one])]));
        expect(readInputs(spoken(), { state: { values } } as never, false)).toEqual({ inputs });
      }),
      { numRuns: 200 },
    );
  });

  it('is the choice of a crew, and the form before its fields', () => {
    const name = fc.stringMatching(/^[\w.-]{1,64}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 150 }), (all) => {
        const crews = all.map((one) => ({ ...startable, name: one }));
        checkedView(buildCrewChoice(spoken(), crews, draft), 'modal');
        checkedView(buildLoadingForm(spoken(), crews[0] as Crew, draft), 'modal');
      }),
    );
  });
});

it('is offered on Home only to a person who can start a crew', () => {
  const offers = (inbox: Partial<Inbox>) => JSON.stringify(homeOf(inbox)).match(/"action_id":"start_crew"/g);
  expect([offers({ starts: true })?.length, offers({})]).toEqual([1, null]);
});

it('the gallery has its fields', () => {
  const sent = JSON.stringify(listGalleryParts());
  for (const { block } of [CREW, INPUTS_JSON]) expect(sent).toContain(`"block_id":"${block}"`);
});
