import type { Texts } from '../../texts/texts.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

/** Name of the shortcut, from manifest.yml. Slack shows the same name in every language. */
const SHORTCUT = '*Approval details*';

/** A feature's line in the help. `after`: the command of the core that the line follows. */
export interface HelpRow {
  after: keyof Texts['command']['help'];
  help: (texts: Texts) => readonly [example: string, what: string];
}

/** Builds the help: an example of each command. `problem`: builds only this sentence, after a command with an error. Pure. */
export function buildHelp(
  texts: Texts,
  command: string,
  rows: readonly HelpRow[],
  problem?: string,
): MessageView {
  if (problem !== undefined)
    return buildSentence(`${problem} ${texts.command.seeHelp(`\`${command} help\``)}`);
  const helpRows = Object.entries(texts.command.help).flatMap(([name, row]) => [
    row,
    ...rows.filter(({ after }) => after === name).map(({ help }) => help(texts)),
  ]);
  const lines = helpRows.map(
    ([example, description]) => `\`${`${command} ${example}`.trim()}\` – ${description}`,
  );
  return {
    text: texts.command.helpTitle,
    blocks: [
      section(texts.command.helpTitle),
      section(lines.join('\n')),
      section(`${texts.command.whereIds(SHORTCUT)} ${texts.command.notInThreads(SHORTCUT)}`),
    ],
  };
}
