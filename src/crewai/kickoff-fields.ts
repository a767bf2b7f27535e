import type { Dialect } from '../approval/model/crew/dialect.ts';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { addTicket, addTickets } from '../approval/model/crew/urls-to-send.ts';
import { runEventTypes } from '../approval/model/run/run-events.ts';
import { buildWebhookFields } from './resume-request.ts';

/**
 * Builds the fields of a kickoff that send every webhook of the run to this bot, with secrets; undefined: no PUBLIC_URL or no
 * WEBHOOK_SECRET. `ticket`: of this start. Pure.
 */
export function buildKickoffFields(
  { crew, secret }: Pick<Endpoint, 'crew' | 'secret'>,
  dialect: Dialect,
  ticket?: string,
): object | undefined {
  const { ownUrls: urls, ownHumanInput } = crew;
  if (!urls.task || !ownHumanInput) return undefined;
  const humanInput = dialect === 'documented' ? ownHumanInput.object : ownHumanInput.string;
  const authentication = { strategy: 'bearer', token: secret } as const;
  const events = ownHumanInput.object.url.replace(/\/human-input$/, '/events');
  return {
    ...buildWebhookFields(addTickets({ urls, humanInput }, { crew, secret, ticket })),
    webhooks: {
      events: runEventTypes,
      url: addTicket(events, { crew, secret, ticket }, authentication),
      realtime: true,
      authentication,
    },
  };
}
