import { texts } from '../../texts/texts.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { section } from '../text/elements.ts';

/** Slack shows the name of a shortcut as it is in manifest.yml, in each language. */
const SHORTCUT_IN_MANIFEST = 'Approval details';

/** The commands, with an example each; after a command that was not understood, what was wrong. Pure. */
export function buildHelp(command: string, problem?: string): MessageView {
  if (problem !== undefined)
    return buildSentence(`${problem} ${texts.command.seeHelp(`\`${command} help\``)}`);
  const lines = texts.command.help.map(
    ([example, what]) => `\`${`${command} ${example}`.trim()}\` – ${what}`,
  );
  return {
    text: texts.command.helpTitle,
    blocks: [
      section(texts.command.helpTitle),
      section(lines.join('\n')),
      section(texts.command.notInThreads(`*${SHORTCUT_IN_MANIFEST}*`)),
    ],
  };
}
