import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestAnswer, digestJson, verifyReceipt } from '../../src/clients/receipts.ts';
import { readRecords } from './read-records.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

const ASK_SECRET = 'the-ask-secret-of-a-program';
const ISSUER = 'https://approvals.example.com';
const writePem = (key: KeyObject) =>
  String(key.export({ type: 'pkcs8', format: 'pem' })).replaceAll('\n', '\\n');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const RECEIPTS = { RECEIPT_KEY: writePem(privateKey), RECEIPT_ISSUER: ISSUER };
const PAY = { kind: 'tool', title: 'pay', output: { amount: 250, to: 'ACME' }, run: 'r1' };
const PAY_ARGUMENTS = digestJson('{"to": "ACME", "amount": 250.0}');

async function createReceiptWorld({ settings, ...options }: WorldOptions = {}) {
  const world = await createWorld({ ...options, settings: { ASK_SECRET, ...RECEIPTS, ...settings } });
  const headers = { authorization: `Bearer ${ASK_SECRET}` };
  const send = (method: string, path: string, body?: object) =>
    world.send(`crews/press/questions/${path}`, body, { method, headers });
  const answerOf = async (id: string) => (await send('GET', id)).data.answer;
  return {
    ...{ world, send, answerOf },
    put: async (id: string, body: object) => {
      const { status } = await send('PUT', id, body);
      await world.pass(2 * SECOND);
      return status;
    },
    keys: async () => (await world.send('.well-known/jwks.json', undefined, { method: 'GET' })).data,
    check: (receipt: string, more: object = {}) =>
      verifyReceipt(receipt, {
        ...{ keys: String(publicKey.export({ type: 'spki', format: 'pem' })), issuer: ISSUER, crew: 'press' },
        ...{ arguments: PAY_ARGUMENTS, now: world.stage.now() },
        ...more,
      }),
  };
}

async function allow(world: World, user = 'UANA', action = 'choose_1') {
  await world.click(user, action);
  await world.pass(2 * SECOND);
}

describe('the answer of a person to a program', () => {
  test('has a receipt for exactly its question, its answer and its arguments, the same at each fetch', async () => {
    const { world, put, answerOf, check, keys } = await createReceiptWorld();
    await put('q1', PAY);
    await allow(world);
    const answer = await answerOf('q1');
    const claims = check(answer.receipt, {
      question: digestJson(JSON.stringify(PAY)),
      answer: digestAnswer(answer),
      keys: await keys(),
    });
    expect(claims).toMatchObject({
      ...{ iss: ISSUER, crew: 'press', sub: 'q1', option: 'allow', by: ['UANA'] },
      ...{ rule: { approvals_required: 1, irreversible: false }, seen: answer.seen },
    });
    expect(claims.exp - claims.iat).toBe(3_600);
    expect((await answerOf('q1')).receipt).toBe(answer.receipt);
    await world.restart();
    expect((await answerOf('q1')).receipt).toBe(answer.receipt);
    const { approval } = await readRecords(world);
    expect(JSON.stringify(approval)).not.toContain(answer.receipt);
  });

  test('names all who agreed', async () => {
    const { world, put, answerOf, check } = await createReceiptWorld({
      settings: { APPROVALS_REQUIRED: '2' },
    });
    await put('q1', { ...PAY, effect: 'irreversible' });
    await allow(world);
    await allow(world, 'UBEN');
    expect(check((await answerOf('q1')).receipt)).toMatchObject({
      by: ['UANA', 'UBEN'],
      rule: { approvals_required: 2, irreversible: true },
    });
  });

  test('has its receipt when it can no longer be undone, and none if it was undone', async () => {
    const { world, put, answerOf, check } = await createReceiptWorld({
      settings: { UNDO_WINDOW: '1 minute' },
    });
    await put('q1', PAY);
    await allow(world);
    await world.click('UANA', 'undo');
    await world.pass(2 * MINUTE);
    expect(await answerOf('q1')).toBeUndefined();
    expect((await readRecords(world)).approval.rounds[0]?.receipt).toBeUndefined();
    await allow(world);
    await world.pass(2 * MINUTE);
    const claims = check((await answerOf('q1')).receipt);
    expect(claims.exp - claims.iat).toBeGreaterThanOrEqual(3_600 + 60);
  });

  test('has none if a rule gave it', async () => {
    const settings = { EXPIRE_AFTER: '1 hour', ON_EXPIRY: 'default' };
    const { world, put, answerOf } = await createReceiptWorld({ settings });
    await put('q1', { ...PAY, default_option: 'block' });
    await world.pass(2 * HOUR);
    expect(await answerOf('q1')).toMatchObject({ option: 'block', by: '' });
    expect(await answerOf('q1')).not.toHaveProperty('receipt');
  });

  test('has none without a key', async () => {
    const { world, put, answerOf, keys } = await createReceiptWorld({
      settings: { RECEIPT_KEY: '', RECEIPT_ISSUER: '' },
    });
    await put('q1', PAY);
    await allow(world);
    expect(await answerOf('q1')).not.toHaveProperty('receipt');
    expect(await keys()).toEqual({ keys: [] });
  });

  test('holds for as long as the crew says', async () => {
    const { world, put, answerOf, check } = await createReceiptWorld({
      settings: { RECEIPT_FOR: '5 minutes' },
    });
    await put('q1', PAY);
    await allow(world);
    const { receipt } = await answerOf('q1');
    await world.pass(10 * MINUTE);
    expect(() => check(receipt)).toThrow(/It was approved at .* and expired at .*: ask again/);
  });
});

