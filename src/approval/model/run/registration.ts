import type { HumanInputWebhook, WebhookUrls } from '../crew/webhook-urls.ts';

/** What whoever starts a run may say of it, beside what its webhooks say. It narrows, never widens. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  /** The human-input webhook that `meta` names. */
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
}
