import type { Texts } from '../../texts/texts.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

/** Slack shows the name of a shortcut as it is in manifest.yml, in each language. */
const SHORTCUT = '*Approval details*';

/** The command of a feature in the help: behind which one of the core, an example and what it does. */
export interface HelpRow {
  after: keyof Texts['command']['help'];
  help: (texts: Texts) => readonly [example: string, what: string];
}

/** The commands, with an example each; after a command that was not understood, what was wrong. Pure. */
export function buildHelp(
  texts: Texts,
  command: string,
  rows: readonly HelpRow[],
  problem?: string,
): MessageView {
  if (problem !== undefined)
    return buildSentence(`${problem} ${texts.command.seeHelp(`\`${command} help\``)}`);
  const all = Object.entries(texts.command.help).flatMap(([name, own]) => [
    own,
    ...rows.filter(({ after }) => after === name).map(({ help }) => help(texts)),
  ]);
  const lines = all.map(([example, what]) => `\`${`${command} ${example}`.trim()}\` – ${what}`);
  return {
    text: texts.command.helpTitle,
    blocks: [
      section(texts.command.helpTitle),
      section(lines.join('\n')),
      section(`${texts.command.whereIds(SHORTCUT)} ${texts.command.notInThreads(SHORTCUT)}`),
    ],
  };
}
