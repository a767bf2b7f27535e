import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CrewTask } from '../../src/sandbox/crewai/crew-task.ts';
import { type Platform, type PlatformOptions, startPlatform } from '../sandbox/crewai/platform.ts';
import { scaleWaits } from './limits.ts';
import { draft, startWorld, type World } from './world.ts';

export const PRESS_SECRET = 'secret-of-the-press-crew';
export const BUDGET_SECRET = 'secret-of-the-budget-crew';

const research: CrewTask = {
  ...draft,
  name: 'research',
  agent: 'Researcher',
  humanInput: false,
  writeOutput: () => 'S 120, M 340',
};

const budget: CrewTask = {
  ...draft,
  name: 'approve_budget',
  agent: 'Accountant',
  writeOutput: () => ({ total_eur: 18500 }),
};

/** Starts a world with a crews file: two crews with different tokens, channels and approvers. */
export async function startTwoCrews({
  press = {},
  extra = '',
}: {
  press?: Partial<PlatformOptions>;
  extra?: string;
} = {}): Promise<World & { budgetPlatform: Platform }> {
  const world = await startWorld([research, draft], press);
  const { dialect } = world;
  const token = 'token-of-the-budget-crew';
  const budgetPlatform = await startPlatform({ token, tasks: [budget], dialect });
  scaleWaits(budgetPlatform);
  onTestFinished(() => budgetPlatform.close());
  const file = join(world.folder, 'crews.yml');
  writeFileSync(
    file,
    `crews:
  press:
    base_url: ${world.platform.baseUrl}
    bearer_token: $PRESS_TOKEN
    webhook_secret: ${PRESS_SECRET}
    channel: CAPPROVALS
    channels: [CAPPROVALS, CPRESS]
    approvers: [UANA]
    approve_tasks: ["*", "!research"]
${extra}
  budget:
    base_url: ${budgetPlatform.baseUrl}
    bearer_token: token-of-the-budget-crew
    webhook_secret: ${BUDGET_SECRET}
    channel: "#press"
    approvers: [UBEN]
    webhook_urls:
      crew: https://erp.example.com/hooks/crew
`,
  );
  const { CREWAI_BEARER_TOKEN: pressToken = '', ...settings } = world.settings;
  return { ...world, budgetPlatform, settings: { ...settings, CREWS_FILE: file, PRESS_TOKEN: pressToken } };
}
