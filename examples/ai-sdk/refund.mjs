import { openai } from '@ai-sdk/openai';
import { generateText, isStepCount, tool } from 'ai';
import { generateWithApprovals } from 'crew-approvals/ai-sdk';
import { CrewApprovals } from 'crew-approvals/client';
import { z } from 'zod';

const refund = tool({
  description: 'Refunds an order.',
  inputSchema: z.object({ order: z.string(), euros: z.number() }),
  execute: async ({ order, euros }) => {
    console.log('refunded', order, euros); // your shop
    return `refunded ${euros} EUR`;
  },
});

const approvals = new CrewApprovals({
  url: process.env.BOT_URL ?? 'http://127.0.0.1:3000',
  crew: 'payments',
  secret: process.env.ASK_SECRET ?? '',
});
const run = process.argv[2] ?? '';
const result = await generateWithApprovals(
  approvals,
  (messages) =>
    generateText({
      model: openai('gpt-5'),
      tools: { refund },
      toolApproval: { refund: 'user-approval' },
      stopWhen: isStepCount(20),
      messages,
    }),
  {
    run,
    path: `${run}.json`,
    agent: 'Refunds',
    messages: [{ role: 'user', content: 'Order 7 arrived broken. Refund its 25 EUR.' }],
  },
);
console.log(result.text);
