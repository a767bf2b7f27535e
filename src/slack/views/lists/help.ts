import type { MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

const LINES = [
  ['', 'what waits for a decision, the oldest first'],
  ['waiting press mine', 'of one crew, and only what you may decide'],
  ['7XK2M9QD4TRW8HZC', 'one approval, or an execution with all of its approvals; six characters will do'],
  ['find @ana budget', 'task, crew, agent, execution, approver or feedback that contain all of it'],
  ['history press @ana since 7d', 'what was decided, the newest first'],
  ['status 97eba64f', 'what CrewAI itself says of an execution'],
  ['stats 30d', 'how much, how fast and by whom'],
  ['approve 7XK2M9QD4TRW8HZC looks good', 'decide without the card; a note is optional'],
  ['revise 7XK2M9QD4TRW8HZC', 'request a revision; `.2` behind an id names its second round'],
  ['help', 'this'],
] as const;

/** What `/approvals` can do, with an example each. Pure. */
export function buildHelp(command: string, before?: string): MessageView {
  const lines = LINES.map(([example, what]) => `\`${command}${example ? ` ${example}` : ''}\` – ${what}`);
  const text = before ?? 'What you can ask for:';
  return {
    text,
    blocks: [
      section(text),
      section(lines.join('\n')),
      section(
        'In a thread, where Slack takes no commands, use *Approval details* in the menu of the message.',
      ),
    ],
  };
}
