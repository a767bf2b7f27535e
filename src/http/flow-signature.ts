import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** CrewAI's name of the headers, and the documented one. */
const HEADERS = [
  { signature: 'x-crewai-signature', timestamp: 'x-crewai-timestamp' },
  { signature: 'x-signature', timestamp: 'x-timestamp' },
] as const;
/** An older or newer time stamp is rejected, in milliseconds. */
const MAX_AGE = 5 * 60_000;
/** No time stamp in seconds is as large for thirty thousand years. */
const MIN_MILLISECONDS = 1e12;

interface Signed {
  signature: string;
  timestamp: string;
}

/** True if the request has signature headers and none is too old. The body is read only then. */
export function hasFreshSignature(headers: IncomingHttpHeaders, now: number): boolean {
  const signed = readSignatures(headers);
  return signed.length > 0 && signed.every(({ timestamp }) => isFresh(timestamp, now));
}

/**
 * True if the body is signed with one of these secrets: `sha256=` and the HMAC of `<timestamp>.<body>`. The key is the whole
 * secret, or the bytes after `whsec_` in hex. If a request has both headers, both must be right. Takes constant time.
 */
export function isSigned(
  { headers, body }: { headers: IncomingHttpHeaders; body: Uint8Array },
  secrets: readonly string[],
  now: number,
): boolean {
  const keys = secrets.flatMap(listKeys);
  return (
    hasFreshSignature(headers, now) &&
    readSignatures(headers).every((signed) => isSignedBy(keys, signed, body))
  );
}

function readSignatures(headers: IncomingHttpHeaders): Signed[] {
  return HEADERS.flatMap((names) => {
    const signature = headers[names.signature];
    const timestamp = headers[names.timestamp];
    return typeof signature === 'string' && typeof timestamp === 'string' ? [{ signature, timestamp }] : [];
  });
}

function isFresh(timestamp: string, now: number): boolean {
  if (!/^\d{1,16}(?:\.\d{1,9})?$/.test(timestamp)) return false;
  const sentAt = Number(timestamp) >= MIN_MILLISECONDS ? Number(timestamp) : Number(timestamp) * 1_000;
  return Math.abs(now - sentAt) <= MAX_AGE;
}

function isSignedBy(keys: readonly Buffer[], { signature, timestamp }: Signed, body: Uint8Array): boolean {
  const [, hex = ''] = /^sha256=([0-9a-f]{64})$/i.exec(signature) ?? [];
  const signatureBytes = Buffer.from(hex.padEnd(64, '0'), 'hex');
  // Every key is tried, so that the time does not tell which one is right.
  const matches = keys.filter((key) =>
    timingSafeEqual(createHmac('sha256', key).update(`${timestamp}.`).update(body).digest(), signatureBytes),
  );
  return hex !== '' && matches.length > 0;
}

function listKeys(secret: string): Buffer[] {
  const withoutPrefix = secret.replace(/^whsec_/, '');
  const hexKey = /^(?:[0-9a-f]{2}){8,}$/i.test(withoutPrefix) ? [Buffer.from(withoutPrefix, 'hex')] : [];
  return [Buffer.from(secret), ...hexKey];
}
