import type { Scene } from '../scene.ts';
import { escapeHtml } from './mrkdwn-html.ts';

/** Draws the command with which a program asks, for a terminal of this machine. */
export function outsideHtml({ command }: Scene): string {
  return `<header><h2>Ask from outside</h2><span class="soft">any program can</span></header>
<p class="soft" id="about-command">Paste it into a terminal of this machine, and answer in #approvals. <code>docs/clients</code> has the same for MCP clients, coding agents and frameworks.</p>
<pre class="command" tabindex="0" aria-label="The command" aria-describedby="about-command" role="region">${escapeHtml(command)}</pre>`;
}
