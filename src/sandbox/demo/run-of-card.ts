import type { WebhookRecord } from '../crewai/webhooks.ts';

/** The id of the approval that a card is about: its last block is named by it. */
export function readApprovalId(blocks: readonly unknown[] = []): string | undefined {
  return /"block_id":"([0-9A-Z]{10,16})\.\d/.exec(JSON.stringify(blocks.at(-1) ?? ''))?.[1];
}

/** The run of each approval: the bot's answer to a webhook of the run names the approval. */
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
