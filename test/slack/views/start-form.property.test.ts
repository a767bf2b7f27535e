import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Crew, InputSettings } from '../../../src/approval/model/crew/crew.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import type { StartDraft } from '../../../src/slack/app/button-values.ts';
import { readDraft } from '../../../src/slack/app/button-values.ts';
import { inputBlock } from '../../../src/slack/app/ids.ts';
import { readInputs } from '../../../src/slack/listeners/read-inputs.ts';
import {
  buildCrewChoice,
  buildLoadingForm,
  buildStartForm,
  type KnownInputs,
} from '../../../src/slack/views/runs/start-form.ts';
import { startable } from '../../approval/kickoffs/records.ts';
import { hostileText } from '../../support/fuzz/values.ts';

const draft: StartDraft = { id: '00000000-0000-4000-8000-000000000001', crew: 'press', channel: 'C1' };

/** What stands between braces in prompts: names, and all that looks like one. */
const inputName = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z_]{0,20}$/) },
  { weight: 2, arbitrary: hostileText.map((text) => text.slice(0, 400)) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '"a": 1', 'constructor', '__proto__', 'id', 'a b', '\n') },
);
const names = fc.oneof(
  fc.uniqueArray(fc.stringMatching(/^[A-Za-z_漢][\w-]{0,199}$/), { maxLength: 95 }),
  fc.uniqueArray(inputName, { maxLength: 200 }),
);
const preset = fc.oneof(
  hostileText.map((text) => text.slice(0, 3_000)),
  fc.constantFrom('x'.repeat(3_000), '漢'.repeat(3_000), '"\n'.repeat(1_500), '😀'.repeat(1_500)),
);
/** Settings as the crews file allows them. */
const settings: fc.Arbitrary<InputSettings> = fc.oneof(
  fc.record(
    { label: fc.string({ minLength: 1, maxLength: 150 }), default: preset, multiline: fc.boolean() },
    { requiredKeys: [] },
  ),
  fc
    .uniqueArray(fc.stringMatching(/^[a-z漢]{1,75}$/), { minLength: 1, maxLength: 100 })
    .map((choices) => ({ choices, default: choices[0] })),
);

interface Case {
  crew: Crew;
  known: KnownInputs;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    named: fc.option(names, { nil: undefined }),
    all: fc.array(settings, { minLength: 1, maxLength: 5 }),
    starts: fc.constantFrom('crew' as const, 'flow' as const),
    before: fc.option(fc.dictionary(inputName, fc.oneof(preset, fc.jsonValue())), { nil: undefined }),
    isAgain: fc.boolean(),
    required: fc.constantFrom('unsaid' as const, 'none' as const, 'some' as const),
  })
  .map(({ named, all, starts, before, isAgain, required }) => ({
    crew: {
      ...startable,
      starts,
      inputs: Object.fromEntries((named ?? []).map((name, n) => [name, all[n % all.length] ?? {}])),
    },
    known: {
      names: named,
      ...(required === 'unsaid' ? {} : { required: required === 'none' ? [] : named?.slice(0, 3) }),
      ...(isAgain ? { before, missing: named?.slice(0, 2) } : {}),
    },
  }));

describe('the form to start a run', () => {
  test('is one that Slack takes, whatever the inputs are called and begin with', () => {
    fc.assert(
      fc.property(cases, ({ crew, known }) => {
        const asFields = buildStartForm(crew, draft, known);
        const isTooLarge = Buffer.byteLength(JSON.stringify(asFields)) > 250_000;
        const view = isTooLarge ? buildStartForm(crew, draft, known, { asJson: true }) : asFields;
        checkedView(view, 'modal');
        expect(readDraft(view.private_metadata ?? '')).toEqual(draft);
      }),
      { numRuns: 500 },
    );
  });

  test('is one that Slack takes as JSON, whatever the fields would begin with and offer', () => {
    const named = Array.from({ length: 95 }, (_, n) => `input_${n}`);
    const choices = Array.from({ length: 100 }, (_, n) => `choice ${n} ${'x'.repeat(60)}`);
    const inputs = Object.fromEntries(named.map((name) => [name, { choices, default: '漢'.repeat(3_000) }]));
    const before = Object.fromEntries(named.map((name) => [name, 'x'.repeat(3_000)]));
    for (const known of [{ names: named }, { names: named, before }])
      checkedView(buildStartForm({ ...startable, inputs }, draft, known, { asJson: true }), 'modal');
  });

  test('has one field per input, which gives the input back as it was typed', () => {
    const typed = fc.dictionary(fc.stringMatching(/^[A-Za-z_][\w-]{0,199}$/), fc.stringMatching(/\S/), {
      minKeys: 1,
      maxKeys: 95,
    });
    fc.assert(
      fc.property(typed, (inputs) => {
        const named = Object.keys(inputs);
        const view = checkedView(buildStartForm(startable, draft, { names: named }), 'modal');
        const blocks = view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id);
        expect(blocks).toEqual(named.map(inputBlock));
        const values = Object.fromEntries(
          named.map((name) => [
            inputBlock(name),
            { input: { type: 'plain_text_input', value: inputs[name] } },
          ]),
        );
        const read = readInputs({ state: { values } } as unknown as Parameters<typeof readInputs>[0], false);
        expect(read).toEqual({ inputs });
      }),
      { numRuns: 200 },
    );
  });
});

test('the choice of a crew and the form before its fields are ones that Slack takes', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[\w.-]{1,64}$/), { minLength: 1, maxLength: 150 }),
      (all) => {
        const crews = all.map((name) => ({ ...startable, name }));
        checkedView(buildCrewChoice(crews, draft), 'modal');
        checkedView(buildLoadingForm(crews[0] as Crew, draft), 'modal');
      },
    ),
    { numRuns: 100 },
  );
});
