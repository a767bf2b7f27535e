import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowedCallback } from '../../src/crewai/callback-hosts.ts';

const CREWAI = ['*.crewai.com'];
const PATH = '/api/v1/human_feedback_requests/hfr_1/respond?token=example-token';
const list = (urls: string) => urls.trim().split(/\s+/);

describe('the host *.crewai.com', () => {
  it('allows https on port 443 at each host below it', () => {
    const urls = list(`
      https://app.crewai.com${PATH} https://app.crewai.com:443${PATH} https://a.b.c.crewai.com${PATH}
      HTTPS://APP.CrewAI.com${PATH} https://app.crewai.com https://app.crewai.com?token=a
      https://app.crewai.com/@evil.example/ https://xn--bcher-kva.crewai.com/
    `);
    expect(urls.filter((url) => isAllowedCallback(url, CREWAI))).toEqual(urls);
    expect(urls.filter((url) => isAllowedCallback(url, ['*.CREWAI.com']))).toEqual(urls);
    expect(urls.filter((url) => isAllowedCallback(url, []))).toEqual([]);
  });

  const rejected: Record<string, string> = {
    'another scheme or port': `
      http://app.crewai.com${PATH} http://app.crewai.com:443/ https://app.crewai.com:8443/
      https://app.crewai.com:80/ ftp://app.crewai.com/ file:///etc/passwd file://app.crewai.com/etc/passwd
      javascript:alert(1)//.crewai.com wss://app.crewai.com/ //app.crewai.com/ app.crewai.com/ https://`,
    'another host': `
      https://crewai.com/ https://evilcrewai.com/ https://crewai.com.evil.example/
      https://app.crewai.com.evil.example/ https://APP.CREWAI.COM.EVIL.EXAMPLE/
      https://app.crewai.com%2eevil.example/ https://evil.example/.crewai.com
      https://evil.example?.crewai.com https://evil.example#.crewai.com https://app-crewai.com/
      https://app.crewai.co/ https://app.crewai.community/`,
    'a user, which hides the host': `
      https://app.crewai.com@evil.example/ https://app.crewai.com:443@evil.example/
      https://*.crewai.com@evil https://user:password@app.crewai.com/ https://user@app.crewai.com/
      https://@app.crewai.com/ https://:@app.crewai.com/ https://evil.example\\@app.crewai.com/`,
    'a host that parsers read in different ways': `
      https://evil.example\\.crewai.com/ https://app.crewai.com./ https://app..crewai.com/
      https://.crewai.com/ https://*.crewai.com/ https://app.crewai.com:/ https:app.crewai.com/
      https:/app.crewai.com/ https:///app.crewai.com/ https:\\\\app.crewai.com/ https://app%2ecrewai.com/
      https://app.crewai%2ecom/ https://evil.example%00.crewai.com/ https://app.cr\u0435wai.com/
      https://app.xn--crwai-5of.com/ https://app\u3002crewai\u3002com/ https://app.crewai.c\u1d0fm/
      https://\uff41pp.crewai.com/ https://app.cre\u00adwai.com/ https://app.crewai.com/\u0000`,
    'an address of this machine or its network': `
      https://localhost/ https://127.0.0.1/ https://10.0.0.7/ https://169.254.169.254/latest/meta-data
      https://192.168.1.1/ https://2130706433/ https://0x7f000001/ https://0177.0.0.1/ https://127.1/
      https://[::1]/ https://[::ffff:127.0.0.1]/ https://[fe80::1%25eth0]/ http://localhost:8080/
      http://127.0.0.1/ http://[::1]/`,
  };
  it.each(Object.entries(rejected))('rejects %s', (_, urls) => {
    expect(list(urls).filter((url) => isAllowedCallback(url, CREWAI))).toEqual([]);
  });

  it('rejects blanks, a text that is not a URL, and more than 2,000 characters', () => {
    const blanks = ['app.crewai.com\n.evil.example/', 'app.\tcrewai.com/', 'app.crewai.com/a b'];
    const others = [
      '',
      'not a url',
      ' https://app.crewai.com/',
      `https://app.crewai.com/${'x'.repeat(2_000)}`,
    ];
    const urls = [...blanks.map((rest) => `https://${rest}`), ...others];
    expect(urls.filter((url) => isAllowedCallback(url, CREWAI))).toEqual([]);
  });
});

