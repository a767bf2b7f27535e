import type { WebClient } from '@slack/web-api';
import { openApproval } from '../../approval/lifecycle/rounds.ts';
import { DEFAULT_POLICY } from '../../approval/model/crew/task-rules.ts';
import { readOutput } from '../../approval/model/output.ts';
import { summarizeError } from '../../lib/errors.ts';
import { createCards } from '../../slack/api/cards.ts';
import { type Finding, failed, ok } from './finding.ts';

/** Posts the card of an approval that is not stored, and deletes it. Never rejects. */
export async function sendTest(client: WebClient, channel: string, command: string): Promise<Finding> {
  const about = `test approval in ${channel}`;
  const output = readOutput('This is a test of `npm run doctor`. It is deleted at once.');
  const round = { taskId: 'test', humanInput: false, hashes: ['test'], agent: 'The doctor' };
  const approval = openApproval(
    {
      id: 'TEST',
      crew: 'test',
      executionId: 'test',
      task: 'test',
      channel,
      urls: {},
      policy: DEFAULT_POLICY,
    },
    { type: 'output', at: Date.now(), output: round, opensRounds: true },
  );
  try {
    const [shown] = approval.rounds;
    if (!shown) throw new Error('a test approval without a round');
    const cards = createCards(client, { message: () => undefined, command });
    const card = await cards.post({ approval, round: shown, output });
    await client.chat.delete({ channel: card.channel, ts: card.ts });
    return ok(about, 'posted and deleted.');
  } catch (error) {
    return failed(about, `Slack rejected it (${summarizeError(error)}).`);
  }
}
