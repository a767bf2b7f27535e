import type { Scene, WireEntry } from '../scene.ts';
import { escapeHtml } from './mrkdwn-html.ts';

/** Length at which a request or a response is cut, in characters. /wire/:id has all of it. */
const BODY_SHOWN = 6_000;

/** Paths of decisions: /resume for a crew, /respond for a Flow. */
const DECISION = /\/(?:resume|respond)(?:\?|$)/;

const PLAYED = {
  live: 'This is CrewAI’s API as on the running platform. <code>npm run demo -- --documented</code> shows the API as in its reference.',
  documented:
    'CrewAI’s API as its reference has it. Without <code>--documented</code> the demo shows the running platform’s.',
} as const;

/** Draws each request between CrewAI and the bot with its response, newest first. The last decision is unfolded. */
export function wireHtml({ wire, dialect }: Scene): string {
  const lastDecision = wire.find(({ url, from }) => from === 'bot' && DECISION.test(url));
  const entries = wire.map((entry) => entryHtml(entry, entry === lastDecision));
  return `<header><h2>On the wire</h2><span class="soft">secrets are masked</span></header><p class="soft dialect">${PLAYED[dialect]}</p>${entries.join('') || '<p class="empty">Nothing yet.</p>'}`;
}

function entryHtml(entry: WireEntry, open: boolean): string {
  const { id, at, from, method, url, headers, body, status, answer, fate } = entry;
  const directions = { CrewAI: 'CrewAI → bot', bot: 'bot → CrewAI', you: 'you → CrewAI' };
  const path = url.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*/, '');
  const isGood = status !== undefined && status < 300 && !fate;
  const outcome = fate ?? (status === undefined ? '…' : String(status));
  const time = new Date(at).toLocaleTimeString('en-GB');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const request = `${method} ${url}\n${lines.join('\n')}\n\n${pretty(body)}`;
  const answerHtml =
    status === undefined
      ? ''
      : `<h3>Answer</h3><pre tabindex="0">${escapeHtml(cut(`${status}\n\n${pretty(answer)}`))}</pre>`;
  const fullLink = request.length > BODY_SHOWN ? ` <a href="/wire/${id}" target="_blank">All of it</a>` : '';
  const sendAgainButton =
    from === 'CrewAI' && fate
      ? `<button type="button" class="button small" id="again-${id}" data-do="send_again" data-how="${id}">Send it again</button>`
      : '';
  return `<details class="entry ${from}" id="wire-${id}"${open ? ' open' : ''}><summary><span class="way">${directions[from]}</span> <span class="outcome ${isGood ? 'good' : 'bad'}">${escapeHtml(outcome)}</span> <time>${time}</time> <code>${method} ${escapeHtml(path)}</code></summary><h3>Request${fullLink}</h3><pre tabindex="0">${escapeHtml(cut(request))}</pre>${answerHtml}${sendAgainButton}</details>`;
}

/** Formats JSON over several lines; text stays as it is. */
export function pretty(value: unknown): string {
  if (value === undefined || value === '') return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function cut(text: string): string {
  return text.length > BODY_SHOWN ? `${text.slice(0, BODY_SHOWN)}\n…` : text;
}
