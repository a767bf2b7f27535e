import type { WebhookTargets } from './webhook-targets.ts';

/**
 * Which URLs are called after a /resume, which no source settles: those that this /resume named, the newest of the run, the
 * first ones for ever, or, through a relay that is one /resume behind, those of the one before.
 */
export type CalledUrls = 'resume' | 'newest' | 'first' | 'stale';

/** Where the webhooks are sent of what follows the /resume at `after`. `named`: by /kickoff, and by each /resume since. */
export function findCalledUrls(
  called: CalledUrls,
  named: readonly WebhookTargets[],
  after: number,
): WebhookTargets {
  switch (called) {
    case 'resume':
      return named[after] ?? {};
    case 'newest':
      return named.reduce(replaceNamed, {});
    case 'first':
      return named.reduceRight(replaceNamed, {});
    case 'stale':
      return named[Math.max(0, after - 1)] ?? {};
  }
}

/** The two forms of the human-input webhook replace each other. */
function replaceNamed(before: WebhookTargets, named: WebhookTargets): WebhookTargets {
  const { humanInputWebhook, humanInputWebhookUrl, ...others } = before;
  const hasHumanInput = named.humanInputWebhook ?? named.humanInputWebhookUrl;
  return hasHumanInput ? { ...others, ...named } : { ...before, ...named };
}
