import type { DemoTask } from './crew.ts';
import { listExamples, revise, type Writer } from './feedback/revise.ts';

/** Name of the crew whose output needs two approvals before a deadline. */
export const PAYMENTS = 'payments';

/** Name of the crew's input; `AMOUNT` is its default value. */
export const AMOUNT_INPUT = 'amount';
export const AMOUNT = '48,600 €';

/** Description of the crew for the visitor. */
export const ABOUT_PAYMENTS =
  'It asks to pay an invoice: Ana and Ben both have to approve. Then there are 10 seconds to undo. A reminder comes after 1 minute, the deadline after 3.';

/** Settings of the crew. The times are short enough to wait for. */
export const PAYMENT_RULES = {
  approvals_required: 2,
  undo_window: '10 s',
  remind_after: '1 min',
  // Otherwise no reminder comes at night, and people try the demo at night too.
  urgent: true,
  expire_after: '3 min',
};

const buildPayment = (amount: string): Writer => ({
  possibleWishes: ['cheaper', 'sources'],
  parts: [],
  lengths: { shortest: 0, longest: 0 },
  write: ({ isCheaper, hasSources }) =>
    [
      `# Pay ${amount} to Fios do Mar`,
      'For 3,200 m of recycled yarn, delivered to Guimarães on 12 June.',
      ...(isCheaper ? ['Paid within 10 days, so 3 % discount is deducted.'] : []),
      ...(hasSources ? ['**Sources:** invoice 2026-1142, order 7731, delivery note 88-3071'] : []),
    ].join('\n\n'),
});

export const paymentTasks: readonly DemoTask[] = [
  {
    name: 'check_invoice',
    agent: 'Invoice checker',
    description: 'Compare the invoice with the order and the delivery note',
    expectedOutput: 'Whether they agree',
    humanInput: false,
    feedbackExamples: [],
    writeOutput: () => 'Invoice 2026-1142 agrees with order 7731 and delivery note 88-3071.',
  },
  {
    name: 'pay_invoice',
    agent: 'Accountant',
    description: 'Propose the payment of the invoice',
    expectedOutput: 'The payee, the amount and the reason',
    humanInput: true,
    feedbackExamples: listExamples(buildPayment(AMOUNT)),
    writeOutput: ({ revisions, inputs }) =>
      revise(buildPayment(String(inputs[AMOUNT_INPUT] ?? AMOUNT)), revisions),
  },
];
