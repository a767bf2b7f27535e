import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAllowedCallback } from '../../src/crewai/callback-hosts.ts';

test.each([
  ['https://app.crewai.com/callback?token=x', ['*.crewai.com'], true],
  ['https://flows.eu.crewai.com/callback', ['*.crewai.com'], true],
  ['https://APP.CrewAI.com/callback', ['*.CREWAI.com'], true],
  ['https://crewai.com/callback', ['*.crewai.com'], false],
  ['http://app.crewai.com/callback', ['*.crewai.com'], false],
  ['https://app.crewai.com:8443/callback', ['*.crewai.com'], false],
  ['https://app.crewai.com:443/callback', ['*.crewai.com'], true],
  ['https://evilcrewai.com/callback', ['*.crewai.com'], false],
  ['https://app.crewai.com.evil.example/', ['*.crewai.com'], false],
  ['https://app.crewai.com./callback', ['*.crewai.com'], false],
  ['https://app.crewai.com@evil.example/', ['*.crewai.com'], false],
  ['https://user:password@app.crewai.com/', ['*.crewai.com'], false],
  ['https://app.crewai.com%2eevil.example/', ['*.crewai.com'], false],
  ['https://app.crеwai.com/', ['*.crewai.com'], false],
  ['ftp://app.crewai.com/', ['*.crewai.com', 'app.crewai.com'], false],
  ['http://localhost:8080/callback', ['*.crewai.com'], false],
  ['http://127.0.0.1/callback', ['*.crewai.com'], false],
  ['http://[::1]/callback', ['*.crewai.com'], false],
  ['http://localhost:8080/callback', ['localhost:8080'], true],
  ['http://localhost:8081/callback', ['localhost:8080'], false],
  ['http://localhost:8080/callback', ['localhost'], false],
  ['http://10.0.0.5/callback', ['10.0.0.5'], true],
  ['http://10.0.0.5/callback', ['10.0.0.5:80'], true],
  ['https://flows.example.com/', ['flows.example.com:443'], true],
  ['https://user@flows.example.com/', ['flows.example.com'], false],
  ['not a url', ['*.crewai.com'], false],
  ['https://app.crewai.com/', [], false],
])('%s, where %j are allowed: %s', (url, hosts, allowed) => {
  expect(isAllowedCallback(url, hosts)).toBe(allowed);
});

test('by default nothing is called that a client would connect to elsewhere', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', '.', '@', ':', '/', '\\', '%', '#', '?', 'crewai.com', '8'),
  });
  fc.assert(
    fc.property(part, part, (before, after) => {
      const url = `https://${before}crewai.com${after}`;
      if (!isAllowedCallback(url, ['*.crewai.com'])) return;
      const { hostname, protocol, port, username } = new URL(url);
      expect([protocol, port, username]).toEqual(['https:', '', '']);
      expect(hostname.endsWith('.crewai.com')).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
