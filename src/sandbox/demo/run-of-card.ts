import type { WebhookRecord } from '../crewai/webhooks.ts';

/** Reads the id of a card's approval, with which the block_id of its last block begins. */
export function readApprovalId(blocks: readonly unknown[] = []): string | undefined {
  return /"block_id":"([0-9A-Z]{10,16})\.\d/.exec(JSON.stringify(blocks.at(-1) ?? ''))?.[1];
}

/** Maps approvals to their runs: the bot's response to a webhook of a run names the approval. */
export function mapApprovalsToRuns(
  webhooks: readonly Pick<WebhookRecord, 'run' | 'answer'>[],
): Map<string, string> {
  return new Map(
    webhooks.flatMap(({ run, answer }) => {
      const [, approval] = /"approval":"([0-9A-Z]{10,16})"/.exec(answer ?? '') ?? [];
      return approval === undefined ? [] : [[approval, run] as const];
    }),
  );
}
