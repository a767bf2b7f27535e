import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasFreshSignature, isSigned } from '../../src/http/flow-signature.ts';

const NOW = Date.UTC(2026, 9, 1);
const SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const HEX_KEY = Buffer.from('0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex');
const body = Buffer.from('{"id":"1","text":"é"}');

const sign = (key: string | Buffer, text: Uint8Array, timestamp: string) =>
  `sha256=${createHmac('sha256', key).update(`${timestamp}.`).update(text).digest('hex')}`;
const seconds = (at: number) => String(Math.floor(at / 1_000));
const signedBy = (key: string | Buffer, at = NOW, text: Uint8Array = body) => ({
  'x-crewai-signature': sign(key, text, seconds(at)),
  'x-crewai-timestamp': seconds(at),
});
const check = (headers: Record<string, string>, secrets: readonly string[] = [SECRET]) =>
  isSigned({ headers, body }, secrets, NOW);

const OTHER = 'another-secret-of-16';

describe('a signature', () => {
  test('is right by the whole secret, or by the bytes that it spells', () => {
    expect(check(signedBy(SECRET))).toBe(true);
    expect(check(signedBy(HEX_KEY))).toBe(true);
    expect(check(signedBy('0f1e2d3c4b5a69788796a5b4c3d2e1f0'))).toBe(false);
  });

  test('is right by any of several secrets', () => {
    expect(check(signedBy(SECRET), [OTHER, SECRET])).toBe(true);
    expect(check(signedBy(SECRET), [OTHER])).toBe(false);
    expect(check(signedBy(SECRET), [])).toBe(false);
  });

  test('has to be right under the documented names of the headers, and under all that are there', () => {
    const good = signedBy(SECRET);
    const same = { 'x-signature': good['x-crewai-signature'], 'x-timestamp': good['x-crewai-timestamp'] };
    expect(check(same)).toBe(true);
    expect(check({ ...good, ...same })).toBe(true);
    expect(check({ ...good, ...same, 'x-signature': sign('somebody', body, seconds(NOW)) })).toBe(false);
  });

  test.each([-301, -300, 0, 300, 301])('that is %s seconds off counts within five minutes only', (off) => {
    const headers = signedBy(SECRET, NOW + off * 1_000);
    expect(check(headers)).toBe(Math.abs(off) <= 300);
    expect(hasFreshSignature(headers, NOW)).toBe(Math.abs(off) <= 300);
  });

  const junk = ['', 'sha256=', 'sha256=00', 'md5=00', `sha256=${'g'.repeat(64)}`];
  test.each(junk)('is never %j', (signature) => {
    expect(check({ 'x-signature': signature, 'x-timestamp': seconds(NOW) })).toBe(false);
  });

  test.each<[string, boolean]>([
    [String(NOW), true],
    ...['', 'now', '1e9', '-5', 'Infinity', '9'.repeat(30)].map(
      (timestamp) => [timestamp, false] as [string, boolean],
    ),
  ])('with the time stamp %j is right: %s', (timestamp, right) => {
    const signature = sign(SECRET, body, timestamp);
    expect(check({ 'x-signature': signature, 'x-timestamp': timestamp })).toBe(right);
  });

  test('is wrong for other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (signed, sent) => {
        const headers = signedBy(SECRET, NOW, signed);
        const same = Buffer.from(signed).equals(Buffer.from(sent));
        expect(isSigned({ headers, body: sent }, [SECRET], NOW)).toBe(same);
      }),
    );
  });

  test('is needed for a request to be fresh', () => {
    expect(hasFreshSignature({}, NOW)).toBe(false);
    expect(hasFreshSignature({ 'x-timestamp': seconds(NOW) }, NOW)).toBe(false);
  });
});
