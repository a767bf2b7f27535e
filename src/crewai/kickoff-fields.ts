import type { Crew } from '../approval/model/crew/crew.ts';
import type { Dialect } from '../approval/model/crew/dialect.ts';
import { runEventTypes } from '../approval/model/run/run-events.ts';
import { buildWebhookFields } from './resume-request.ts';

/**
 * Builds the fields of a kickoff with which every webhook of a run reaches this bot, with secrets; undefined without
 * PUBLIC_URL. `secret`: the crew's webhook secret. Pure.
 */
export function buildKickoffFields(crew: Crew, dialect: Dialect, secret: string): object | undefined {
  const { ownUrls, ownHumanInput } = crew;
  if (!ownUrls.task || !ownHumanInput) return undefined;
  return {
    ...buildWebhookFields({
      urls: ownUrls,
      humanInput: dialect === 'documented' ? ownHumanInput.object : ownHumanInput.string,
    }),
    webhooks: {
      events: runEventTypes,
      url: ownHumanInput.object.url.replace(/\/human-input$/, '/events'),
      realtime: true,
      authentication: { strategy: 'bearer', token: secret },
    },
  };
}
