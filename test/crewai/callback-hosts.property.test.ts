import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowedCallback } from '../../src/crewai/callback-hosts.ts';

const CREWAI = ['*.crewai.com'];
const PATH = '/api/v1/human_feedback_requests/hfr_1/respond?token=example-token';

describe('*.crewai.com', () => {
  it.each([
    `https://app.crewai.com${PATH}`,
    `https://app.crewai.com:443${PATH}`,
    `https://a.b.c.crewai.com${PATH}`,
    `HTTPS://APP.CrewAI.com${PATH}`,
    'https://app.crewai.com',
    'https://app.crewai.com?token=a',
    'https://app.crewai.com/@evil.example/',
    'https://xn--bcher-kva.crewai.com/',
  ])('allows %s', (url) => expect(isAllowedCallback(url, CREWAI)).toBe(true));

  it.each([
    // Another scheme or port.
    `http://app.crewai.com${PATH}`,
    'http://app.crewai.com:443/',
    'https://app.crewai.com:8443/',
    'https://app.crewai.com:80/',
    'ftp://app.crewai.com/',
    'file:///etc/passwd',
    'file://app.crewai.com/etc/passwd',
    'javascript:alert(1)//.crewai.com',
    'wss://app.crewai.com/',
    '//app.crewai.com/',
    'app.crewai.com/',
    // Another host.
    'https://crewai.com/',
    'https://evilcrewai.com/',
    'https://crewai.com.evil.example/',
    'https://app.crewai.com.evil.example/',
    'https://evil.example/.crewai.com',
    'https://evil.example?.crewai.com',
    'https://evil.example#.crewai.com',
    'https://app-crewai.com/',
    'https://APP.CREWAI.COM.EVIL.EXAMPLE/',
    'https://app.crewai.co/',
    'https://app.crewai.community/',
    // A user, which hides the host.
    'https://app.crewai.com@evil.example/',
    'https://app.crewai.com:443@evil.example/',
    'https://*.crewai.com@evil',
    'https://user:password@app.crewai.com/',
    'https://user@app.crewai.com/',
    'https://@app.crewai.com/',
    'https://:@app.crewai.com/',
    'https://evil.example\\@app.crewai.com/',
    'https://evil.example\\.crewai.com/',
    // Hosts that parsers read in different ways.
    'https://app.crewai.com./',
    'https://app..crewai.com/',
    'https://.crewai.com/',
    'https://*.crewai.com/',
    'https://app.crewai.com:/',
    'https:app.crewai.com/',
    'https:/app.crewai.com/',
    'https:///app.crewai.com/',
    'https:\\\\app.crewai.com/',
    'https://app%2ecrewai.com/',
    'https://app.crewai%2ecom/',
    'https://evil.example%00.crewai.com/',
    'https://app.cr\u0435wai.com/',
    'https://app.xn--crwai-5of.com/',
    'https://app\u3002crewai\u3002com/',
    'https://app.crewai.c\u1d0fm/',
    'https://\uff41pp.crewai.com/',
    'https://app.cre\u00adwai.com/',
    'https://app.crewai.com\n.evil.example/',
    'https://app.\tcrewai.com/',
    ' https://app.crewai.com/',
    'https://app.crewai.com/a b',
    'https://app.crewai.com/\u0000',
    // Addresses.
    'https://localhost/',
    'https://127.0.0.1/',
    'https://10.0.0.7/',
    'https://169.254.169.254/latest/meta-data',
    'https://192.168.1.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[fe80::1%25eth0]/',
    '',
    'https://',
    `https://app.crewai.com/${'x'.repeat(2_000)}`,
  ])('does not allow %j', (url) => expect(isAllowedCallback(url, CREWAI)).toBe(false));
});

