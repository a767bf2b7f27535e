import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { compactVerify, createLocalJWKSet } from 'jose';
import { describe, expect, test } from 'vitest';
import { writeCanonicalJson } from '../../src/clients/canonical-json.ts';
import {
  type ApprovalReceipt,
  digestJson,
  ReceiptRejected,
  verifyReceipt,
} from '../../src/clients/receipts.ts';
import { canonicalizeJson } from '../../src/lib/json-text.ts';
import { readReceiptKey, signReceipt } from '../../src/lib/receipt-key.ts';

const NOW = Date.parse('2026-12-07T12:00:00Z');
const pem = (type: 'ed25519' | 'ec' = 'ed25519') =>
  String(
    (type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync(type)
    ).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
const PRIVATE = pem();
const PUBLIC = String(createPublicKey(PRIVATE).export({ type: 'spki', format: 'pem' }));
const key = readReceiptKey(PRIVATE);
const ARGUMENTS = digestJson('{"amount": 250}');
const CLAIMS: ApprovalReceipt = {
  ...{ iss: 'https://bot.example.com', crew: 'press', sub: 'q1', jti: 'one' },
  ...{ iat: NOW / 1_000 - 100, exp: NOW / 1_000 + 3_500 },
  ...{ question: digestJson('{"title": "pay"}'), answer: digestJson('{"option": "allow"}'), option: 'allow' },
  ...{ arguments: ARGUMENTS, by: ['UANA'], rule: { approvals_required: 1, irreversible: false }, seen: [] },
};
const EXPECTED = {
  ...{ issuer: 'https://bot.example.com', crew: 'press', arguments: ARGUMENTS, now: NOW },
  keys: { keys: [{ ...key.publicKey, alg: 'EdDSA' }] },
};
const RECEIPT = signReceipt(CLAIMS, key);

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
/** A receipt with another header, signed by the bot's own key or as given. */
function forge(header: object, claims: object = CLAIMS, signWith?: (signed: string) => Buffer): string {
  const signed = `${encode({ alg: 'EdDSA', typ: 'approval-receipt+jwt', kid: key.publicKey.kid, ...header })}.${encode(claims)}`;
  const signature = signWith?.(signed) ?? sign(undefined, Buffer.from(signed), key.privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

test('a receipt is a JWS that other libraries verify, too', async () => {
  expect(verifyReceipt(RECEIPT, EXPECTED)).toEqual(CLAIMS);
  const { payload, protectedHeader } = await compactVerify(RECEIPT, createLocalJWKSet(EXPECTED.keys));
  expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(CLAIMS);
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'approval-receipt+jwt', kid: key.publicKey.kid });
});

describe('is rejected', () => {
  const other = readReceiptKey(pem());
  const [head = '', body = '', signature = ''] = RECEIPT.split('.');
  test.each<[string, string, object?]>([
    ['one of another bot', RECEIPT, { issuer: 'https://other.example.com' }],
    ['one of another crew', RECEIPT, { crew: 'budget' }],
    ['one of another question', RECEIPT, { question: digestJson('{"title": "pays"}') }],
    ['one for arguments that differ in one character', RECEIPT, { arguments: digestJson('{"amount": 251}') }],
    [
      'one for another answer, such as a swapped text',
      RECEIPT,
      { answer: digestJson('{"option": "block"}') },
    ],
    ['a cut one', RECEIPT.slice(0, -20)],
    ['one without its signature', `${head}.${body}.`],
    ['one with a part more', `${RECEIPT}.x`],
    [
      'one with changed claims',
      `${head}.${encode({ ...CLAIMS, crew: 'budget' })}.${signature}`,
      { crew: 'budget' },
    ],
    ['one with the alg none', forge({ alg: 'none' })],
    ['one of another type', forge({ typ: 'JWT' })],
    [
      'one whose alg is HS256 with the public key as its secret',
      forge({ alg: 'HS256' }, CLAIMS, (signed) =>
        createHmac('sha256', key.publicKey.x).update(signed).digest(),
      ),
    ],
    ['one of another key', signReceipt(CLAIMS, other)],
    [
      'one that brings its key',
      forge({ kid: 'x', jwk: other.publicKey }, CLAIMS, (signed) =>
        sign(undefined, Buffer.from(signed), other.privateKey),
      ),
    ],
    ['one with critical headers', forge({ crit: ['b64'], b64: false })],
    ['one five minutes after its end', RECEIPT, { now: NOW + 3_800_000 }],
    ['one from a clock five minutes ahead', RECEIPT, { now: NOW - 400_000 }],
    ['any where nothing is expected', RECEIPT, { arguments: undefined }],
    ['any without keys', RECEIPT, { keys: '' }],
    ['any without an issuer', RECEIPT, { issuer: '' }],
    ['any without a crew', RECEIPT, { crew: '' }],
    ['one of a revoked key, which the list no longer has', RECEIPT, { keys: { keys: [] } }],
    ['something else', 'hello'],
    ['an empty text', ''],
    ['none', undefined as never],
    ['any with an empty digest', RECEIPT, { arguments: null }],
    ['any with a time that is none', RECEIPT, { now: Number.NaN }],
    ['any with keys that are none', RECEIPT, { keys: 'hello' }],
    ['any with a list of keys that is none', RECEIPT, { keys: { keys: [null] } }],
    ['any with keys of another shape', RECEIPT, { keys: {} }],
    ['any with a private key', RECEIPT, { keys: PRIVATE }],
    ['any with a public key before a private one', RECEIPT, { keys: `${PUBLIC}${PRIVATE}` }],
    [
      'any with a key of another length',
      RECEIPT,
      { keys: { keys: [{ ...key.publicKey, x: `${key.publicKey.x} ` }] } },
    ],
    ['any with an issuer that is no text', RECEIPT, { issuer: ['https://bot.example.com'] }],
    [
      'any with a list of private keys',
      RECEIPT,
      { keys: { keys: [{ ...key.publicKey, d: key.publicKey.x }] } },
    ],
    ['one with other characters in its signature', `${RECEIPT.slice(0, -9)}!${RECEIPT.slice(-9)}`],
    ['one after a byte order mark', `\uFEFF${RECEIPT}`],
    ['one without an end', forge({}, { ...CLAIMS, exp: undefined })],
    ['one whose end is no time', forge({}, { ...CLAIMS, exp: 1e300 })],
    ['one that ended before 1970', forge({}, { ...CLAIMS, exp: -1e15 })],
  ])('%s', (_, receipt, expected) => {
    expect(() => verifyReceipt(receipt, { ...EXPECTED, ...expected })).toThrow(ReceiptRejected);
  });

  test('but blanks around it are accepted, and one key as PEM', () => {
    expect(verifyReceipt(RECEIPT, { ...EXPECTED, keys: PUBLIC }).sub).toBe('q1');
    expect(verifyReceipt(` ${RECEIPT}\r\n`, EXPECTED).sub).toBe('q1');
  });

  test('but 60 s of difference between the clocks are accepted', () => {
    for (const now of [NOW - 150_000, NOW + 3_550_000])
      expect(verifyReceipt(RECEIPT, { ...EXPECTED, now }).sub).toBe('q1');
  });
});

describe('RECEIPT_KEY', () => {
  const rsa = String(
    generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const spki = String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
  test.each([
    ['an RSA key', rsa, /is a key of the type rsa: it must be Ed25519/],
    ['a P-256 key', pem('ec'), /is a key of the type ec: it must be Ed25519/],
    ['a public key', spki, /is a public key/],
    ['two PEM blocks', `${pem()}${pem()}`, /has several PEM blocks/],
    ['a damaged key', pem().replace(/\w{10}/, ''), /cannot be read|has no PEM block/],
    [
      'a file that is not there',
      '/no/such/key.pem',
      /is neither PEM nor the name of a file that can be read/,
    ],
    ['a key without its PEM lines', 'MC4CAQAwBQYDK2VwBCIE', /^(?!.*MC4CAQ)is neither PEM/],
  ])('is not %s', (_, value, fault) => {
    expect(() => readReceiptKey(value)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(fault) }),
    );
  });

  test('can be PEM on one line', () => {
    const text = pem();
    expect(readReceiptKey(text.replaceAll('\n', '\\n'))).toMatchObject({
      publicKey: readReceiptKey(text).publicKey,
    });
  });
});

test('the client writes canonical JSON as the bot does', () => {
  const number = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: -30, max: 30 }), fc.constantFrom('', '.0', '.50'))
    .map(([digits, exponent, fraction]) => `${digits}${fraction}e${exponent}`);
  const text = fc
    .json()
    .chain((json) => number.map((literal) => `{"a":${json},"b":[${literal},1.0,10e-1],"\\u00e4":null}`));
  fc.assert(
    fc.property(text, (json) => {
      expect(writeCanonicalJson(json)).toBe(canonicalizeJson(json));
    }),
  );
  expect(() => writeCanonicalJson('{"a": 1, "a": 2}')).toThrow('stands twice');
  for (const json of ['{"a": 1', '1e100000', `${'['.repeat(300)}${']'.repeat(300)}`])
    expect(() => writeCanonicalJson(json)).toThrow(SyntaxError);
  expect(writeCanonicalJson(JSON.stringify('x'.repeat(10 * 2 ** 20)))).toHaveLength(10 * 2 ** 20 + 2);
});
