import type { Stats } from '../../approval/stats.ts';
import { chartWords, decisionsChart } from '../chart.ts';
import type { MessageView } from '../views/card.ts';
import { sentenceView } from '../views/look-up.ts';
import { lookUpSentence } from '../views/sentences.ts';
import { statsView } from '../views/stats.ts';
import type { ListenerContext } from './context.ts';

/** `/approvals stats`: figures, and a picture of decisions a day; without it when Slack does not take it. */
export function createStatsPicture({ lookUps, client, log }: ListenerContext) {
  async function upload(stats: Stats) {
    const words = chartWords(stats);
    try {
      const answer = (await client.filesUploadV2({
        filename: 'decisions.png',
        title: 'Decisions a day',
        alt_text: words,
        file: await decisionsChart(stats),
      })) as { files?: { files?: { id?: string }[] }[] };
      const file = answer.files?.[0]?.files?.[0]?.id;
      return file === undefined ? undefined : { file, words };
    } catch (error) {
      log.warn({ error }, 'the picture of decisions a day could not be uploaded');
      return undefined;
    }
  }

  return async (person: string, days: number): Promise<MessageView> => {
    const found = await lookUps.stats(person, days);
    if ('code' in found) return sentenceView(lookUpSentence(found));
    const drawn = found.stats.all.decisions > 0 ? await upload(found.stats) : undefined;
    return statsView(found, drawn);
  };
}
