import { describe, expect, it } from 'vitest';
import { buildChangesBlock, compareTexts, groupChanges } from '../../../src/slack/views/output/changes.ts';
import { convertToMrkdwn, renderPlainText } from '../../../src/slack/views/output/mrkdwn.ts';
import { clean, sanitizeMarkdown } from '../../../src/slack/views/text/escape.ts';
import { readsAsOtherHost } from '../../../src/slack/views/text/link-targets.ts';

const readApart = (text: string) => text.replaceAll('\u200b', '');

it('is not said to be unchanged where only a joiner changed', () => {
  const changes = compareTexts('👩\u200d💻 wrote it', '👩💻 wrote it', renderPlainText);
  expect(JSON.stringify(groupChanges(changes).map(buildChangesBlock))).toContain('u200d');
});

describe('a link', () => {
  it.each([
    ['bank.com', 'https://evil.example/', true],
    ['https://bank.com/pay', 'https://evil.example/', true],
    ['Go to www.bank.com now', 'https://evil.example/', true],
    ['https://bank.com@evil.example', 'https://evil.example/', true],
    ['bаnk.com', 'https://bank.com/', true],
    ['ｂａｎｋ.com', 'https://evil.example/', true],
    ['(bank.com)', 'https://bank.com.evil.example', true],
    ['10.0.0.1', 'https://10.0.0.2/', true],
    ['http://intranet', 'http://other/', true],
    ['ana@bank.com', 'mailto:ana@evil.example', true],
    ['bank.com', '/pay', true],
    ['bank.com', 'https://bank.com/pay', false],
    ['www.bank.com', 'https://bank.com', false],
    ['https://bank.com/report.pdf', 'https://bank.com/report.pdf', false],
    ['bücher.example', 'https://xn--bcher-kva.example', false],
    ['the report, version 1.2', 'https://evil.example/', false],
    ['Read more', 'https://evil.example/', false],
  ])('%j to %s reads as another host: %s', (label, target, other) => {
    expect(readsAsOtherHost(label, target)).toBe(other);
  });

  it.each([
    '[bank.com](https://evil.example/a)',
    '[**bank.com**](https://evil.example/a)',
    '[bank\\.com](<https://evil.example/a>)',
    '![bank.com](https://evil.example/a)',
    '[`bank.com`](https://evil.example/a "bank.com")',
    '[[bank.com]](https://evil.example/a)',
    '[[[bank.com]]](https://evil.example/a)',
    '[bank.com][1]\n\n[1]: https://evil.example/a',
    '> - [bank.com](https://evil.example/a)',
  ])('shows its target where its text reads as another host: %s', (markdown) => {
    for (const shown of [sanitizeMarkdown(markdown), convertToMrkdwn(markdown), renderPlainText(markdown)]) {
      expect(readApart(shown)).toContain('https://evil.example/a');
      expect(shown).not.toMatch(/<https:\/\/evil\.example\/a\|[^>]*bank/);
      // As Markdown, it is no link any more whose text is another host.
      expect(shown).not.toMatch(/bank[^\n]*\]\(/);
    }
  });

  it('keeps its title, and a fence the words after its marks', () => {
    const markdown =
      '[a](https://e.com "pay Ben") ![b](https://e.com/i (too))\n\n> ```approve all\n> x\n> ```';
    for (const shown of [sanitizeMarkdown(markdown), convertToMrkdwn(markdown), renderPlainText(markdown)]) {
      expect(shown).toContain('(pay Ben)');
      expect(shown).toContain('(too)');
      expect(shown).toMatch(/approve all\n/);
      expect(shown).not.toContain('```approve');
    }
  });

  it.each([
    ['https://bаnk.com/a', 'https://xn--bnk-6cd.com/a'],
    ['see HTTPS://bücher.example:8080/ü, then', 'see HTTPS://xn--bcher-kva.example:8080/ü, then'],
    ['https://ana@bаnk.com', 'https://ana@xn--bnk-6cd.com'],
    ['https://example.com。请看', 'https://example.com。请看'],
    ['конец.Начало', 'конец.Начало'],
  ])('shows a host in its ASCII form: %s', (text, shown) => {
    expect(clean(text)).toBe(shown);
    expect(sanitizeMarkdown(text)).toBe(shown);
    expect(renderPlainText(text)).toBe(shown);
  });

  it('shows a host in its ASCII form where an entity writes its letters', () => {
    expect(convertToMrkdwn('[a](https://b&#1072;nk.com)')).toBe('<https://xn--bnk-6cd.com|a>');
  });
});
