import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { BUILT } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn, runCommand } from '../support/process-steps.ts';
import { until } from '../support/until.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-programs';
const ISSUER = 'https://approvals.example.com';
const [, SERVICE = ''] =
  /A payment service:\n\n```js\n([\s\S]*?)```/.exec(readFileSync('docs/receipts.md', 'utf8')) ?? [];
const ORDER = '{"amount": 250, "to": "ACME"}';
const request = axios.create({ validateStatus: () => true });

/** Starts the payment service of docs/receipts.md. */
async function startService({ folder }: World, keys: object): Promise<string> {
  expect(SERVICE).not.toBe('');
  const installed = join(folder, 'node_modules', 'crew-approvals');
  mkdirSync(installed, { recursive: true });
  symlinkSync(BUILT, join(installed, 'dist'));
  symlinkSync(join(process.cwd(), 'package.json'), join(installed, 'package.json'));
  writeFileSync(join(folder, 'service.mjs'), SERVICE);
  writeFileSync(join(folder, 'approval-keys.json'), JSON.stringify(keys));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), RECEIPT_ISSUER: ISSUER };
  const service = spawn(process.execPath, ['service.mjs'], { cwd: folder, env, stdio: 'inherit' });
  onTestFinished(() => void service.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(() => request.post(url, {}));
  return url;
}

test('a payment service pays once for a receipt of its order, and for nothing else; commands check, list and revoke', async () => {
  const world = await startWorld();
  const made = await runCommand(world, 'receipt-keys', ['new', 'key.pem']);
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The key \S{43} was written to key\.pem/),
  });
  const file = join(world.folder, 'key.pem');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const settings = { ASK_SECRET, CREW_NAME: 'payments', RECEIPT_KEY: file, RECEIPT_ISSUER: ISSUER };

  const bot = await startBot(world, settings);
  const url = `http://127.0.0.1:${bot.port}/crews/payments/questions/q1`;
  const headers = { authorization: `Bearer ${ASK_SECRET}` };
  const question = { kind: 'tool', title: 'pay', output: JSON.parse(ORDER), effect: 'irreversible' };
  expect((await request.put(url, question, { headers })).status).toBe(201);
  const card = await sees(world.workspace, 'the call', ({ all }) =>
    all.includes('irreversible once it runs'),
  );
  await clickOn(world, card.ts, 'choose_1');
  const { data } = await request.get(url, { headers, params: { wait: 25 } });
  const { receipt } = data.answer;

  const { data: keys } = await request.get(`http://127.0.0.1:${bot.port}/.well-known/jwks.json`);
  const listed = await runCommand(world, 'receipt-keys', [], settings);
  expect(JSON.parse(listed.stdout)).toEqual(keys);
  const service = await startService(world, keys);
  const pay = async (body: object) => {
    const response = await request.post(service, body);
    return `${response.status} ${response.data}`.trim();
  };
  expect(await pay({ order: ORDER, receipt: '' })).toBe('403 It is not a compact JWS.');
  expect(await pay({ order: ORDER.replace('250', '251'), receipt })).toMatch(
    /^403 The receipt has another digest of the arguments than expected/,
  );
  expect(await pay({ order: '{"to":"ACME","amount":2.5e2}', receipt })).toBe('200 paid 250, allowed by UANA');
  expect(await pay({ order: ORDER, receipt })).toMatch(/^403 EEXIST/);

  for (const [name, text] of Object.entries({ receipt, order: ORDER, keys: JSON.stringify(keys) }))
    writeFileSync(join(world.folder, name), text);
  const check = ['receipt', 'receipt', '--keys', 'keys', '--issuer', ISSUER, '--crew', 'payments'];
  const checked = await runCommand(world, 'verify', [...check, '--arguments', 'order']);
  expect(JSON.parse(checked.stdout)).toMatchObject({ sub: 'q1', by: ['UANA'] });
  expect(await runCommand(world, 'verify', check)).toMatchObject({
    code: 1,
    stderr: 'The digest of the question or of the arguments must be given.\n',
  });

  const kid = keys.keys[0].kid as string;
  expect((await runCommand(world, 'receipt-keys', ['revoke', kid], settings)).code).toBe(0);
  expect((await request.get(`http://127.0.0.1:${bot.port}/.well-known/jwks.json`)).data).toEqual({
    keys: [],
  });
  await bot.stop();
  const refused = await startBot(world, settings).catch((error: unknown) => String(error));
  expect(String(refused)).toContain('RECEIPT_KEY is revoked');
});

test('a key file that others can read is refused at start', async () => {
  const world = await startWorld();
  await runCommand(world, 'receipt-keys', ['new', 'key.pem']);
  const file = join(world.folder, 'key.pem');
  chmodSync(file, 0o640);
  const started = await runCommand(world, 'receipt-keys', [], { RECEIPT_KEY: file, RECEIPT_ISSUER: ISSUER });
  expect(started).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `RECEIPT_KEY can be read or written by other users of this machine: chmod 600 ${file}`,
    ),
  });
});
