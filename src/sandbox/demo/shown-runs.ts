import type { Execution } from '../crewai/execution.ts';
import type { Platform } from '../crewai/platform.ts';
import type { ShownRun, ShownTask } from '../page/scene.ts';
import type { DemoTask } from './crew/crew.ts';

/** Lists all runs, newest first. */
export function listShownRuns({ runs }: Platform, tasks: readonly DemoTask[]): ShownRun[] {
  return [...runs]
    .map(([id, { execution, startedAt: at }]) => {
      return { id, at, status: execution.status, tasks: shownTasks(execution, tasks) };
    })
    .reverse();
}

function shownTasks(execution: Execution, tasks: readonly DemoTask[]): ShownTask[] {
  let areEarlierDone = true;
  return tasks.map(({ name, agent, humanInput, feedbackExamples }) => {
    const rounds = execution.rounds.filter(({ taskName }) => taskName === name);
    const isDone = humanInput ? rounds.at(-1)?.approved === true : name in execution.outputs;
    const isCurrent = areEarlierDone && !isDone;
    areEarlierDone = areEarlierDone && isDone;
    const isWaiting = execution.pendingTasks.some((pending) => pending.name === name);
    const state = isDone ? 'done' : isWaiting ? 'waiting' : isCurrent ? 'running' : 'to come';
    const shownRounds = rounds.map(({ feedback, approved }) => ({ feedback, approved }));
    return { name, agent, needsPerson: humanInput, feedbackExamples, state, rounds: shownRounds };
  });
}
