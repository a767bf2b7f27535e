import type { WebhookRecord } from '../crewai/webhooks.ts';

/** The id of the approval that a card is about: its footer ends with it. */
export function readApprovalId(blocks: readonly unknown[] = []): string | undefined {
  return / · approval ([0-9A-Z]{10,16})"/.exec(JSON.stringify(blocks.at(-1) ?? ''))?.[1];
}

/** The run of each approval: the bot's answer to a webhook of the run names the approval. */
export function mapApprovalsToRuns(webhooks: readonly WebhookRecord[]): Map<string, string> {
  const runs = new Map<string, string>();
  for (const { body, answer } of webhooks) {
    const [, approval] = /"approval":"([0-9A-Z]{10,16})"/.exec(answer ?? '') ?? [];
    const { execution_id, kickoff_id, flow_execution_id } = body as Record<string, string | undefined>;
    // A live run gets a new kickoff_id at each decision and keeps its execution_id.
    const run = execution_id ?? kickoff_id ?? flow_execution_id;
    if (approval !== undefined && run !== undefined && !runs.has(approval)) runs.set(approval, run);
  }
  return runs;
}
