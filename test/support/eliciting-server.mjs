// An MCP server over stdio with one tool, which asks the person for an amount and returns what it got.
import { createInterface } from 'node:readline';

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
let call;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, result } = JSON.parse(line);
  if (method === 'initialize')
    write({
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'till', version: '1' },
      },
    });
  else if (method === 'tools/list')
    write({ id, result: { tools: [{ name: 'pay', inputSchema: { type: 'object' } }] } });
  else if (method === 'tools/call') {
    call = id;
    const requestedSchema = {
      type: 'object',
      properties: { amount: { type: 'number', title: 'Amount' } },
      required: ['amount'],
    };
    write({
      id: 1,
      method: 'elicitation/create',
      params: { message: 'How much do we pay?', requestedSchema },
    });
  } else if (id === 1)
    write({ id: call, result: { content: [{ type: 'text', text: JSON.stringify(result) }] } });
  else if (id !== undefined) write({ id, error: { code: -32601, message: `no ${method} here: ${params}` } });
}
