import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertToMrkdwn } from '../../../src/slack/views/output/mrkdwn.ts';
import { alignTables } from '../../../src/slack/views/output/tables.ts';
import { spoken } from '../../support/spoken.ts';
import { hostileText } from '../hostile.ts';

const lines = (...all: string[]) => all.join('\n');

describe('a Markdown table where Slack shows none', () => {
  it('stands in columns, as wide as what they hold', () => {
    const rows = ['| Germany | **18 %** | 205 € |', '| 日本 | 3 % |'];
    const table = lines('Shares:', '', '| Market | Share | Price |', '|---|:-:|--:|', ...rows, '', 'Done.');
    const columns = [
      '| Market  | Share | Price |',
      '| ------- | ----- | ----- |',
      '| Germany | 18 %  | 205 € |',
      '| 日本    | 3 %   |       |',
    ];
    expect(alignTables(table)).toBe(lines('Shares:', '', '```', ...columns, '```', '', 'Done.'));
    expect(convertToMrkdwn(spoken(), table)).toContain('```\n| Market  | Share | Price |');
  });

  it.each([
    ['bars without a line of dashes', 'a | b\nc | d'],
    ['dashes that do not fit the head', '| a | b |\n|---|\n| 1 | 2 |'],
    ['a table in a fence', '```\n| a | b |\n|---|---|\n| 1 | 2 |\n```'],
    ['a head without rows', '| a | b |\n|---|---|'],
    ['more than a block holds', `| a | b |\n|---|---|\n| ${'word '.repeat(600)} | 2 |`],
  ])('stays as it is written: %s', (_, text) => {
    expect(alignTables(text)).toBe(text);
  });

  it('is a list of what each row holds where that is too wide for columns', () => {
    const wide = `We look at every payment above 10,000 € *twice* | and call the customer back${', too'.repeat(4)}`;
    const fraud = `| **Fraud** | 1 | ${wide.replace('|', '\\|')} | \`\`\` |`;
    const head = ['| Risk | `id` | What we do | |', '|---|---|---|---|'];
    const table = lines('Risks:', ...head, fraud, '| Late |', 'End');
    const first = ['**Risk:** **Fraud**', '`id`: 1', `**What we do:** ${wide}`, '\u200b`\u200b`\u200b`'];
    const second = ['**Risk:** Late', '`id`: –', '**What we do:** –'];
    expect(alignTables(table)).toBe(lines('Risks:', '', ...first, '', ...second, 'End'));
    const shown = convertToMrkdwn(spoken(), table).replaceAll('\u200b', '');
    expect(shown).toContain('*Risk:* *Fraud*\n`id`: 1\n*What we do:* We look');
  });

  it('lets no cell of a column without a name begin a block', () => {
    const wide = 'word '.repeat(25);
    const table = ['~~~', '# x', '> x'].map((cell) => `| ${wide} | ${cell} |`).join('\n');
    const made = convertToMrkdwn(spoken(), `| A | |\n|---|---|\n${table}\n\n**End**`).replaceAll(
      '\u200b',
      '',
    );
    expect(made).toContain('*End*');
    expect(made).not.toContain('```');
    expect(made).toContain('# x');
  });

  it('takes no mark out of a name', () => {
    const table =
      '| Name | Value |\n|---|---|\n| AIRFLOW__CORE__DAGS | `x**2**y` |\n| __init__ | a **b** ~~c~~ |';
    const made = alignTables(table);
    for (const kept of ['AIRFLOW__CORE__DAGS', '__init__', 'a **b** ~~c~~']) expect(made).toContain(kept);
    expect(alignTables('| **Name** |a|\n|---|---|\n| `x` |b|')).toContain('| Name | a |');
  });

  it.each(['## Next | part', '- item | x', '1. item | x', '> quote | x', '```'])(
    'ends where another block begins: %s',
    (next) => {
      const made = alignTables(`| a | b |\n|---|---|\n| 1 | 2 |\n${next}`);
      expect(made).toBe(`\`\`\`\n| a | b |\n| - | - |\n| 1 | 2 |\n\`\`\`\n${next}`);
    },
  );

  it.each([
    [36, true],
    [37, false],
  ])('stands in columns as far as a phone is wide: a cell of %i characters', (length, isGrid) => {
    const made = alignTables(`| a |\n|---|\n| ${'x'.repeat(length)} |`);
    expect(made.includes('```')).toBe(isGrid);
  });

  it('shows nothing that nobody wrote between a list and a table', () => {
    const made = convertToMrkdwn(spoken(), '- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd');
    expect(made).toBe('•   one\n•   two\n\n```\n| a | b |\n| - | - |\n| 1 | 2 |\n```\nEnd');
  });

  it('shows a bar that is text, and ends no fence of its own', () => {
    const made = alignTables('| a | b |\n|---|---|\n| x \\| y | ```` |');
    expect(made).toContain('| x | y |');
    expect(made.match(/^```/gm)).toHaveLength(2);
    expect(made).not.toContain('````');
  });

  it('keeps every letter and number, whatever it is made of', () => {
    const cell = fc.oneof(hostileText, fc.constantFrom('', '1', '**2**', '`c`', 'x \\| y'));
    const row = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => `| ${cells.join(' | ')} |`);
    const text = fc
      .tuple(hostileText, row, fc.integer({ min: 1, max: 4 }), fc.array(row), hostileText)
      .map(([before, head, columns, rows, after]) =>
        lines(before, head, `|${'---|'.repeat(columns)}`, ...rows, after),
      );
    const count = (value: string) => {
      const counted = new Map<string, number>();
      for (const letter of value.match(/[\p{L}\p{N}]/gu) ?? [])
        counted.set(letter, (counted.get(letter) ?? 0) + 1);
      return counted;
    };
    fc.assert(
      fc.property(text, (value) => {
        // A row in a list has the columns' names again.
        const made = count(alignTables(value));
        expect([...count(value)].filter(([letter, times]) => (made.get(letter) ?? 0) < times)).toEqual([]);
      }),
    );
  });
});