describe('an exact host', () => {
  it.each([
    ['http://localhost/', 'localhost'],
    ['https://localhost/', 'localhost'],
    ['http://localhost:80/', 'localhost'],
    ['http://localhost:3000/a', 'localhost:3000'],
    ['https://localhost:3000/a', 'localhost:3000'],
    ['https://localhost/', 'localhost:443'],
    ['http://localhost/', 'localhost:80'],
    ['http://10.0.0.7:8080/', '10.0.0.7:8080'],
    ['http://crew_bot/', 'crew_bot'],
    ['https://Flow.Example.com/', 'flow.example.com'],
    ['https://flow.example.com/', 'FLOW.example.COM'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
  ])('allows %s: %s', (url, host) => {
    expect(isAllowedCallback(url, [host])).toBe(true);
    expect(isAllowedCallback(url, ['*.crewai.com', 'other.example', host])).toBe(true);
    expect(isAllowedCallback(url, ['*.crewai.com', 'other.example'])).toBe(false);
  });

  it.each([
    ['http://localhost:3000/', 'localhost'],
    ['https://localhost:80/', 'localhost'],
    ['http://localhost:443/', 'localhost'],
    ['http://localhost:3001/', 'localhost:3000'],
    ['http://localhost/', 'localhost:3000'],
    ['https://a.localhost/', 'localhost'],
    ['http://user:password@localhost/', 'localhost'],
    ['http://user@localhost:3000/', 'localhost:3000'],
    ['http://localhost./', 'localhost'],
    ['http://127.0.0.1/', 'localhost'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://127.1/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://[::1]/', '[::1]'],
    ['http://[::1]/', '::1'],
    ['https://b\u00fccher.example/', 'xn--bcher-kva.example'],
    ['ftp://flow.example.com/', 'flow.example.com'],
    ['https://flow.example.com.evil.example/', 'flow.example.com'],
  ])('does not allow %s: %s', (url, host) => expect(isAllowedCallback(url, [host])).toBe(false));
});

it.each([
  [],
  [''],
  ['*'],
  ['*.'],
  ['.'],
  ['*.com.'],
  ['https://app.crewai.com'],
  ['app.crewai.com/'],
  ['*.0.0.1'],
])('the hosts %j allow nothing', (...hosts) => {
  for (const url of [
    'https://app.crewai.com/',
    'https://crewai.com/',
    'http://localhost/',
    'https://127.0.0.1/',
  ])
    expect(isAllowedCallback(url, hosts)).toBe(false);
});

describe('any URL', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'https://',
      'http://',
      'app',
      '.',
      'crewai',
      '.crewai.com',
      'com',
      'evil.example',
      '@',
      ':',
      '443',
    ),
    fc.constantFrom(
      '/',
      '\\',
      '?',
      '#',
      '*',
      '%2e',
      '\u3002',
      '\u0435',
      '\t',
      '[',
      ']',
      '127.0.0.1',
      'user:pass@',
    ),
    fc.string({ maxLength: 3 }),
  );
  const url = fc.oneof(
    fc.webUrl({ withQueryParameters: true }),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.array(part, { maxLength: 6 }).map((parts) => `https://${parts.join('')}`),
  );

  it('that is allowed is an https URL of a host below crewai.com for every parser', () => {
    fc.assert(
      fc.property(url, (text) => {
        if (!isAllowedCallback(text, CREWAI)) return;
        const { protocol, hostname, port, username, password } = new URL(text);
        expect([protocol, port, username, password]).toEqual(['https:', '', '', '']);
        expect(hostname.endsWith('.crewai.com')).toBe(true);
        const [, authority = ''] = /^https:\/\/([^/?#]*)/i.exec(text) ?? [];
        expect(authority.toLowerCase().replace(/:443$/, '')).toBe(hostname);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a host is allowed by the host, whatever follows', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const tail = fc.stringMatching(/^[/?#][!-~]{0,30}$/);
    fc.assert(
      fc.property(label, tail, fc.integer({ min: 1, max: 65_535 }), (name, rest, port) => {
        expect(isAllowedCallback(`https://${name}.crewai.com${rest}`, CREWAI)).toBe(true);
        expect(isAllowedCallback(`http://${name}.example:${port}${rest}`, [`${name}.example:${port}`])).toBe(
          true,
        );
        expect(isAllowedCallback(`https://${name}crewai.com${rest}`, CREWAI)).toBe(false);
        expect(isAllowedCallback(`https://x.crewai.com.${name}${rest}`, CREWAI)).toBe(false);
      }),
    );
  });
});
