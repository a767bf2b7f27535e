import { expect, test } from 'vitest';
import { AMOUNT_INPUT, PAYMENT_RULES, paymentTasks } from '../../../../src/sandbox/demo/crew/payments.ts';
import { readCrews } from '../../../../src/settings/crews-file.ts';

test('a payment needs two people, can be undone for 10 s, and has a reminder after 1 minute and a deadline after 3', () => {
  const payments = {
    base_url: 'http://127.0.0.1:1',
    bearer_token: 'a-token',
    webhook_secret: 'a-secret-of-16-chars',
    channel: '#approvals',
    approvers: ['UANA', 'UBEN'],
    ...PAYMENT_RULES,
  };
  const { crews, faults } = readCrews(JSON.stringify({ crews: { payments } }), () => undefined, {});
  expect(faults).toEqual([]);
  expect(crews[0]).toMatchObject({
    approvalsRequired: 2,
    undoWindow: 10_000,
    remindAfter: 60_000,
    urgent: true,
    expireAfter: 180_000,
    onExpiry: 'keep',
  });
});

test('the payment names the amount that it was started with, and follows feedback', () => {
  const pay = paymentTasks.find(({ name }) => name === 'pay_invoice');
  const write = (revisions: string[], inputs = {}) =>
    String(pay?.output({ feedback: revisions, revisions, inputs }));
  expect(write([])).toContain('Pay 48,600 € to Fios do Mar');
  expect(write([], { [AMOUNT_INPUT]: '12 €' })).toContain('Pay 12 € to');
  expect(write(['Cheaper, please'])).toContain('3 % discount');
  expect(write(['Cite your sources'])).toContain('invoice 2026-1142');
  expect(write(['Pay in gold'])).toContain('I could not follow “Pay in gold”');
});
