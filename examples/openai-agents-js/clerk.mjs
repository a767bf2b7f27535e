import { Agent, RunState, run, tool } from '@openai/agents';
import { CrewApprovals } from 'crew-approvals/client';
import { runWithApprovals } from 'crew-approvals/openai-agents';
import { z } from 'zod';

const refund = tool({
  name: 'refund',
  description: 'Refunds an order.',
  parameters: z.object({ order: z.string(), euros: z.number() }),
  needsApproval: true,
  execute: async ({ order, euros }) => {
    console.log('refunded', order, euros); // your shop
    return `refunded ${euros} EUR`;
  },
});

const clerk = new Agent({
  name: 'Refunds',
  instructions: 'Answer customers.',
  tools: [refund],
  model: 'gpt-5',
});
const approvals = new CrewApprovals({
  url: process.env.BOT_URL ?? 'http://127.0.0.1:3000',
  crew: 'payments',
  secret: process.env.ASK_SECRET ?? '',
});
const id = process.argv[2] ?? '';
const result = await runWithApprovals(
  approvals,
  {
    start: () => run(clerk, 'Order 7 arrived broken. Refund its 25 EUR.'),
    load: (stored) => RunState.fromString(clerk, stored),
    go: (state) => run(clerk, state),
  },
  { run: id, path: `${id}.json` },
);
console.log(result.finalOutput);
