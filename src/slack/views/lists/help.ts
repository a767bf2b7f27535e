import { en as texts } from '../../texts/en.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

/** The commands, with an example each; after a command that was not understood, what was wrong. Pure. */
export function buildHelp(command: string, problem?: string): MessageView {
  if (problem !== undefined)
    return buildSentence(`${problem} ${texts.command.seeHelp(`\`${command} help\``)}`);
  const commands = [
    ['', texts.command.helpWaiting],
    ['waiting press mine', texts.command.helpMine],
    ['7XK2M9QD4TRW8HZC', texts.command.helpLookUp],
    ['find @ana budget', texts.command.helpFind],
    ['history press @ana since 7d', texts.command.helpHistory],
    ['status 97eba64f', texts.command.helpStatus],
    ['stats 30d', texts.command.helpStats],
    ['approve 7XK2M9QD4TRW8HZC looks good', texts.command.helpApprove],
    ['revise 7XK2M9QD4TRW8HZC', texts.command.helpRevise],
    ['choose 7XK2M9QD4TRW8HZC publish', texts.command.helpChoose],
    ['run press', texts.command.helpRun],
    ['runs press mine', texts.command.helpRuns],
    ['help', texts.command.helpHelp],
  ] as const;
  const lines = commands.map(([example, what]) => `\`${command}${example ? ` ${example}` : ''}\` – ${what}`);
  return {
    text: texts.command.helpTitle,
    blocks: [
      section(texts.command.helpTitle),
      section(lines.join('\n')),
      section(texts.command.notInThreads(`*${texts.reading.detailsTitle}*`)),
    ],
  };
}
