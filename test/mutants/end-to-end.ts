import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/app.ts': [
    ['    ...listNamedPeople(crew),\n', '    ...crew.approvers,\n', 'world/approvers'],
    ["worker.get().blockedChannels().join(', ') || undefined", 'undefined', 'world/approvers'],
    ['channels : [...channels, opsChannel]', '[] : [opsChannel]', 'world/approvers'],
  ],
  'src/approval/intake/build-approval.ts': [
    ['rules.channel === crew.channel ? (channel ?? crew.channel) :', 'channel ??', 'world/approvers'],
  ],
  'src/approval/starts/start-run.ts': [['hidden === undefined', "hidden !== ''", 'world/starts']],
  'src/crewai/crew-ai.ts': [
    ['meta: { requested_by: by, channel,', 'meta: { channel,', 'world/starts'],
    [
      'isAllowedCallback(url, this.setup.endpoints.get(crew)?.callbackHosts ?? [])',
      'url.length > 0',
      'world/flows',
    ],
  ],
  'src/crewai/flow-callback.ts': [['if (status === 409) {', 'if (status === 410) {', 'world/flows']],
  'src/crewai/resume-request.ts': [
    ['crew ? { crewWebhookUrl: urls.crew }', 'step ? { crewWebhookUrl: urls.crew }', 'world/approvals'],
  ],
  'src/http/webhooks.ts': [['const MAX_LARGE = 8;', 'const MAX_LARGE = 9;', 'e2e/flow-floods']],
  'src/slack/api/client.ts': [["parse: 'none',", "parse: 'full',", 'world/harmless-cards']],
  'src/slack/app/ids.ts': [["retry: 'retry',", "retry: 'send_again',", 'world/clicks']],
  'src/slack/app/late-clicks.ts': [
    ['MAX_DECIDING_AGE = 10_000', 'MAX_DECIDING_AGE = 12_000', 'e2e/late-clicks'],
  ],
};
