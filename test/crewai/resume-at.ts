import { expect } from 'vitest';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { approval, round } from '../slack/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { aRunRecord, crew, decision, endpointsOf } from './records.ts';

export const TOKEN = 'crew-token-that-nobody-may-see';

/** Sends an approval to the documented crew at this URL. Checks that the outcome never contains the token. */
export async function resumeAt(baseUrl: string, { timeout = 8_000, bearerToken = TOKEN, of = crew } = {}) {
  const client = new CrewAIClient({
    endpoints: endpointsOf(of, baseUrl, { bearerToken }),
    dialects: fixedDialect(),
    clock: createSystemClock(),
    timeout,
  });
  const records = { approval: approval([round()]), round: round(), run: aRunRecord() };
  const outcome = await client.resume({ ...records, decision: decision() });
  expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  return outcome;
}
