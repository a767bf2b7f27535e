import type { CrewTask } from '../../crewai/crew-task.ts';
import { campaignReport } from './campaign-report.ts';
import { pressRelease } from './press-release.ts';

export const CREW = 'press';

/** A crew that launches a product: one task that needs nobody, three that wait for a person. */
export const tasks: readonly CrewTask[] = [
  {
    name: 'market_research',
    agent: 'Researcher',
    description: 'Find out who buys rain jackets and what they pay',
    expectedOutput: 'The three figures that the others need',
    humanInput: false,
    output: () => 'Median price 189 EUR; 41 % ask where the fabric comes from; the season starts in week 36.',
  },
  {
    name: 'press_release',
    agent: 'Copywriter',
    description: 'Write the press release for the Tide jacket',
    expectedOutput: 'A press release in Markdown that a newspaper could print as it is',
    humanInput: true,
    output: ({ feedback }) => pressRelease(asked(feedback)),
  },
  {
    name: 'launch_budget',
    agent: 'Campaign planner',
    description: 'Make the budget of the launch',
    expectedOutput: 'A budget as JSON, in euros',
    humanInput: true,
    output: ({ feedback }) => budget(asked(feedback).at(-1)),
  },
  {
    name: 'campaign_report',
    agent: 'Analyst',
    description: 'Report what the campaign should do in each market',
    expectedOutput: 'A report with one chapter a market',
    humanInput: true,
    output: ({ feedback }) => campaignReport(asked(feedback).at(-1)),
  },
];

/** What people want changed: all that they said but plain approvals. */
function asked(feedback: readonly string[]): string[] {
  const revisions = feedback.filter((text) => !/^\s*approved[.!]?\s*$/i.test(text));
  // The bot's own line says only that it is a revision.
  return revisions.map((text) => text.replace(/^This output is not accepted.*:\n\n/, ''));
}

function budget(wish: string | undefined): object {
  const isCheaper = /cheap|less|lower|cut|save/i.test(wish ?? '');
  const lines = {
    photography: isCheaper ? 3_900 : 6_200,
    press_event: isCheaper ? 5_500 : 9_400,
    paid_social: 12_000,
    translation: 1_850,
  };
  return {
    campaign: 'Tide launch',
    currency: 'EUR',
    ...lines,
    total: Object.values(lines).reduce((sum, cost) => sum + cost, 0),
    first_payment: '2026-08-31',
    ...(wish && { note: `Made with this in mind: ${wish}` }),
  };
}
