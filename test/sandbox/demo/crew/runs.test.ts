import { describe, expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';
import { startPress, waitForRound } from '../../crewai/press-crew.ts';

/** How the bot begins a revision on the live dialect. */
const REVISION_LINE =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

/** What a task writes when nobody has asked for anything. */
function writeFirst(name: string) {
  return tasks.find((task) => task.name === name)?.output({ feedback: [], revisions: [], inputs: {} });
}

async function startCrew(dialect: 'live' | 'documented') {
  const { platform, api } = await startPress({ tasks, dialect });
  /** Decides on the pause with this number; gives the task and the output of the next one. */
  async function decide(id: string, round: number, text: string, approve: boolean) {
    const { taskId } = await waitForRound(platform, id, round);
    const body =
      dialect === 'live'
        ? {
            executionId: id,
            taskId,
            humanFeedback: approve ? 'Approved.' : `${REVISION_LINE}\n\n${text}`,
          }
        : { execution_id: id, task_id: taskId, human_feedback: text, is_approve: approve };
    expect((await api.post('/resume', body)).status).toBe(200);
    const { taskName, output } = await waitForRound(platform, id, round + 1);
    return { taskName, output };
  }
  return { platform, decide };
}

describe.each(['live', 'documented'] as const)('the crew of the demo, on the %s dialect', (dialect) => {
  test('follows the feedback of each round, and starts the next task without it', async () => {
    const { platform, decide } = await startCrew(dialect);
    const id = platform.kickoff();
    const german = await decide(id, 1, 'Shorter, in German please', false);
    expect(german.output).toContain('Regenjacke');
    const priced = await decide(id, 2, 'name the price', false);
    expect(priced.output).toBe(String(german.output).replace('- ab 1.', '- 189 €, ab 1.'));
    const next = await decide(id, 3, 'Approved, but shorter in French next time', true);
    expect(next).toEqual({ taskName: 'launch_budget', output: writeFirst('launch_budget') });
    const cheaper = await decide(id, 4, 'cheaper', false);
    expect(cheaper.output).toMatchObject({ total: 23_250 });
    const report = await decide(id, 5, 'cheaper', true);
    expect(report).toEqual({ taskName: 'campaign_report', output: writeFirst('campaign_report') });
  });

  test('starts another run without the feedback of this one', async () => {
    const { platform, decide } = await startCrew(dialect);
    await decide(platform.kickoff(), 1, 'in Spanish', false);
    const other = await waitForRound(platform, platform.kickoff(), 1);
    expect(other.output).toBe(writeFirst('press_release'));
  });
});
