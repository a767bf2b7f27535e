import type { Crew } from '../approval/model/crew/crew.ts';
import { listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import type { CrewSettings, Settings } from './settings.ts';

/** Builds the crew that approvals use, with the bot's own webhook endpoints when PUBLIC_URL is set. */
export function buildCrew(
  config: CrewSettings,
  { publicUrl, slack }: Pick<Settings, 'publicUrl' | 'slack'>,
): Crew {
  const own =
    publicUrl === undefined ? undefined : `${publicUrl.replace(/\/+$/, '')}/webhooks/${config.name}`;
  const { step, ...others } = config.webhookUrls;
  const token = encodeURIComponent(config.webhookSecret);
  return {
    name: config.name,
    ...config.rules,
    channels: config.channels,
    tasks: config.tasks,
    webhookUrls: step === 'own' ? others : config.webhookUrls,
    lookUps: config.lookUps,
    preview: config.preview,
    ...(config.retention === undefined ? {} : { retention: config.retention }),
    ...(config.baseUrl === '' ? {} : { starts: config.isFlow ? 'flow' : 'crew' }),
    starters: config.starters,
    inputs: config.inputs,
    secrets: listSecrets(config, slack),
    approveTasks: config.approveTasks,
    resumeFormat: config.resumeFormat,
    ownUrls: own
      ? {
          task: `${own}/task?token=${token}`,
          crew: `${own}/crew?token=${token}`,
          // CrewAI calls it at every step of every agent, so only on request.
          ...(step === 'own' ? { step: `${own}/step?token=${token}` } : {}),
        }
      : {},
    ...(own
      ? {
          ownHumanInput: {
            object: {
              url: `${own}/human-input`,
              authentication: { strategy: 'bearer', token: config.webhookSecret },
            },
            string: { url: `${own}/human-input?token=${token}`, form: 'string' },
          },
        }
      : {}),
    approvalText: config.approvalText,
    revisionText: config.revisionText,
  };
}

/** All that CrewAI or an exception could repeat. */
function listSecrets(
  { bearerToken, webhookSecret, flowWebhookSecrets, webhookUrls }: CrewSettings,
  { botToken, appToken, signingSecret }: Settings['slack'],
): string[] {
  const own = [bearerToken, webhookSecret, ...flowWebhookSecrets, botToken, appToken, signingSecret];
  return [
    ...own.filter((secret) => secret !== undefined),
    ...Object.values(webhookUrls).flatMap((url) => listUrlSecrets(url)),
  ];
}
