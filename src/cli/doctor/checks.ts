import { summarizeError } from '../../lib/errors.ts';
import { buildCrew } from '../../settings/build-crew.ts';
import type { Settings } from '../../settings/settings.ts';
import { createQuietClient } from '../../slack/api/client.ts';
import { checkCrews } from './check-crews.ts';
import { checkPublicUrl } from './check-public-url.ts';
import { checkClock, checkPeople, checkTokens, sendTestCards } from './check-slack.ts';
import { checkStore } from './check-store.ts';
import { type DoctorApp, failed, note, ok, type Result } from './result.ts';

interface DoctorCheck {
  name: string;
  needsSlack?: boolean;
  run(app: DoctorApp): AsyncIterable<Result> | Promise<Result>;
}

const CHECKS: readonly DoctorCheck[] = [
  { name: 'Slack tokens', run: checkTokens },
  { name: 'clock', run: checkClock },
  { name: 'channels and approvers', needsSlack: true, run: checkPeople },
  { name: 'crews', run: checkCrews },
  {
    name: 'PUBLIC_URL',
    run: async ({ settings }) =>
      isCalled(settings)
        ? checkPublicUrl(settings, settings.slack.botToken)
        : ok('PUBLIC_URL', 'is not needed: only programs ask'),
  },
  {
    name: 'store',
    run: ({ settings, crews }) =>
      checkStore(
        settings.storeUrl,
        crews.map(({ name }) => name),
        settings.receiptKey?.publicKey,
      ),
  },
];
/** True if CrewAI has to reach this bot. */
function isCalled({ crews }: Settings): boolean {
  return crews.some(({ baseUrl, flowWebhookSecrets }) => baseUrl !== '' || flowWebhookSecrets.length > 0);
}

const TEST_CARDS: DoctorCheck = { name: 'test approval', needsSlack: true, run: sendTestCards };

/** Runs every check and yields the results as they come. `sendTest`: also posts a test card in each channel. */
export async function* runChecks(settings: Settings, sendTest: boolean): AsyncGenerator<Result> {
  const crews = settings.crews.map((crew) => buildCrew(crew, settings));
  const client = createQuietClient(settings.slack.botToken, settings.slack.apiUrl);
  const app: DoctorApp = { settings, crews, client };
  for (const { name, needsSlack, run } of sendTest ? [...CHECKS, TEST_CARDS] : CHECKS) {
    try {
      if (needsSlack && app.hasNoSlack) yield note(name, 'not checked, since SLACK_BOT_TOKEN failed');
      else {
        const results = run(app);
        if (results instanceof Promise) yield await results;
        else yield* results;
      }
    } catch (error) {
      yield failed(name, `could not be checked (${summarizeError(error)})`);
    }
  }
}
