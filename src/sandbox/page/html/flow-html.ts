import type { Scene, ShownDraft, ShownFlow } from '../scene.ts';
import { clockTime } from './conversation-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';
import { statusHtml } from './run-html.ts';

const WAYS = {
  api: 'in Slack',
  dashboard: 'in CrewAI’s dashboard',
  email: 'by e-mail',
  timeout: 'by its time-out',
} as const;

type Flow = Scene['flow'];

/** Draws the Flow: the latest run with its drafts, earlier runs folded. */
export function flowHtml({ flow }: Scene): string {
  const [latest, ...earlierRuns] = flow.runs;
  const head = `<header><h2>Flow</h2><span class="soft">${escapeHtml(flow.name)}</span><button type="button" class="button" id="start-flow" data-do="start_flow">Start the Flow</button></header>
<p class="soft">${escapeHtml(flow.about)}</p>`;
  if (!latest) return head;
  const earlierHtml = earlierRuns.map(
    (run) =>
      `<details id="flow-${run.id}"><summary>Flow of ${clockTime(run.at)} ${statusHtml(run)}</summary>${draftsHtml(run, flow)}</details>`,
  );
  return `${head}<p class="run"><b>Flow of ${clockTime(latest.at)}</b> ${statusHtml(latest)}<code class="soft">${latest.id}</code></p>${draftsHtml(latest, flow)}${earlierHtml.join('')}`;
}

function draftsHtml({ drafts, status, result }: ShownFlow, { outcomes }: Flow): string {
  const items = drafts.map((draft, at) => draftHtml(draft, at + 1, outcomes));
  if (status === 'running') items.push(itemHtml('running', `Draft ${drafts.length + 1}`, 'being written'));
  if (result !== undefined) items.push(itemHtml('done', 'Result', result));
  const openDraft = drafts.find(({ answer }) => answer === undefined);
  return `<ol class="tasks">${items.join('')}</ol>${openDraft ? dashboardHtml(openDraft) : ''}`;
}

function draftHtml({ answer }: ShownDraft, number: number, outcomes: readonly string[]): string {
  const name = `Draft ${number}`;
  return answer
    ? itemHtml('done', name, `“${answer.text.slice(0, 400)}”, ${WAYS[answer.via]}`)
    : itemHtml('waiting', name, `asks a person: ${outcomes.join(', ')}`);
}

function itemHtml(state: 'running' | 'waiting' | 'done', name: string, text: string): string {
  const mark = { running: '', waiting: '!', done: '✓' }[state];
  return `<li class="task ${state}"><span class="mark" aria-hidden="true">${mark}</span><div><b>${name}</b><div class="soft">${escapeHtml(text)}</div></div></li>`;
}

/** Draws the button that answers in CrewAI's dashboard before a person answers on the card. */
function dashboardHtml({ requestId }: ShownDraft): string {
  const id = escapeHtml(requestId);
  return `<div class="fault" role="group" aria-label="CrewAI’s dashboard"><p id="about-${id}"><b>Somebody</b> answers it in CrewAI’s dashboard. Its card cannot know that: choose on it anyway.</p><div><button type="button" class="button small" id="dashboard-${id}" data-do="answer_in_dashboard" data-how="${id}" aria-describedby="about-${id}">Publish it in the dashboard</button></div></div>`;
}
