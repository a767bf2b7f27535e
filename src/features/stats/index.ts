import type { Feature } from '../../slack/feature.ts';
import { answerLookUp, LOOK_UP_TIMEOUT } from '../../slack/listeners/command.ts';
import { type FeatureCommandRun, translateUnit } from '../../slack/listeners/read-command.ts';
import { buildSentence } from '../../slack/views/message-view.ts';
import { describeLookUpRefusal } from '../../slack/views/text/sentences.ts';
import { gatherFigures } from './figures.ts';
import { statsTexts } from './texts.ts';
import { buildStats } from './views/figures-view.ts';

const DEFAULT_DAYS = 7;
const MAX_DAYS = 90;

/** `/approvals stats 30d`: the number of decisions, their speed, and who made them. */
export const stats: Feature = {
  commands: [
    {
      words: ['stats', 'estatisticas', 'estadisticas'],
      after: 'status',
      help: (texts) => statsTexts(texts).help,
      read(words) {
        const days = readDays(words);
        if (days === undefined) return { wrong: (texts) => statsTexts(texts).wrongDays(MAX_DAYS) };
        const run: FeatureCommandRun = (app, args) =>
          answerLookUp(app, args, { kind: 'stats', within: LOOK_UP_TIMEOUT }, async (texts) => {
            const result = await gatherFigures(app, args.command.user_id, days);
            return 'code' in result
              ? buildSentence(describeLookUpRefusal(texts, result))
              : buildStats(texts, result);
          });
        return { run };
      },
    },
  ],
};

/** Reads a number of days; undefined for any other words. Pure. */
export function readDays(words: readonly string[]): number | undefined {
  if (words.length === 0) return DEFAULT_DAYS;
  const days = Number(/^(\d{1,3})\s*d(?:ays?)?$/i.exec(translateUnit(words.join(' ')))?.[1]);
  return days >= 1 && days <= MAX_DAYS ? days : undefined;
}
