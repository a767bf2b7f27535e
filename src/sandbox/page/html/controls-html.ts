import { lookHref } from '../look.ts';
import type { Scene } from '../scene.ts';
import { clockTime } from './conversation-html.ts';
import { escapeHtml } from './mrkdwn-html.ts';

/** It starts and is ready: nothing to tell yet. */
const STORY_OF_A_START = 2;

/** What a visitor can let go wrong. */
export function controlsHtml({ failing, bot }: Scene): string {
  const down = bot.state === 'running' ? '' : ' disabled';
  const left = (number: number, who: string) =>
    number > 0
      ? `<span class="left">${who} fails ${number} more ${number === 1 ? 'time' : 'times'}</span>`
      : '';
  const story = bot.story.map(({ at, text }) => `<li><time>${clockTime(at)}</time> ${escapeHtml(text)}</li>`);
  const button = (what: string, how: string, label: string, more = '') =>
    `<button type="button" class="button small" id="${what}-${how}" data-do="${what}" data-how="${how}"${more}>${label}</button>`;
  const row = (who: string, ...inner: string[]) =>
    `<div class="fault"><b>${who}</b><div>${inner.join('')}</div></div>`;
  return `<header><h2>Let something go wrong</h2><span class="soft">then decide</span></header>
${row('CrewAI', button('crewai_fails', '500', '500 twice'), button('crewai_fails', '503', '503 twice'), button('crewai_fails', 'answer_lost', 'Lose its answer'), left(failing.crewai, 'CrewAI'))}
${row('Slack', button('slack_fails', '503', '503 three times'), button('slack_fails', 'rate_limited', '429 twice'), left(failing.slack, 'Slack'))}
${row('The bot', button('restart_bot', 'now', 'kill -9 now', down), button('restart_bot', 'at_decision', 'kill -9 in mid-decision', down), failing.killAtDecision ? '<span class="left">armed: decide on something</span>' : '')}
${story.length > STORY_OF_A_START ? `<ol class="story" aria-label="What happened to the bot">${story.slice(-6).join('')}</ol>` : ''}`;
}

/** The line above all: what this is, what to do now, and how the bot is. */
export function topHtml({ guide: { text, to }, look, bot }: Scene): string {
  const words = { starting: 'starting', running: `running, pid ${bot.pid ?? ''}`, down: 'down' }[bot.state];
  const href = to && lookHref({ as: look.as, at: to.at, thread: to.thread, pane: 'slack' }, to.message);
  const guide = href ? `<a href="${escapeHtml(href)}" data-go>${escapeHtml(text)}</a>` : escapeHtml(text);
  return `<h1>crew-approvals demo</h1><p class="guide" role="status">${guide}</p><p class="bot-state ${bot.state}"><span aria-hidden="true">●</span> Bot ${words}</p>`;
}
