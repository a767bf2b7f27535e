// The command `crew-approvals verify receipt`.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { digestAnswer, digestJson, ReceiptRejected, verifyReceipt } from './receipts.ts';

const USAGE = `usage: npx --no-install crew-approvals verify receipt FILE --keys FILE --issuer URL --crew NAME
       (--question DIGEST|FILE | --arguments DIGEST|FILE) [--answer FILE]
FILE has the receipt. --keys: the bot's public keys, as https://your-bot/.well-known/jwks.json lists them, or one as PEM.
--question: the body of the question, or its digest; --arguments: those of the tool. --answer: the answer as GET gives it.
Prints the claims. It cannot know if the receipt was used before: whoever carries the action out must store its jti.`;

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    ...{ keys: text, issuer: text, crew: text, question: text, arguments: text, answer: text },
    help: { type: 'boolean', short: 'h' },
  },
});

try {
  const [file, ...others] = positionals;
  if (values.help) console.log(USAGE);
  else if (file === undefined || others.length > 0) throw new ReceiptRejected(USAGE);
  else console.log(JSON.stringify(verify(file), undefined, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function verify(file: string): object {
  const { issuer = '', crew = '', question, arguments: callArguments, answer } = values;
  const keys = values.keys === undefined ? '' : readFileSync(values.keys, 'utf8');
  return verifyReceipt(readFileSync(file, 'utf8'), {
    ...{ issuer, crew },
    keys: keys.trimStart().startsWith('{') ? JSON.parse(keys) : keys,
    ...(question === undefined ? {} : { question: readDigest(question) }),
    ...(callArguments === undefined ? {} : { arguments: readDigest(callArguments) }),
    ...(answer === undefined ? {} : { answer: digestAnswer(JSON.parse(readFileSync(answer, 'utf8'))) }),
  });
}

function readDigest(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value : digestJson(readFileSync(value, 'utf8'));
}