describe('an exact host', () => {
  const pairs = (rows: string) => list(rows).map((row) => row.split('|') as [string, string]);

  it.each(
    pairs(`
      localhost|http://localhost/ localhost|https://localhost/ localhost|http://localhost:80/
      localhost:3000|http://localhost:3000/a localhost:3000|https://localhost:3000/a
      localhost:443|https://localhost/ localhost:80|http://localhost/ 10.0.0.7|http://10.0.0.7/
      10.0.0.7:8080|http://10.0.0.7:8080/ crew_bot|http://crew_bot/
      flow.example.com|https://Flow.Example.com/ FLOW.example.COM|https://flow.example.com/
      xn--bcher-kva.example|https://xn--bcher-kva.example/
    `),
  )('%s allows %s, also beside other hosts', (host, url) => {
    expect(isAllowedCallback(url, [host])).toBe(true);
    expect(isAllowedCallback(url, ['*.crewai.com', 'other.example', host])).toBe(true);
    expect(isAllowedCallback(url, ['*.crewai.com', 'other.example'])).toBe(false);
  });

  it.each(
    pairs(`
      localhost|http://localhost:3000/ localhost|https://localhost:80/ localhost|http://localhost:443/
      localhost:3000|http://localhost:3001/ localhost:3000|http://localhost/ localhost|https://a.localhost/
      localhost|http://user:password@localhost/ localhost:3000|http://user@localhost:3000/
      localhost|http://localhost./ localhost|http://127.0.0.1/ 127.0.0.1|http://2130706433/
      127.0.0.1|http://127.1/ 127.0.0.1|http://127.0.0.1./ [::1]|http://[::1]/ ::1|http://[::1]/
      xn--bcher-kva.example|https://b\u00fccher.example/ flow.example.com|ftp://flow.example.com/
      flow.example.com|https://flow.example.com.evil.example/ app.crewai.com|ftp://app.crewai.com/
    `),
  )('%s rejects %s', (host, url) => expect(isAllowedCallback(url, [host])).toBe(false));
});

it('a host that is not a name or an address allows nothing', () => {
  const hosts = ['', '*', '*.', '.', '*.com.', 'https://app.crewai.com', 'app.crewai.com/', '*.0.0.1'];
  const urls = list('https://app.crewai.com/ https://crewai.com/ http://localhost/ https://127.0.0.1/');
  for (const host of hosts) expect(urls.filter((url) => isAllowedCallback(url, [host]))).toEqual([]);
});

describe('any URL', () => {
  const part = fc.oneof(
    fc.constantFrom(...list('https:// http:// app . crewai .crewai.com com evil.example @ : 443 a 8')),
    fc.constantFrom(...list('/ \\ ? # * % %2e \u3002 \u0435 [ ] 127.0.0.1 user:pass@'), '\t'),
    fc.string({ maxLength: 3 }),
  );
  const parts = (maxLength: number) => fc.array(part, { maxLength }).map((all) => all.join(''));
  const url = fc.oneof(
    fc.webUrl({ withQueryParameters: true }),
    parts(8),
    parts(6).map((rest) => `https://${rest}`),
    fc.tuple(parts(3), parts(3)).map(([before, after]) => `https://${before}crewai.com${after}`),
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
      { numRuns: 3_000 },
    );
  });

  it('is allowed or rejected by its host and port alone', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const tail = fc.stringMatching(/^[/?#][!-~]{0,30}$/);
    fc.assert(
      fc.property(label, tail, fc.integer({ min: 1, max: 65_535 }), (name, rest, port) => {
        const host = `${name}.example:${port}`;
        expect(isAllowedCallback(`https://${name}.crewai.com${rest}`, CREWAI)).toBe(true);
        expect(isAllowedCallback(`http://${host}${rest}`, [host])).toBe(true);
        expect(isAllowedCallback(`https://${name}crewai.com${rest}`, CREWAI)).toBe(false);
        expect(isAllowedCallback(`https://x.crewai.com.${name}${rest}`, CREWAI)).toBe(false);
      }),
    );
  });
});
