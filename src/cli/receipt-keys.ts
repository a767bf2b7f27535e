import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError, summarizeError } from '../lib/errors.ts';
import { readReceiptKey } from '../lib/receipt-key.ts';
import { loadSettings, readEnvironment } from '../settings/load-settings.ts';
import { openStore, requireDatabase } from '../store/open-store.ts';
import { buildKeySet, listReceiptKeys, revokeReceiptKey } from '../store/receipt-keys.ts';

const USAGE = `usage: npx --no-install crew-approvals receipt-keys [new FILE | revoke KID | --all]
Without an argument, prints the public keys with which the bots of STORE_URL sign receipts, as JWKS; --all: with times, and
revoked ones. new: writes a private key for RECEIPT_KEY. revoke: receipts of this key no longer count, and the bots that sign
with it need another one.`;
const LOG = { info() {}, warn() {}, error: (_: object, fact: string) => console.error(fact) };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
});

try {
  const [command, argument, ...others] = positionals;
  if (values.help) console.log(USAGE);
  else if (others.length > 0) throw new AppError('settings_invalid', USAGE);
  else if (command === undefined) await print();
  else if (command === 'new' && argument !== undefined) writeKey(argument);
  else if (command === 'revoke' && argument !== undefined) await revoke(argument);
  else throw new AppError('settings_invalid', USAGE);
} catch (error) {
  console.error(error instanceof AppError ? error.message : summarizeError(error));
  process.exitCode = 1;
}

function writeKey(file: string): void {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(file, pem, { flag: 'wx', mode: 0o600 });
  const { kid } = readReceiptKey(String(pem)).publicKey;
  console.log(`The key ${kid} was written to ${file}. Set RECEIPT_KEY to this file and restart the bot.`);
}

async function print(): Promise<void> {
  await useStore(async (records) => {
    const keys = await listReceiptKeys(records);
    console.log(JSON.stringify(values.all ? { keys } : buildKeySet(keys), undefined, 2));
  });
}

async function revoke(kid: string): Promise<void> {
  await useStore(async (records) => {
    if (!(await revokeReceiptKey(records, kid, Date.now())))
      throw new AppError('settings_invalid', `No bot of this store has signed with a key ${kid}.`);
  });
  console.log(
    `The key ${kid} is revoked: it is no longer listed. Give the new list to whoever checks receipts.`,
  );
}

async function useStore(
  work: (records: Awaited<ReturnType<typeof openStore>>['records']) => Promise<void>,
): Promise<void> {
  const { storeUrl } = loadSettings(readEnvironment(process.env));
  requireDatabase(storeUrl);
  const { records, close } = await openStore(storeUrl, LOG, { besideBot: true });
  await work(records).finally(close);
}
