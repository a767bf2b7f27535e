import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideReason, hideSecrets, listUrlSecrets } from '../../../src/approval/model/crew/hide-secrets.ts';

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const escapeUnits = (text: string, units: RegExp) =>
  text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const upper = (text: string) => text.replace(/\\u[\da-f]{4}/g, (unit) => `\\u${unit.slice(2).toUpperCase()}`);
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The ways in which an answer or an exception repeats what it was sent. */
const ECHOES: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['percent-encoded', encodeURIComponent],
  [
    'percent-encoded in lower case',
    (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  ],
  ['as a form field', (secret) => new URLSearchParams({ secret }).toString().slice('secret='.length)],
  ['JSON-escaped', json],
  ['JSON-escaped to ASCII', (secret) => escapeUnits(json(secret), /[^ -~]/g)],
  ['JSON-escaped to ASCII in upper case', (secret) => upper(escapeUnits(json(secret), /[^ -~]/g))],
  ['JSON-escaped for HTML', (secret) => escapeUnits(json(secret), /[<>&]/g)],
  ['in the form NFC', (secret) => secret.normalize('NFC')],
  ['in the form NFD', (secret) => secret.normalize('NFD')],
  ['percent-encoded in the form NFD', (secret) => encodeURIComponent(secret.normalize('NFD'))],
  ['in base64', base64],
  ['in base64 for URLs', (secret) => Buffer.from(secret).toString('base64url')],
  ['after a user name in base64', (secret) => base64(`crew:${secret}`)],
  ['in lines of base64', (secret) => base64(secret).replace(/.{8}(?=.)/g, '$&\n')],
];

