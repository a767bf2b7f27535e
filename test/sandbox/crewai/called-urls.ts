import type { FindTargets, WebhookTargets } from '../../../src/sandbox/crewai/webhook-targets.ts';

/**
 * The URLs that CrewAI calls after a /resume. No source settles this: the URLs of this /resume, the newest ones of the
 * run, always the first ones, or, through a relay that is one /resume behind, the URLs of the previous /resume.
 */
export type CalledUrls = 'resume' | 'newest' | 'first' | 'stale';

/** Finds the targets on a platform that calls these URLs. */
export const FIND_TARGETS: Readonly<Record<CalledUrls, FindTargets>> = {
  resume: (named, after) => named[after] ?? {},
  newest: (named) => named.reduce(replaceNamed, {}),
  first: (named) => named.reduceRight(replaceNamed, {}),
  stale: (named, after) => named[Math.max(0, after - 1)] ?? {},
};

/** Adds named targets to earlier ones. The two forms of the human-input webhook replace each other. */
function replaceNamed(before: WebhookTargets, named: WebhookTargets): WebhookTargets {
  const { humanInputWebhook, humanInputWebhookUrl, ...others } = before;
  const hasHumanInput = named.humanInputWebhook ?? named.humanInputWebhookUrl;
  return hasHumanInput ? { ...others, ...named } : { ...before, ...named };
}
