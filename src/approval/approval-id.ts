import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The approval's id: the first 10 Crockford base32 characters of sha256(crew, execution id, task key). */
export function approvalId(crew: string, executionId: string, taskKey: string): string {
  // JSON keeps the three apart whatever characters they hold.
  const digest = createHash('sha256')
    .update(JSON.stringify([crew, executionId, taskKey]))
    .digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
  return Array.from({ length: 10 }, (_, i) => CROCKFORD[Number((bits >> BigInt(51 - 5 * i)) & 31n)]).join('');
}
