import { createHash } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** The approval's id: 16 Crockford base32 characters of sha256(crew, execution id, task key). */
export function buildApprovalId(crew: string, executionId: string, taskKey: string): string {
  // JSON keeps the three apart whatever characters they hold.
  const digest = createHash('sha256')
    .update(JSON.stringify([crew, executionId, taskKey]))
    .digest();
  return Array.from(digest.subarray(0, LENGTH), (byte) => CROCKFORD[byte % CROCKFORD.length]).join('');
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether an id is one that the running platform gives to a single pause; the documented API has names of tasks there. */
export function isPauseId(id: string): boolean {
  return UUID.test(id);
}
