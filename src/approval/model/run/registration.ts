import type { HumanInputWebhook, WebhookUrls } from '../crew/webhook-urls.ts';

/** Settings that the starter of a run registers for it. They narrow the crew's settings, never widen them. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  /** The human-input webhook that `meta` names. */
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
}
