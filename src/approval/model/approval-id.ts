import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const FORMER_LENGTH = 10;

/** The approval's id: the first 16 Crockford base32 characters of sha256(crew, execution id, task key). */
export function buildApprovalId(crew: string, executionId: string, taskKey: string): string {
  // JSON keeps the three apart whatever characters they hold.
  const digest = createHash('sha256')
    .update(JSON.stringify([crew, executionId, taskKey]))
    .digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  return Array.from(
    { length: LENGTH },
    (_, i) => CROCKFORD[Number((bits >> BigInt(5 * (LENGTH - 1 - i))) & 31n)],
  ).join('');
}

/** The id that version 0.1.0 gave the same approval: short enough for two approvals to share one. */
export function legacyApprovalId(id: string): string {
  return id.slice(0, FORMER_LENGTH);
}