test('a call that an earlier decision allows has its own receipt, which names that decision and its people', async () => {
  const { world, put, answerOf, check } = await createReceiptWorld();
  await put('q1', PAY);
  await allow(world, 'UANA', 'choose_3');
  await put('q2', PAY);
  const [first, second] = [await answerOf('q1'), await answerOf('q2')];
  expect(check(second.receipt)).toMatchObject({ sub: 'q2', allowed_by: 'q1', by: ['UANA'] });
  expect(check(second.receipt).jti).not.toBe(check(first.receipt).jti);
});

test('a call that an earlier decision allows has the rule of that decision, not of a later round', async () => {
  const { world, put, answerOf, check } = await createReceiptWorld({
    rules: [
      ...[`ask_secret: ${ASK_SECRET}`, 'approvers: [UANA, UBEN]'],
      'irreversible: {approvals_required: 2}',
    ],
  });
  await put('q1', PAY);
  await allow(world, 'UANA', 'choose_3');
  await put('q2', { ...PAY, output: { amount: 9 }, follows: 'q1', effect: 'irreversible' });
  await put('q3', PAY);
  expect(check((await answerOf('q3')).receipt)).toMatchObject({
    by: ['UANA'],
    rule: { approvals_required: 1, irreversible: false },
  });
});

test('where the key is revoked the answer waits, and another key signs it; the list names the keys that count', async () => {
  const { world, put, answerOf, check, keys } = await createReceiptWorld();
  await put('q1', PAY);
  const [key] = (await keys()).keys;
  const records = world.records.of(world.stage.outside);
  const [stored] = await world.settle(records.range('receiptkey', { limit: 2 }));
  const raw = JSON.stringify({ ...JSON.parse(stored?.raw ?? ''), revokedAt: 1 });
  const puts = [{ key: stored?.key ?? '', raw }];
  await world.settle(records.commit({ compare: [], puts, deletes: [] }));
  await world.pass(2 * MINUTE);
  expect(await keys()).toEqual({ keys: [] });
  await allow(world);
  await world.pass(2 * MINUTE);
  expect(await answerOf('q1')).toBeUndefined();
  const next = generateKeyPairSync('ed25519');
  await world.restart({ RECEIPT_KEY: writePem(next.privateKey) });
  await world.pass(2 * MINUTE);
  const list = await keys();
  expect(list.keys).not.toContainEqual(key);
  expect(check((await answerOf('q1')).receipt, { keys: list }).sub).toBe('q1');
});

test('the receipt goes with its approval', async () => {
  const { world, put, answerOf, send } = await createReceiptWorld({ settings: { RETENTION: '1 day' } });
  await put('q1', PAY);
  await allow(world);
  const { receipt } = await answerOf('q1');
  await send('PUT', 'q1/received');
  await world.pass(50 * HOUR);
  const records = world.records.of(world.stage.outside);
  const outputs = await world.settle(records.range('output', { limit: 100 }));
  expect(outputs.map(({ raw }) => raw).join()).not.toContain(receipt);
  expect((await send('GET', 'q1')).status).toBe(404);
});
