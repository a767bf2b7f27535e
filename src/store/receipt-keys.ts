import { z } from 'zod';
import type { Clock, Log } from '../approval/ports.ts';
import type { ReceiptSigner } from '../approval/receipts.ts';
import { AppError } from '../lib/errors.ts';
import { type PublicReceiptKey, type ReceiptKey, signReceipt } from '../lib/receipt-key.ts';
import { repeat } from '../lib/time.ts';
import { buildKey } from './keys.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

export const receiptKeySchema = z.object({
  kid: z.string(),
  x: z.string(),
  /** When a process first signed with the key, in milliseconds since 1970. */
  addedAt: z.number(),
  /** Receipts of the key no longer count. */
  revokedAt: z.number().optional(),
});
export type ListedKey = z.infer<typeof receiptKeySchema>;

/** Lists all keys with which processes of this store have signed, revoked ones included. Rejects with a StoreError. */
export async function listReceiptKeys(records: RecordStore): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  for await (const { raw } of eachRecord(records, 'receiptkey')) {
    const { data } = receiptKeySchema.safeParse(JSON.parse(raw));
    if (data) keys.push(data);
  }
  return keys;
}

/** Lists a key before its first signature. False: it is revoked. Rejects with a StoreError. */
async function addReceiptKey(
  records: RecordStore,
  { kid, x }: PublicReceiptKey,
  now: number,
): Promise<boolean> {
  const key = buildKey('receiptkey', kid);
  for (;;) {
    const raw = await records.get(key);
    if (raw !== undefined) return receiptKeySchema.parse(JSON.parse(raw)).revokedAt === undefined;
    const listedKey: ListedKey = { kid, x, addedAt: now };
    const puts = [{ key, raw: JSON.stringify(listedKey) }];
    if (await records.commit({ compare: [{ key, previousRaw: undefined }], puts, deletes: [] })) return true;
  }
}

/** Revokes a key at once. False: no process has signed with it. Rejects with a StoreError. */
export async function revokeReceiptKey(records: RecordStore, kid: string, now: number): Promise<boolean> {
  const key = buildKey('receiptkey', kid);
  for (;;) {
    const previousRaw = await records.get(key);
    if (previousRaw === undefined) return false;
    const listedKey = receiptKeySchema.parse(JSON.parse(previousRaw));
    if (listedKey.revokedAt !== undefined) return true;
    const puts = [{ key, raw: JSON.stringify({ ...listedKey, revokedAt: now }) }];
    if (await records.commit({ compare: [{ key, previousRaw }], puts, deletes: [] })) return true;
  }
}

/** Builds the JSON Web Key Set of the keys that are not revoked. */
export function buildKeySet(keys: readonly ListedKey[]): { keys: object[] } {
  return {
    keys: keys
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid, x })),
  };
}

/** How often a signer reads whether its key was revoked, in milliseconds. */
const CHECK_INTERVAL = 60_000;

/**
 * Creates the signer of this process: its key is listed before the first signature. Rejects with a StoreError, or with an AppError
 * if the key is revoked.
 */
export async function createReceiptSigner(
  records: RecordStore,
  key: ReceiptKey,
  { issuer, crews, clock, log }: Pick<ReceiptSigner, 'issuer' | 'crews'> & { clock: Clock; log: Log },
): Promise<ReceiptSigner & { close(): void }> {
  const { publicKey } = key;
  if (!(await addReceiptKey(records, publicKey, clock.now())))
    throw new AppError(
      'settings_invalid',
      `RECEIPT_KEY is revoked (kid ${publicKey.kid}): make another one with: npx --no-install crew-approvals receipt-keys new FILE`,
    );
  const otherKids = (await listReceiptKeys(records)).flatMap(({ kid, revokedAt }) =>
    kid === publicKey.kid || revokedAt !== undefined ? [] : [kid],
  );
  log.info({ kid: publicKey.kid, otherKids }, 'signs receipts; those of otherKids hold, too');
  let isRevoked = false;
  const close = repeat(clock, CHECK_INTERVAL, async () => {
    const wasRevoked = isRevoked;
    isRevoked = !(await addReceiptKey(records, publicKey, clock.now()).catch(() => !wasRevoked));
    if (isRevoked && !wasRevoked)
      log.error({ kid: publicKey.kid }, 'RECEIPT_KEY was revoked: answers to programs wait for another key');
  });
  return {
    ...{ issuer, crews, close },
    now: () => clock.now(),
    sign: (claims) => (isRevoked ? undefined : signReceipt(claims, key)),
  };
}
