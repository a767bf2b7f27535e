import type { Crew } from '../approval/model/crew/crew.ts';
import type { Dialect } from '../approval/model/crew/dialect.ts';
import { addTicket } from '../approval/model/crew/own-urls.ts';
import {
  type HumanInputWebhook,
  type WebhookUrls,
  webhookKinds,
} from '../approval/model/crew/webhook-urls.ts';
import { runEventTypes } from '../approval/model/run/run-events.ts';
import { buildWebhookFields } from './resume-request.ts';

/**
 * Builds the fields of a kickoff with which every webhook of a run reaches this bot, with secrets; undefined without
 * PUBLIC_URL. `secret`: the crew's webhook secret; `ticket`: of this start. Pure.
 */
export function buildKickoffFields(
  crew: Crew,
  dialect: Dialect,
  secret: string,
  ticket?: string,
): object | undefined {
  const { ownUrls, ownHumanInput } = crew;
  if (!ownUrls.task || !ownHumanInput) return undefined;
  const withTicket = (url: string, authentication?: HumanInputWebhook['authentication']) =>
    ticket === undefined ? url : addTicket(url, { crew, secret, ticket }, authentication);
  const urls: WebhookUrls = {};
  for (const kind of webhookKinds) if (ownUrls[kind]) urls[kind] = withTicket(ownUrls[kind]);
  const humanInput = dialect === 'documented' ? ownHumanInput.object : ownHumanInput.string;
  const authentication = { strategy: 'bearer', token: secret } as const;
  return {
    ...buildWebhookFields({
      urls,
      humanInput: { ...humanInput, url: withTicket(humanInput.url, humanInput.authentication) },
    }),
    webhooks: {
      events: runEventTypes,
      url: withTicket(ownHumanInput.object.url.replace(/\/human-input$/, '/events'), authentication),
      realtime: true,
      authentication,
    },
  };
}
