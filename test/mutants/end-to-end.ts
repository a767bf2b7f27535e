import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    file: 'src/app.ts',
    from: '    ...listNamedPeople(crew),\n',
    to: '    ...crew.approvers,\n',
    tests: ['test/world/approvers.test.ts'],
  },
  {
    file: 'src/slack/api/post-message.ts',
    from: "parse: 'none',",
    to: "parse: 'full',",
    tests: ['test/world/harmless-cards.test.ts'],
  },
  {
    file: 'src/app.ts',
    from: "channels: async () => worker.blockedChannels().join(', ') || undefined,",
    to: 'channels: async () => undefined,',
    tests: ['test/world/approvers.test.ts'],
  },
  {
    file: 'src/app.ts',
    from: 'void checkChannels(slack, opsChannel === undefined ? channels : [...channels, opsChannel]);',
    to: 'void checkChannels(slack, opsChannel === undefined ? [] : [opsChannel]);',
    tests: ['test/world/approvers.test.ts'],
  },
  {
    file: 'src/approval/intake/build-approval.ts',
    from: 'rules.channel === crew.channel ? (channel ?? crew.channel) : rules.channel;',
    to: 'channel ?? rules.channel;',
    tests: ['test/world/approvers.test.ts'],
  },
  {
    file: 'src/crewai/dialects/live.ts',
    from: 'return approve ? approvalText :',
    to: 'return !approve ? approvalText :',
    tests: ['test/world/approvals.test.ts'],
  },
  {
    file: 'src/crewai/resume-request.ts',
    from: '...(urls.crew ? { crewWebhookUrl: urls.crew } : {}),',
    to: '...(urls.step ? { crewWebhookUrl: urls.crew } : {}),',
    tests: ['test/world/approvals.test.ts'],
  },
  {
    file: 'src/slack/app/late-clicks.ts',
    from: 'const MAX_DECIDING_AGE = 10_000;',
    to: 'const MAX_DECIDING_AGE = 12_000;',
    tests: ['test/e2e/late-clicks.test.ts'],
  },
  {
    file: 'src/http/webhooks.ts',
    from: 'const MOST_LARGE = 8;',
    to: 'const MOST_LARGE = 9;',
    tests: ['test/e2e/flow-floods.test.ts'],
  },
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: 'export const RETRY_UNSURE_FOR = MINUTE;',
    to: 'export const RETRY_UNSURE_FOR = 60 * MINUTE;',
    tests: ['test/e2e/lost-answers.test.ts'],
  },
  {
    file: 'src/crewai/crew-ai.ts',
    from: 'meta: { requested_by: by, channel,',
    to: 'meta: { channel,',
    tests: ['test/world/starts.test.ts'],
  },
  {
    file: 'src/crewai/crew-ai.ts',
    from: 'return isAllowedCallback(url, this.setup.endpoints.get(crew)?.callbackHosts ?? []);',
    to: 'return url.length > 0;',
    tests: ['test/world/flows.test.ts'],
  },
  {
    file: 'src/slack/app/ids.ts',
    from: "retry: 'retry',",
    to: "retry: 'send_again',",
    tests: ['test/world/clicks.test.ts'],
  },
  {
    file: 'src/crewai/flow-callback.ts',
    from: 'if (status === 409) {',
    to: 'if (status === 410) {',
    tests: ['test/world/flows.test.ts'],
  },
  {
    file: 'src/approval/kickoffs/start-run.ts',
    from: 'getOwn(settings, input)?.hidden === undefined;',
    to: "getOwn(settings, input)?.hidden !== '';",
    tests: ['test/world/starts.test.ts'],
  },
];
