import type { ShownCrew, ShownRun, ShownTask } from '../scene.ts';
import { clockTime } from './conversation-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';

const MARKS = { 'to come': '', running: '', waiting: '!', done: '✓' } as const;
const WORDS = {
  'to come': 'to come',
  running: 'running',
  waiting: 'waits for a person',
  done: 'done',
} as const;

/** Draws a crew: the latest run with its tasks, earlier runs folded. */
export function crewHtml({ name, about, runs }: ShownCrew): string {
  const [latest, ...earlierRuns] = runs;
  const crew = escapeHtml(name);
  const head = `<header><h2>CrewAI</h2><span class="soft">crew ${crew}</span><button type="button" class="button" id="start-${crew}" data-do="start_run" data-how="${crew}" aria-label="Start a run of ${crew}">Start a run</button></header>${about === undefined ? '' : `<p class="soft">${escapeHtml(about)}</p>`}`;
  if (!latest) return about === undefined ? `${head}<p class="empty">No run yet.</p>` : head;
  const earlierHtml = earlierRuns.map(
    (run) =>
      `<details id="run-${run.id}"><summary>Run of ${clockTime(run.at)} ${statusHtml(run)}</summary>${tasksHtml(run)}</details>`,
  );
  return `${head}<p class="run"><b>Run of ${clockTime(latest.at)}</b> ${statusHtml(latest)}<code class="soft">${latest.id}</code></p>${tasksHtml(latest)}${earlierHtml.join('')}`;
}

export function statusHtml({ status }: Pick<ShownRun, 'status'>): string {
  return `<span class="status ${status.split(' ')[0]}">${status}</span>`;
}

function tasksHtml({ tasks }: ShownRun): string {
  return `<ol class="tasks">${tasks.map(taskHtml).join('')}</ol>`;
}

function taskHtml({ name, agent, needsPerson, feedbackExamples, state, rounds }: ShownTask): string {
  const feedbackItems = rounds
    .filter(({ feedback }) => feedback !== undefined)
    .map(
      ({ feedback, approved }, at) =>
        `<li class="${approved ? 'approved' : 'revised'}"><span class="sr">Round ${at + 1}, ${approved ? 'approved' : 'revision'}:</span> ${escapeHtml((feedback ?? '').slice(0, 400))}</li>`,
    );
  const human = needsPerson ? '<span class="human">human input</span>' : '';
  const hint =
    state === 'waiting'
      ? `<p class="soft hint">You can ask for: ${escapeHtml(feedbackExamples.join(' · '))}</p>`
      : '';
  return `<li class="task ${state.replace(' ', '-')}"><span class="mark" aria-hidden="true">${MARKS[state]}</span><div><b>${escapeHtml(name)}</b> ${human}<div class="soft">${escapeHtml(agent)} · ${WORDS[state]}${rounds.length > 1 ? ` · round ${rounds.length}` : ''}</div>${feedbackItems.length > 0 ? `<ul class="feedback" aria-label="Feedback">${feedbackItems.join('')}</ul>` : ''}${hint}</div></li>`;
}
