import type { PublicReceiptKey } from '../../lib/receipt-key.ts';
import { listReceiptKeys } from '../../store/receipt-keys.ts';
import type { RecordStore } from '../../store/record-store.ts';
import { failed, note, ok, type Result } from './result.ts';

const NAME = 'RECEIPT_KEY';

/** Compares the key of the settings with the keys with which the bots of the store have signed. Rejects with a StoreError. */
export async function checkReceiptKeys(
  records: RecordStore,
  key: PublicReceiptKey | undefined,
): Promise<Result[]> {
  const listedKeys = await listReceiptKeys(records);
  const others = listedKeys.filter(({ kid, revokedAt }) => kid !== key?.kid && revokedAt === undefined);
  const names = others.map(({ kid }) => kid).join(', ');
  if (!key) {
    if (others.length === 0) return [];
    const says = `is not set, but bots of this store have signed receipts with ${names}`;
    return [
      note(NAME, says, 'An answer that this bot gives has no receipt: set it for all bots or for none'),
    ];
  }
  const listedKey = listedKeys.find(({ kid }) => kid === key.kid);
  const results = [
    listedKey?.revokedAt !== undefined
      ? failed(
          NAME,
          `is revoked (kid ${key.kid}), so answers of people to programs wait`,
          'Make another key with: npx --no-install crew-approvals receipt-keys new FILE',
        )
      : ok(NAME, `signs receipts with the key ${key.kid}${listedKey ? '' : ', which no bot has used yet'}`),
  ];
  if (others.length > 0)
    results.push(
      note(NAME, `is not the only key: receipts of ${names} hold, too`, 'Revoke a key that is not yours'),
    );
  return results;
}
