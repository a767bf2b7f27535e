import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOutput } from '../../../src/approval/model/output.ts';
import { drawOutputModal } from '../../../src/sandbox/gallery/modals.ts';
import { messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { buildRevisionModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import { buildBeginning } from '../../../src/slack/views/output/mrkdwn.ts';
import {
  buildOutputBlocks,
  RESULT_MAX,
  renderMarkdown,
  renderPlain,
} from '../../../src/slack/views/output/output-blocks.ts';
import { buildOutputFile } from '../../../src/slack/views/output/output-files.ts';
import { jsonText } from '../../support/json-text.ts';
import { approval, round } from '../records.ts';

const of = approval([round(), round({ number: 2 })]);
const said = (content: unknown) => JSON.stringify(content);
const LITERALS = ['12345678901234567890', '1e400', '-0', '0.1000000000000000055', '1.0', '1E+16'];

describe('numbers that no double holds', () => {
  it('stand in the JSON as it was sent, in every form of a card, in a result, a modal, a file and an inbox', () => {
    const members = LITERALS.map((literal, n) => `"k${n}":${literal}`).join(',');
    const json = `{${members}, "note": "a","note":"b"}`;
    const output = readOutput(json);
    const written = JSON.stringify(json).slice(1, -1);
    for (const form of ['full', 'plain', 'bare'] as const)
      expect(said(buildOutputBlocks(output, form).blocks)).toContain(written);
    expect(said(buildOutputBlocks(output, 'full', RESULT_MAX).blocks)).toContain(written);
    expect(said(renderMarkdown(output, 500).shown)).toContain(written);
    expect(said(renderPlain(output, 500).shown)).toContain(written);
    expect(said(drawOutputModal(of, { round: 1 }, output, { what: 'output', page: 0 }))).toContain(written);
    expect(said(buildRevisionModal(of, { round: 1 }, output))).toContain(written);
    expect(said(buildBeginning(output, { shown: 500, written: 500 }).blocks)).toContain(written);
    expect(said(buildOutputFile(of, round(), output))).toContain(written);
  });

  it('stand in lines, in a table and in indented JSON, each as it was written', () => {
    const members = LITERALS.map((literal, n) => `"k${n}":${literal}`).join(',');
    const shapes = [`{${members}}`, `[{${members}},{"k0":null}]`, `{"nested":{${members}}}`];
    for (const output of shapes.map((json) => readOutput(json))) {
      const shown = said(buildOutputBlocks(output, 'full', RESULT_MAX).blocks);
      for (const literal of LITERALS) expect(shown).toContain(literal);
    }
  });

  it('are all that is told to have changed when only their last digits did', () => {
    const json = (last: string) =>
      `{"order":{"id":12345678901234567${last},"limit":1e400},"note":"a","note":"b"}`;
    const both = { before: readOutput(json('890')), after: readOutput(json('999')) };
    const [removed, added] = ['890', '999'].map((last) => `12345678901234567${last}`);
    const styled = said(buildChangesModal(of, { round: 2 }, both, 0)).match(/\{[^{}]*"style":\{[^{}]*\}\}/g);
    expect(styled).toEqual([
      `{"type":"text","text":"${removed}","style":{"strike":true}}`,
      `{"type":"text","text":"${added}","style":{"bold":true}}`,
    ]);
    const rounded = { before: readOutput(json('000')), after: both.after };
    expect(said(buildChangesModal(of, { round: 2 }, rounded, 0))).toContain('12345678901234567000');
  });

  it('are shown whatever else is in the JSON, in a message that Slack takes', () => {
    fc.assert(
      fc.property(jsonText, ({ text }) => {
        const value: unknown = JSON.parse(text);
        if (value === null || typeof value === 'string') return;
        const output = readOutput(value, text);
        expect(() => messageBlocks(buildOutputBlocks(output, 'full').blocks)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
