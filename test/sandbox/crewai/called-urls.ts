import type { FindTargets, WebhookTargets } from '../../../src/sandbox/crewai/webhook-targets.ts';

/**
 * Which URLs are called after a /resume, which no source settles: those that this /resume named, the newest of the run, the
 * first ones for ever, or, through a relay that is one /resume behind, those of the one before.
 */
export type CalledUrls = 'resume' | 'newest' | 'first' | 'stale';

/** For a platform that calls these URLs. */
export const FIND_TARGETS: Readonly<Record<CalledUrls, FindTargets>> = {
  resume: (named, after) => named[after] ?? {},
  newest: (named) => named.reduce(replaceNamed, {}),
  first: (named) => named.reduceRight(replaceNamed, {}),
  stale: (named, after) => named[Math.max(0, after - 1)] ?? {},
};

/** The two forms of the human-input webhook replace each other. */
function replaceNamed(before: WebhookTargets, named: WebhookTargets): WebhookTargets {
  const { humanInputWebhook, humanInputWebhookUrl, ...others } = before;
  const hasHumanInput = named.humanInputWebhook ?? named.humanInputWebhookUrl;
  return hasHumanInput ? { ...others, ...named } : { ...before, ...named };
}
