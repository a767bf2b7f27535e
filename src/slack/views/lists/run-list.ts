import type { Kickoff } from '../../../approval/model/run/kickoff.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { describeKickoff, IN_LIST } from '../runs/run-message.ts';
import { section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { formatDate } from '../text/text.ts';

/** Runs that were started from Slack, each in a line with a link to its message. Pure. */
export function buildRunList(kickoffs: readonly Kickoff[], links: CardLinks): MessageView {
  const title =
    kickoffs.length === 0 ? 'No run was started from Slack.' : 'Runs started from Slack, newest first:';
  const lines = kickoffs.map((kickoff) => {
    const { crew, by, createdAt, message } = kickoff;
    const link = message && links.message(message);
    const name = escapeLine(crew, 64);
    return `• ${link ? `<${link}|${name}>` : name} · ${mention(by)} ${formatDate(createdAt)}\n${describeKickoff(kickoff, IN_LIST)}`;
  });
  return { text: title, blocks: [section(title), ...lines.map(section)] };
}
