import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { writeCanonicalJson } from './canonical-json.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';

/** Claims of a valid receipt. Times in seconds since 1970, digests in hex (SHA-256 over canonical JSON). */
export interface ApprovalReceipt {
  iss: string;
  crew: string;
  /** Id of the question. */
  sub: string;
  iat: number;
  exp: number;
  /** Store it in the transaction that carries the action out, and refuse it the second time: only the executor can do that. */
  jti: string;
  question: string;
  answer: string;
  option: string;
  arguments?: string;
  by: string[];
  rule: { approvals_required: number; irreversible: boolean };
  seen: object[];
  allowed_by?: string;
}

export interface ReceiptExpectation {
  /** The bot's public keys: the JSON of its `/.well-known/jwks.json`, pinned, or one public key as PEM. */
  keys: { keys: readonly object[] } | string;
  issuer: string;
  crew: string;
  /** Digest of the question that the receipt must be about (`digestJson` of its body). Either this or `arguments` is required. */
  question?: string;
  /** Digest of the tool's arguments that the receipt must be about (`digestJson` of their JSON). */
  arguments?: string;
  /** Digest of the answer's `option`, `text`, `edited` and `fields` (`digestAnswer`). */
  answer?: string;
  /** Time of the check in milliseconds; the default is now. */
  now?: number;
}

/** Why a receipt does not count. */
export class ReceiptRejected extends Error {
  override name = 'ReceiptRejected';
}

const TYPE = 'approval-receipt+jwt';
/** Difference of clocks that is accepted, in seconds. */
const CLOCK_DIFFERENCE = 60;
const LONGEST = 64_000;
/** The three parts of a compact JWS. Buffer would skip other characters. */
const PARTS = /^[ \t\r\n]*([\w-]+)\.([\w-]+)\.([\w-]+)[ \t\r\n]*$/;
/** One public key, without other blocks. */
const PUBLIC_PEM = /^\s*-----BEGIN PUBLIC KEY-----[\w+/=\s]+-----END PUBLIC KEY-----\s*$/;
/** Last second of the year 9999. */
const LATEST = 253_402_300_799;

/** Digests JSON text: key order, blanks and the form of numbers do not matter. Throws a SyntaxError. */
export function digestJson(text: string): string {
  return createHash('sha256').update(writeCanonicalJson(text)).digest('hex');
}

/** Digests an answer as GET of the question gives it. */
export function digestAnswer(answer: {
  option: string;
  text: string;
  edited?: string | undefined;
  fields?: object | undefined;
}): string {
  const { option, text, edited, fields } = answer;
  return digestJson(JSON.stringify({ option, text, edited, fields }));
}

/**
 * Checks a receipt and returns its claims. This check cannot know if the receipt was used before: store its `jti`. Throws a
 * ReceiptRejected, also if `expected` is incomplete.
 */
export function verifyReceipt(receipt: string, expected: ReceiptExpectation): ApprovalReceipt {
  const { keys, issuer, crew, now = Date.now() } = expected;
  if (!keys || !issuer || typeof issuer !== 'string' || !crew || typeof crew !== 'string')
    throw new ReceiptRejected('The keys, the issuer and the crew must be given.');
  const { question, arguments: callArguments, answer } = expected;
  for (const digest of [question, callArguments, answer])
    if (digest !== undefined && typeof digest !== 'string')
      throw new ReceiptRejected('A digest must be a string.');
  if (!Number.isFinite(now))
    throw new ReceiptRejected('The time of the check must be a number of milliseconds.');
  if (typeof receipt !== 'string')
    throw new ReceiptRejected('There is no receipt: a rule gave the answer, or the bot had no RECEIPT_KEY.');
  if (question === undefined && callArguments === undefined)
    throw new ReceiptRejected('The digest of the question or of the arguments must be given.');
  const [, head = '', body = '', signature = ''] =
    (receipt.length <= LONGEST ? PARTS.exec(receipt) : undefined) ?? [];
  if (signature === '') throw new ReceiptRejected('It is not a compact JWS.');
  const header = decode(head);
  if (header.alg !== 'EdDSA' || header.typ !== TYPE)
    throw new ReceiptRejected(`It is not a receipt: alg must be EdDSA and typ ${TYPE}.`);
  if (header.crit !== undefined) throw new ReceiptRejected('It has critical headers, which are not known.');
  const signed = Buffer.from(`${head}.${body}`);
  const key = findKey(keys, header.kid);
  if (!verify(undefined, signed, key, Buffer.from(signature, 'base64url')))
    throw new ReceiptRejected('Its signature is not of this key.');
  const claims = decode(body) as unknown as ApprovalReceipt;
  const seconds = now / 1_000;
  for (const [what, actual, wanted] of [
    ['issuer', claims.iss, issuer],
    ['crew', claims.crew, crew],
    ['digest of the question', claims.question, expected.question ?? claims.question],
    ['digest of the arguments', claims.arguments, expected.arguments ?? claims.arguments],
    ['digest of the answer', claims.answer, expected.answer ?? claims.answer],
  ])
    if (actual !== wanted)
      throw new ReceiptRejected(`The receipt has another ${what} than expected: ${actual}, not ${wanted}.`);
  if (![claims.iat, claims.exp].every((time) => Number.isInteger(time) && time >= 0 && time <= LATEST))
    throw new ReceiptRejected('It has no valid times.');
  if (claims.iat - CLOCK_DIFFERENCE > seconds)
    throw new ReceiptRejected('It is from the future: check the clocks.');
  if (claims.exp + CLOCK_DIFFERENCE < seconds)
    throw new ReceiptRejected(
      `It was approved at ${writeTime(claims.iat)} and expired at ${writeTime(claims.exp)}: ask again.`,
    );
  return claims;
}

const writeTime = (seconds: number) => new Date(seconds * 1_000).toISOString();

function decode(part: string): JsonObject {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const value: unknown = JSON.parse(decoder.decode(Buffer.from(part, 'base64url')));
    if (isJsonObject(value)) return value;
  } catch {
    // Rejected below.
  }
  throw new ReceiptRejected('It is not a compact JWS.');
}

/** Finds the caller's Ed25519 key by its id; a PEM is the only key. Never uses a key or a key's URL from the receipt's header. */
function findKey(keys: ReceiptExpectation['keys'], kid: unknown): KeyObject {
  // createPublicKey would also accept a private key or a certificate.
  if (typeof keys === 'string')
    return readKey(() => (PUBLIC_PEM.test(keys) ? createPublicKey(keys) : undefined));
  const listed: unknown = keys.keys;
  const found: unknown = Array.isArray(listed)
    ? listed.find((key: unknown) => isJsonObject(key) && key.kid === kid)
    : undefined;
  if (!isJsonObject(found) || typeof kid !== 'string')
    throw new ReceiptRejected('Its key is not among the keys of the bot.');
  const isPublic = !('d' in found) && /^[\w-]{43}$/.test(String(found.x));
  return readKey(() => (isPublic ? createPublicKey({ key: found, format: 'jwk' }) : undefined));
}

function readKey(read: () => KeyObject | undefined): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // Rejected below.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new ReceiptRejected('The key given is not an Ed25519 public key.');
  return key;
}
