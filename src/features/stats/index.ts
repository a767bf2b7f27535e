import type { Feature } from '../../slack/feature.ts';
import { answerLookUp, LONGEST_LOOK_UP } from '../../slack/listeners/command.ts';
import { translateUnit } from '../../slack/listeners/read-command.ts';
import { spoken } from '../../slack/texts/texts.ts';
import { buildSentence } from '../../slack/views/message-view.ts';
import { describeLookUpRefusal } from '../../slack/views/text/sentences.ts';
import { gatherFigures } from './figures.ts';
import { statsTexts } from './texts.ts';
import { buildStats } from './views/figures-view.ts';

const DEFAULT_DAYS = 7;
const MAX_DAYS = 90;

/** `/approvals stats 30d`: how many decisions, how fast and by whom. */
export const stats: Feature = {
  commands: [
    {
      words: ['stats', 'estatisticas', 'estadisticas'],
      after: 'status',
      help: () => statsTexts(spoken()).help,
      read(rest) {
        const days = readDays(rest);
        if (days === undefined) return statsTexts(spoken()).wrongDays(MAX_DAYS);
        return (app, args) =>
          answerLookUp(app, args, { kind: 'stats', within: LONGEST_LOOK_UP }, async () => {
            const found = await gatherFigures(app, args.command.user_id, days);
            return 'code' in found
              ? buildSentence(describeLookUpRefusal(spoken(), found))
              : buildStats(spoken(), found);
          });
      },
    },
  ],
};

/** How many days a person asks for; undefined where the words are no such number. Pure. */
export function readDays(rest: readonly string[]): number | undefined {
  if (rest.length === 0) return DEFAULT_DAYS;
  const days = Number(/^(\d{1,3})\s*d(?:ays?)?$/i.exec(translateUnit(rest.join(' ')))?.[1]);
  return days >= 1 && days <= MAX_DAYS ? days : undefined;
}
