/** The settings that every bot with one crew needs. */
export const GOOD = {
  SLACK_BOT_TOKEN: 'xoxb-12345-67890-abcdef',
  SLACK_SIGNING_SECRET: '8f742231b10e8888abcd99yyyzzz85a5',
  CREWAI_BASE_URL: 'https://press-crew-1a2b3c.crewai.com',
  CREWAI_BEARER_TOKEN: 'd5b8f4a2c1e0',
  APPROVAL_CHANNEL: 'C0123456789',
  WEBHOOK_SECRET: 'sixteen-chars-ok',
};

/** The settings of a crew that only sets its name, URL, secrets and channel. */
export const DEFAULT_CREW = {
  isFlow: false,
  channels: [],
  approvers: [],
  approvalsRequired: 1,
  excludeRequester: false,
  allowGuests: false,
  notify: 'approvers',
  rounds: 'channel',
  undoWindow: 0,
  urgent: false,
  escalateTo: [],
  onExpiry: 'keep',
  silentAfter: 10 * 60_000,
  tasks: [],
  webhookUrls: {},
  lookUps: 'members',
  flowWebhookSecrets: [],
  starters: [],
  inputs: {},
  callbackHosts: ['*.crewai.com'],
  preview: false,
  language: 'en',
  eventsTexts: false,
  showSteps: false,
  allowToolsForRun: [],
  answerHosts: [],
  resumeFormat: 'auto',
  approveTasks: [],
  approvalText: 'Approved.',
  revisionText:
    'This output is not accepted. Revise it according to the following feedback, and ask for review again:',
};
