import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { listUrlSecrets } from '../approval/model/crew/hide-secrets.ts';
import { DEFAULT_POLICY, type Policy, policySchema } from '../approval/model/crew/task-rules.ts';
import type { CrewSettings, Settings } from './settings.ts';
import { CREW_SETTINGS, type Setting, SLACK_SETTINGS } from './table.ts';

/** Builds how the bot and a crew's platform reach each other. A crew with only Flow reviews or programs has no URL. */
export function buildEndpoint(settings: CrewSettings, bot: Pick<Settings, 'publicUrl' | 'slack'>): Endpoint {
  const { baseUrl, bearerToken, callbackHosts, eventsUrl, eventsSecret, eventsTexts } = settings;
  const { answerHosts: hosts, answerSecret } = settings;
  return {
    crew: buildCrew(settings, bot),
    secret: settings.webhookSecret,
    ...(settings.askSecret === undefined ? {} : { askSecret: settings.askSecret }),
    flowSecrets: settings.flowWebhookSecrets,
    callbackHosts,
    maxWebhooksPerSecond: settings.webhooksPerSecond,
    ...(baseUrl === '' ? {} : { deployment: { baseUrl, bearerToken } }),
    ...(answerSecret === undefined ? {} : { answers: { hosts, secret: answerSecret } }),
    ...(eventsUrl === undefined || eventsSecret === undefined
      ? {}
      : { receiver: { url: eventsUrl, secret: eventsSecret, withTexts: eventsTexts } }),
  };
}

/** Builds the crew that approvals use, with the bot's own webhook endpoints if PUBLIC_URL and a webhook secret are set. */
export function buildCrew(
  settings: CrewSettings,
  { publicUrl, slack }: Pick<Settings, 'publicUrl' | 'slack'>,
): Crew {
  const {
    baseUrl,
    bearerToken,
    webhookSecret,
    flowWebhookSecrets,
    askSecret,
    callbackHosts,
    ...visibleSettings
  } = settings;
  const {
    isFlow,
    webhooksPerSecond,
    webhookUrls,
    eventsUrl: _,
    eventsSecret: __,
    eventsTexts: ___,
    answerHosts: ____,
    answerSecret: _____,
    irreversible,
    ...approvalSettings
  } = visibleSettings;
  const { policy, ...rules } = splitPolicy(approvalSettings);
  const ownBaseUrl =
    publicUrl === undefined || webhookSecret === ''
      ? undefined
      : `${publicUrl.replace(/\/+$/, '')}/webhooks/${settings.name}`;
  const { step, ...otherUrls } = webhookUrls;
  // CrewAI calls this URL at every step of every agent, so the bot only sends it on request.
  const ownStep = step === 'own' || (settings.showSteps && step === undefined);
  const starts =
    baseUrl !== '' ? (isFlow ? 'flow' : 'crew') : askSecret === undefined ? undefined : 'program';
  const token = encodeURIComponent(webhookSecret);
  return {
    ...rules,
    policy: { ...DEFAULT_POLICY, ...policy },
    channels: [...new Set([settings.channel, ...settings.channels])],
    tasks: settings.tasks.map(splitPolicy),
    ...(irreversible ? { irreversible: splitPolicy(irreversible) } : {}),
    webhookUrls: step === 'own' ? otherUrls : webhookUrls,
    ...(starts === undefined ? {} : { starts }),
    secrets: [
      ...listCrewSecrets(CREW_SETTINGS, settings),
      ...listCrewSecrets(SLACK_SETTINGS, slack),
      ...Object.values(webhookUrls).flatMap((url = '') => listUrlSecrets(url)),
    ],
    ownUrls: ownBaseUrl
      ? {
          task: `${ownBaseUrl}/task?token=${token}`,
          crew: `${ownBaseUrl}/crew?token=${token}`,
          ...(ownStep ? { step: `${ownBaseUrl}/step?token=${token}` } : {}),
        }
      : {},
    ...(ownBaseUrl
      ? {
          ownHumanInput: {
            object: {
              url: `${ownBaseUrl}/human-input`,
              authentication: { strategy: 'bearer', token: webhookSecret },
            },
            string: { url: `${ownBaseUrl}/human-input?token=${token}`, form: 'string' },
          },
        }
      : {}),
  };
}

/** Moves the rules on deadlines and votes into one object, as approvals store them. */
function splitPolicy<T extends object>(settings: T): Omit<T, keyof Policy> & { policy: Partial<Policy> } {
  const [policy, otherSettings]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const [name, value] of Object.entries(settings))
    (name in policySchema.shape ? policy : otherSettings)[name] = value;
  return { ...(otherSettings as Omit<T, keyof Policy>), policy };
}

/** Lists the secrets that CrewAI or an exception could repeat. Standard Webhooks secrets are listed with and without `whsec_`. */
function listCrewSecrets(settings: readonly Setting[], values: object): string[] {
  return settings
    .filter(({ secret }) => secret)
    .flatMap(({ name }) => (values as Record<string, string | string[] | undefined>)[name] ?? [])
    .flatMap((secret) => (secret.startsWith('whsec_') ? [secret, secret.slice('whsec_'.length)] : [secret]));
}
