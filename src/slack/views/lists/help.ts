import { buildSentence, type MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

const LINES = [
  ['', 'approvals that are waiting for a decision, oldest first'],
  ['waiting press mine', 'the same for one crew, and only those that you can decide'],
  ['7XK2M9QD4TRW8HZC', 'one approval, or a run with all its approvals; the first six characters are enough'],
  [
    'find @ana budget',
    'approvals whose task, crew, agent, run, approver, feedback or beginning of the output contain all of it',
  ],
  ['history press @ana since 7d', 'decisions, newest first'],
  ['status 97eba64f', 'what CrewAI says about a run'],
  ['stats 30d', 'how many decisions, how fast and by whom'],
  ['approve 7XK2M9QD4TRW8HZC looks good', 'decide without the card; a note is optional'],
  ['revise 7XK2M9QD4TRW8HZC', 'request a revision; `.2` after an ID names its second round'],
  ['choose 7XK2M9QD4TRW8HZC publish', 'answer a Flow with one of its options, by its text or number'],
  ['run press', 'start a run of a crew, with its inputs'],
  ['runs press mine', 'runs that were started from Slack'],
  ['help', 'this list'],
] as const;

/** The commands, with an example each; after a command that was not understood, what was wrong. Pure. */
export function buildHelp(command: string, problem?: string): MessageView {
  if (problem !== undefined) return buildSentence(`${problem} \`${command} help\` lists all commands.`);
  const lines = LINES.map(([example, what]) => `\`${command}${example ? ` ${example}` : ''}\` – ${what}`);
  const text = 'Commands:';
  return {
    text,
    blocks: [
      section(text),
      section(lines.join('\n')),
      section('Slack takes no commands in a thread. Use *Approval details* in the menu of a message there.'),
    ],
  };
}