const secret = fc.oneof(
  fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' }),
  fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }),
  fc.stringMatching(/^[\w"'\\/+ \n-]{8,40}$/),
);

describe('a secret that CrewAI repeats', () => {
  test.each(ECHOES)('%s is removed', (_, echo) => {
    fc.assert(
      fc.property(secret, (value) => {
        fc.pre(value.isWellFormed() && value.trim().length >= 8);
        const said = hideSecrets({ secrets: [value] }, `<${echo(value)}>`);
        // In a longer text that was encoded, neighbours share a character with the secret.
        expect(said).toMatch(/^<[\w+/-]{0,8}…[\w+/=-]{0,4}>$/);
      }),
    );
  });

  test('is removed whole when secrets overlap', () => {
    const crew = { secrets: ['abcdefgh', 'xabcdefghijkl', 'efghijklmnop'] };
    expect(hideSecrets(crew, 'wrong: xabcdefghijkl')).toBe('wrong: …');
    expect(hideSecrets(crew, 'wrong: abcdefghijklmnop')).toBe('wrong: …');
  });

  test('is removed with its quotes, backslashes and line breaks, also where the text is cut', () => {
    const hidden = 'a "quoted"\\path\nwith lines';
    const crew = { inputs: { note: { hidden } } };
    expect(hideReason(crew, `${'x'.repeat(495)} ${json(hidden)} y`)).toBe(`${'x'.repeat(495)} … y`);
    const long = [...Array(3_000).keys()].join(' ').slice(0, 3_000);
    const cut = long.repeat(7).slice(0, 16_384);
    expect(hideReason({ inputs: { note: { hidden: long } } }, cut)).toBe('…');
  });

  test('is removed among backslashes, in a long text and of any length', () => {
    const key = `-----BEGIN KEY-----\\n${'abcd/+efgh\\n'.repeat(200)}`;
    const crew = { secrets: [key, 'x'.repeat(20_000)], inputs: { pin: { hidden: 'pw\\\\\\xyz' } } };
    const said = `${json(json(key)).slice(0, -40)} ${'\\'.repeat(40_000)} ${'a'.repeat(100_000)} ${json(key)}`;
    expect(hideSecrets(crew, said).endsWith('…')).toBe(true);
  });

  test('is removed as Python percent-encodes it', () => {
    const crew = { inputs: { note: { hidden: "it's/a *pass* (~word)!" } } };
    // quote, quote with safe='', quote_plus
    expect(hideSecrets(crew, '<it%27s/a%20%2Apass%2A%20%28~word%29%21>')).toBe('<…>');
    expect(hideSecrets(crew, '<it%27s%2Fa%20%2Apass%2A%20%28~word%29%21>')).toBe('<…>');
    expect(hideSecrets(crew, '<it%27s%2Fa+%2Apass%2A+%28~word%29%21>')).toBe('<…>');
  });

  test('is removed as .NET escapes it in JSON', () => {
    const crew = { inputs: { note: { hidden: 'a"b\'c\\d+é <1>' } } };
    expect(hideSecrets(crew, '(a\\u0022b\\u0027c\\\\d\\u002B\\u00E9 \\u003C1\\u003E)')).toBe('(…)');
  });

  test('is removed where it repeats itself in a long text', () => {
    const inputs = Object.fromEntries([4, 5, 6, 7].map((length) => [length, { hidden: '0'.repeat(length) }]));
    expect(hideSecrets({ inputs }, `<${'0'.repeat(2 ** 20)}>`)).toBe('<…>');
  });

  test('is removed where it is in base64 among many lines', () => {
    const lines = 'some\ntext\n'.repeat(2 ** 19);
    const said = hideSecrets({ secrets: ['12345678a'] }, `${lines}MTIzNDU2\nNzhh\nend`);
    expect(said === `${lines}…\nend`).toBe(true);
  });

  test('is kept when it is shorter than 8 characters, or 4 for a hidden input', () => {
    const crew = { secrets: ['seven77'], inputs: { one: { hidden: 'abc' }, two: { hidden: 'true' } } };
    expect(hideSecrets(crew, 'seven77, abc and true')).toBe('seven77, abc and …');
  });

  test('is removed without other words or the host of a URL', () => {
    const crew = { secrets: ['a-webhook-secret'] };
    expect(hideSecrets(crew, 'cannot call https://bot.example/webhooks?token=a-webhook-secret now')).toBe(
      'cannot call bot.example/webhooks?… now',
    );
    const reason = 'Execution is not in pending human input state';
    expect(hideSecrets(crew, reason)).toBe(reason);
  });
});

test('the secrets of a URL are its user, its password, the values of its query and long parts of its path', () => {
  const url =
    'https://user-name:pass%20word@hooks.example/short/0123456789abcdefghijk?token=a%2Bsecret+1&n=1';
  expect(new Set(listUrlSecrets(url))).toEqual(
    new Set(['user-name', 'pass%20word', 'pass word', '0123456789abcdefghijk', 'a%2Bsecret+1', 'a+secret+1']),
  );
});

test.each([
  // As Python 3.12 prints them.
  [`p&"ss\\wo'rd`, [String.raw`'p&"ss\\wo\'rd'`, String.raw`"b'p&\"ss\\\\wo\\'rd'"`]],
  [`it's-a-secret`, [`KeyError: "it's-a-secret"`, String.raw`{'a': 'it\'s-a-secret', 'b': '"'}`]],
  [
    'pässwörd-漢🔑',
    [
      String.raw`'p\xe4ssw\xf6rd-\u6f22\U0001f511'`,
      String.raw`b'p\xc3\xa4ssw\xc3\xb6rd-\xe6\xbc\xa2\xf0\x9f\x94\x91'`,
    ],
  ],
  [
    'one-line\nanother\tone',
    [String.raw`'one-line\nanother\tone'`, String.raw`"{\"key\": \"one-line\\nanother\\tone\"}"`],
  ],
  [
    'a-secret "quoted"',
    [String.raw`"{\"key\": \"a-secret \\\"quoted\\\"\"}"`, String.raw`'{"key": "a-secret \\"quoted\\""}'`],
  ],
  [
    `a<b>&'c'-"secret"`,
    [
      `<p>a&lt;b&gt;&amp;'c'-"secret"`,
      `<p>a&lt;b&gt;&amp;'c'-&quot;secret&quot;`,
      '<p>a&lt;b&gt;&amp;&#x27;c&#x27;-&quot;secret&quot;',
      '<p>a&lt;b&gt;&amp;&#39;c&#39;-&quot;secret&quot;',
      '<p>a&lt;b&gt;&amp;&#039;c&#039;-&quot;secret&quot;',
      '<p>a&lt;b&gt;&amp;&#39;c&#39;-&#34;secret&#34;',
    ],
  ],
])('a secret is found as programs print it: %j', (secret, texts) => {
  for (const text of texts) {
    const hidden = hideSecrets({ secrets: [secret] }, text);
    expect(hidden, text).toContain('…');
    expect(hidden, text).not.toMatch(/ss|secret|another/);
  }
});
