import type { FailureGroup, Scene, ShownBot } from '../scene.ts';
import { viewpointHref } from '../viewpoint.ts';
import { clockTime } from './conversation-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';

/** Number of entries after the first start: "starts" and "is ready" are not shown alone. */
const STORY_OF_A_START = 2;

/** Draws the failures that a visitor can cause. */
export function controlsHtml({ failing, failures, bot }: Scene): string {
  const story = bot.story.map(({ at, text }) => `<li><time>${clockTime(at)}</time> ${escapeHtml(text)}</li>`);
  const groups = failures.map((group, at) => failureGroupHtml(group, at, bot));
  return `<header><h2>Let something go wrong</h2><span class="soft">then decide</span></header>
${groups.join('\n')}
${leftHtml(failing)}${story.length > STORY_OF_A_START ? `<ol class="story" aria-label="What happened to the bot">${story.slice(-6).join('')}</ol>` : ''}`;
}

function failureGroupHtml(
  { who, effect, needsBot, buttons }: FailureGroup,
  at: number,
  bot: ShownBot,
): string {
  const disabled = needsBot && bot.state !== 'running' ? ' disabled' : '';
  const buttonsHtml = buttons.map(
    (button) =>
      `<button type="button" class="button small" id="${button.do}-${button.how}" data-do="${button.do}" data-how="${button.how}" aria-describedby="fault-${at}"${disabled}>${escapeHtml(button.label)}</button>`,
  );
  return `<div class="fault" role="group" aria-label="${escapeHtml(who)}"><p id="fault-${at}"><b>${escapeHtml(who)}</b> ${escapeHtml(effect)}</p><div>${buttonsHtml.join('')}</div></div>`;
}

/** Draws the failures that are still to come. */
function leftHtml({ crewai, slack, killAtDecision }: Scene['failing']): string {
  const count = (number: number, noun: string) => `${number} more ${number === 1 ? noun : `${noun}s`}`;
  const lines = [
    ...(crewai > 0 ? [`CrewAI fails at ${count(crewai, 'attempt')}`] : []),
    ...(slack > 0 ? [`Slack fails at ${count(slack, 'call')}`] : []),
    ...(killAtDecision ? ['Armed: the bot is killed at the next decision'] : []),
  ];
  return lines.length > 0 ? `<p class="left">${lines.join('<br>')}</p>` : '';
}

/** Draws the top line: the page's name, the next thing to do, and the state of the bot. */
export function topHtml({ guide: { text, to }, viewpoint, bot }: Scene): string {
  const words = { starting: 'starting', running: `running, pid ${bot.pid ?? ''}`, down: 'down' }[bot.state];
  const href =
    to &&
    viewpointHref({ as: to.as ?? viewpoint.as, at: to.at, thread: to.thread, pane: 'slack' }, to.message);
  const guide = href ? `<a href="${escapeHtml(href)}" data-go>${escapeHtml(text)}</a>` : escapeHtml(text);
  return `<h1>crew-approvals demo</h1><p class="guide" role="status">${guide}</p><p class="bot-state ${bot.state}"><span aria-hidden="true">●</span> Bot ${words}</p>`;
}
