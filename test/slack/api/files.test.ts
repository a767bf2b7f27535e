import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOutput } from '../../../src/approval/model/output.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import { buildOutputFile } from '../../../src/slack/views/output/output-files.ts';
import { LIVE } from '../hostile.ts';
import { approval, round, someApproval, someOutput, text } from '../records.ts';

const of = approval([round(), round({ number: 2 })], { task: 'draft: the release' });
const second = round({ number: 2 });

describe('a whole output as a file', () => {
  it('is Markdown or JSON by its name, named by its task and round', () => {
    expect(buildOutputFile(of, second, text('# Hello'))).toEqual({
      filename: 'draft-the-release-round-2.md',
      title: 'draft: the release, round 2',
      content: '# Hello',
    });
    const json = buildOutputFile(of, second, readOutput({ a: 1 }));
    expect(json).toMatchObject({ filename: 'draft-the-release-round-2.json', content: '{\n  "a": 1\n}' });
  });

  it('has a name and a title that fit and call nobody, and is never empty, whatever its task is', () => {
    fc.assert(
      fc.property(someApproval, someOutput, (any, output) => {
        const { filename, title, content } = buildOutputFile(any, round(), output);
        expect(filename).toMatch(/^[\p{L}\p{N}_-]{1,60}-round-1\.(?:md|json)$/u);
        expect(title.length).toBeLessThanOrEqual(170);
        expect(title).not.toMatch(LIVE);
        for (const made of [filename, title, content]) expect(made.isWellFormed()).toBe(true);
        expect(content).not.toBe('');
      }),
    );
    const astral = buildOutputFile(approval([round()], { task: `a${'𝒜'.repeat(80)}` }), round(), text(' '));
    expect(astral.filename.isWellFormed()).toBe(true);
  });
});

describe('what changed', () => {
  it('never runs a word into the one that replaces it', () => {
    const modal = JSON.stringify(
      buildChangesModal(
        of,
        { round: second.number },
        { before: text('It costs 79 €.'), after: text('It costs 69 €.') },
        0,
      ),
    );
    const [removed, space, added] = [
      '{"type":"text","text":"79","style":{"strike":true}}',
      '{"type":"text","text":" "}',
      '{"type":"text","text":"69","style":{"bold":true}}',
    ];
    expect(modal).toContain([removed, space, added].join(','));
  });
});
