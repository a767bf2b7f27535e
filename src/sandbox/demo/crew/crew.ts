import type { CrewTask } from '../../crewai/crew-task.ts';
import { listExamples, revise, type Writer } from './feedback/revise.ts';
import { campaignReport } from './outputs/campaign-report.ts';
import { launchBudget } from './outputs/launch-budget.ts';
import { pressRelease } from './outputs/press-release.ts';

export const CREW = 'press';

/** Name of the crew's input. Its value replaces `JACKET`, the name in the texts. */
export const INPUT = 'jacket';
export const JACKET = 'Tide';

/** A task with examples of feedback that it follows. */
export interface DemoTask extends CrewTask {
  feedbackExamples: readonly string[];
}

/** Tasks of a crew that launches a product: the first runs without people, the other three wait for a person. */
export const tasks: readonly DemoTask[] = [
  {
    name: 'market_research',
    agent: 'Researcher',
    description: 'Find out who buys rain jackets and what they pay',
    expectedOutput: 'The three figures that the others need',
    humanInput: false,
    feedbackExamples: [],
    writeOutput: () =>
      'Median price 189 EUR; 41 % ask where the fabric comes from; the season starts in week 36.',
  },
  {
    name: 'press_release',
    agent: 'Copywriter',
    description: 'Write the press release for the Tide jacket',
    expectedOutput: 'A press release in Markdown that a newspaper could print as it is',
    humanInput: true,
    ...writtenBy(pressRelease),
  },
  {
    name: 'launch_budget',
    agent: 'Campaign planner',
    description: 'Make the budget of the launch',
    expectedOutput: 'A budget as JSON, in euros',
    humanInput: true,
    ...writtenBy(launchBudget),
  },
  {
    name: 'campaign_report',
    agent: 'Analyst',
    description: 'Report what the campaign should do in each market',
    expectedOutput: 'A report with one chapter per market',
    humanInput: true,
    ...writtenBy(campaignReport),
  },
];

function writtenBy(writer: Writer): Pick<DemoTask, 'writeOutput' | 'feedbackExamples'> {
  return {
    feedbackExamples: listExamples(writer),
    writeOutput: ({ revisions, inputs }) =>
      revise(
        { ...writer, write: (wishes) => replaceJacketName(writer.write(wishes), inputs[INPUT]) },
        revisions,
      ),
  };
}

/** Replaces the jacket's name in an output with the name that the starter of the run entered. */
function replaceJacketName(output: string | object, name: unknown): string | object {
  if (typeof name !== 'string') return output;
  if (typeof output === 'string') return output.replaceAll(JACKET, () => name);
  const inJson = JSON.stringify(name).slice(1, -1);
  return JSON.parse(JSON.stringify(output).replaceAll(JACKET, () => inJson)) as object;
}
