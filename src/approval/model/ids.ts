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
  return [digest.readUIntBE(0, 5), digest.readUIntBE(5, 5)].map(encodeHalf).join('');
}

/** 40 bits as 8 characters. */
function encodeHalf(bits: number): string {
  return Array.from({ length: LENGTH / 2 }, (_, i) => CROCKFORD[Math.floor(bits / 32 ** (7 - i)) % 32]).join(
    '',
  );
}

/** The id that version 0.1.0 gave the same approval: short enough for two approvals to share one. */
export function legacyApprovalId(id: string): string {
  return id.slice(0, FORMER_LENGTH);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether an id is one that the running platform gives to a single pause; the documented API has names of tasks there. */
export function isPauseId(id: string): boolean {
  return UUID.test(id);
}
