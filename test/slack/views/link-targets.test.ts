import { lexer, walkTokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { buildChangesBlock, compareTexts, groupChanges } from '../../../src/slack/views/output/changes.ts';
import { convertToMrkdwn, renderPlainText } from '../../../src/slack/views/output/mrkdwn.ts';
import { clean, sanitizeMarkdown } from '../../../src/slack/views/text/escape.ts';
import { readsAsOtherHost } from '../../../src/slack/views/text/link-targets.ts';
import { spoken } from '../../support/spoken.ts';

const readApart = (text: string) => text.replaceAll('\u200b', '');

it('shows words and emoji whole where a part of them changed', () => {
  const draw = (before: string, after: string) =>
    JSON.stringify(
      groupChanges(compareTexts(before, after, renderPlainText)).map((group) =>
        buildChangesBlock(spoken(), group),
      ),
    );
  for (const [before, after] of [
    ['👩\u200d💻 wrote it today', '👩💻 wrote it today'],
    ['👩\u200d💻 wrote it today', '👩\u200d🔬 wrote it today'],
    ['❤\ufe0f and 1\ufe0f\u20e3 for it', '⭐\ufe0f and 2\ufe0f\u20e3 for it'],
    ['این را می\u200cخواهم امروز', 'این را می\u200cگویم امروز'],
  ] as const) {
    expect(draw(before, after)).not.toMatch(/\\\\u/);
    expect(draw(before, after)).toContain('"strike":true');
  }
});

describe('a link', () => {
  it.each([
    ['bank.com', 'https://evil.example/', true],
    ['bank·com', 'https://evil.example/', true],
    ['localhost:3000', 'https://evil.example/', true],
    ['localhost:3000', 'http://localhost:3000/', false],
    ['Monday 10:30', 'https://a.example/', false],
    ['https://bank.com/pay', 'https://evil.example/', true],
    ['Go to www.bank.com now', 'https://evil.example/', true],
    ['https://bank.com@evil.example', 'https://evil.example/', true],
    ['bаnk.com', 'https://bank.com/', true],
    ['ｂａｎｋ.com', 'https://evil.example/', true],
    ['(bank.com)', 'https://bank.com.evil.example', true],
    ['10.0.0.1', 'https://10.0.0.2/', true],
    ['http://intranet', 'http://other/', true],
    ['ana@bank.com', 'mailto:ana@evil.example', true],
    ['ana@bank.com', 'mailto:ana@Bank.com?subject=bank.com', false],
    ['bank.com', 'mailto:bank.com@evil.example', true],
    ['report.zip', 'https://evil.example/', true],
    ['report.mov', 'https://evil.example/', true],
    ['report.zip', 'https://report.zip/', false],
    ['notes.md', 'https://evil.example/', true],
    ['bank.com', '/pay', true],
    ['bank.com', 'https://bank.com/pay', false],
    ['www.bank.com', 'https://bank.com', false],
    ['https://bank.com/report.pdf', 'https://bank.com/report.pdf', false],
    ['bücher.example', 'https://xn--bcher-kva.example', true],
    ['view/www.bank.com', 'https://evil.example', true],
    ['https:/bank.com/login', 'https://evil.example', true],
    ['a\\bank.com', 'https://evil.example', true],
    ['Node.js', 'https://nodejs.org', false],
    ['report.pdf', 'https://drive.example/x', false],
    ['v2.0.1', 'https://e.com/x', false],
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
    '[see [bank.com](https://evil.example/a) now](https://other.example)',
    '[bank.com](https://bank.com\\@evil.example/a) https://evil.example/a',
    '[bank&#46;com](https://evil.example/a)',
    '[bank.com `[`](https://evil.example/a)',
    '[bank.com <b title="[">](https://evil.example/a)',
    '[bank~~.~~com](https://evil.example/a)',
    '[l\n\n[bank.com]: https://evil.example/a "t"\n\nm](https://l.example)\n\n[bank.com]',
  ])('shows its target where its text reads as another host: %s', (markdown) => {
    for (const shown of [
      sanitizeMarkdown(markdown),
      convertToMrkdwn(spoken(), markdown),
      renderPlainText(markdown),
    ]) {
      expect(readApart(shown)).toContain('https://evil.example/a');
      expect(shown).not.toMatch(/<https:\/\/evil\.example\/a\|[^>]*bank/);
    }
    // As Markdown, it is no link any more whose text is another host.
    expect(sanitizeMarkdown(markdown)).not.toMatch(/bank[^\n]*\]\(/);
  });

  it.each([
    '[bank.com]\n\n[bank.com]: https://evil.example/a',
    '[bank.com][]\n\n[bank.com]: <https://evil.example/a> "t"',
    '[bank.com][1]\n\n[1]: https://evil.example/a',
    '![bank.com]\n\n[bank.com]: https://evil.example/a',
    '> [bank.com]\n>\n> [bank.com]: https://evil.example/a',
    '- [bank.com]\n\n  1. [bank.com]: https://evil.example/a',
    '[bank.com]\n\n[bank\\.com]: https://evil.example/a',
    '[bank.com]\n\n[bank.com]:\nhttps://evil.example/a',
  ])('by reference is no link for a Markdown reader, and its definition can be read: %s', (markdown) => {
    const kinds = (source: string) => {
      const found: string[] = [];
      walkTokens(lexer(source), ({ type }) => void found.push(type));
      return found.filter((type) => ['link', 'image', 'def'].includes(type));
    };
    const shown = sanitizeMarkdown(markdown);
    // The address stands there as text, which Slack links to itself.
    expect(kinds(shown.replaceAll('https://', ''))).toEqual([]);
    expect(readApart(shown)).toContain('https://evil.example/a');
  });

  it('by reference is broken where its text ends, wherever its definition is', () => {
    expect(sanitizeMarkdown('[bank.com][1]')).toBe('[bank.com]\u200b[1]');
  });

  it('keeps its title, and a fence the words after its marks', () => {
    const markdown =
      '[a](https://e.com "pay Ben") ![b](https://e.com/i (too))\n\n> ```approve all\n> x\n> ```';
    for (const shown of [
      sanitizeMarkdown(markdown),
      convertToMrkdwn(spoken(), markdown),
      renderPlainText(markdown),
    ]) {
      expect(shown).toContain('(pay Ben)');
      expect(shown).toContain('(too)');
      expect(readApart(shown)).toMatch(/^(?:> )?approve all$/m);
    }
  });

  it.each([
    '- ```\ntext\n``` pay 5000 to Mallory\ncode\n```',
    '> ```\n``` pay 5000 to Mallory\ncode\n```',
    '    ```\n\n``` pay 5000 to Mallory\ncode',
    '<pre>\n```\n</pre>\n\n``` pay 5000 to Mallory\ncode',
    '<!--\n```\n-->\n``` pay 5000 to Mallory\ncode',
    '~~~ pay 5000 to Mallory\ncode\n~~~',
  ])('nowhere loses the words after the marks of a fence: %s', (markdown) => {
    expect(readApart(sanitizeMarkdown(markdown))).toMatch(/^[ >-]*pay 5000 to Mallory$/m);
    for (const shown of [convertToMrkdwn(spoken(), markdown), renderPlainText(markdown)])
      expect(readApart(shown)).toContain('pay 5000 to Mallory');
  });

  it('leaves ordinary links and code as they are', () => {
    for (const markdown of [
      '[the report](https://example.com/a?b=1&c=2), [Q&A](https://example.com/q)',
      '```\n[README.md](docs/README.md)\nf[a]: int\n```',
    ])
      expect(readApart(sanitizeMarkdown(markdown))).toBe(markdown);
    expect(sanitizeMarkdown('f[a]: int')).toBe('f[a]: int');
  });

  it('shows the target of a link without a text that can be seen', () => {
    for (const markdown of ['[ ](https://e.com/a)', '[\u3000](https://e.com/a)', '![ ](https://e.com/a)']) {
      expect(sanitizeMarkdown(`Done. ${markdown}`)).toContain('(https://e.com/a)');
      expect(convertToMrkdwn(spoken(), `Done. ${markdown}`)).toContain('<https://e.com/a>');
    }
  });

  it.each([
    ['https://bаnk.com/a', 'https://xn--bnk-6cd.com/a'],
    ['see HTTPS://bücher.example:8080/ü, then', 'see HTTPS://xn--bcher-kva.example:8080/ü, then'],
    ['https://ana@bаnk.com', 'https://ana@xn--bnk-6cd.com'],
    ['_https://bаnk.com/_', '_https://xn--bnk-6cd.com/_'],
    ['https://a+b@bаnk.com/', 'https://a+b@xn--bnk-6cd.com/'],
    ['www.bаnk.com', 'www.xn--bnk-6cd.com'],
    ['mailto:a@bаnk.com', 'mailto:a@xn--bnk-6cd.com'],
    ['https://example.com。请看', 'https://example.com。请看'],
    ['конец.Начало', 'конец.Начало'],
  ])('shows a host in its ASCII form: %s', (text, shown) => {
    expect(clean(text)).toBe(shown);
    expect(sanitizeMarkdown(text)).toBe(shown);
    expect(renderPlainText(text)).toContain('xn--'.repeat(Number(shown.includes('xn--'))));
  });

  it('shows a host in its ASCII form where an entity writes its letters', () => {
    expect(convertToMrkdwn(spoken(), '[a](https://b&#1072;nk.com)')).toBe('<https://xn--bnk-6cd.com|a>');
  });
});
