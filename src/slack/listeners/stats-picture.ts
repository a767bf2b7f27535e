import type { Stats } from '../../approval/queries/stats.ts';
import { respond } from '../api/respond.ts';
import { chartWords, decisionsChart } from '../chart.ts';
import { sentenceView } from '../views/lists/look-up.ts';
import { pictureView, statsView } from '../views/lists/stats.ts';
import { lookUpSentence } from '../views/text/sentences.ts';
import type { Reply } from './command-reply.ts';
import type { ListenerContext } from './context.ts';

const FILE = { filename: 'decisions.png', title: 'Decisions per day' };
/** A file is processed for a moment before a message may show it; a response_url takes five answers. */
const PAUSES = [0, 1_000, 3_000];

/** `/approvals stats`: figures, and after them a picture of decisions a day, for the asker only. */
export function createStatsPicture({ lookUps, client, clock, log }: ListenerContext) {
  async function upload(picture: Buffer, to: object): Promise<string | undefined> {
    const answer = (await client.filesUploadV2({ ...FILE, file: picture, ...to })) as {
      files?: { files?: { id?: string }[] }[];
    };
    return answer.files?.[0]?.files?.[0]?.id;
  }

  async function show(file: string, words: string, responseUrl: string): Promise<boolean> {
    for (const pause of PAUSES) {
      if (pause > 0) await new Promise<void>((resolve) => clock.after(pause, resolve));
      try {
        await respond(responseUrl, pictureView(file, words));
        return true;
      } catch (error) {
        log.warn({ error }, 'Slack does not show the picture of decisions a day yet');
      }
    }
    return false;
  }

  /** Slack may not show a file that only the bot can see: then it goes to the asker's direct messages. */
  async function send(stats: Stats, person: string, responseUrl: string): Promise<void> {
    const words = chartWords(stats);
    try {
      const picture = await decisionsChart(stats);
      const file = await upload(picture, {});
      if (file !== undefined && (await show(file, words, responseUrl))) return;
      const { channel } = await client.conversations.open({ users: person });
      await upload(picture, { channel_id: channel?.id, initial_comment: words });
    } catch (error) {
      log.warn({ person, error }, 'the picture of decisions a day could not be shown');
    }
  }

  return async (person: string, days: number, responseUrl: string): Promise<Reply> => {
    const found = await lookUps.stats(person, days);
    if ('code' in found) return { view: sentenceView(lookUpSentence(found)) };
    const view = statsView(found);
    return found.stats.all.decisions > 0
      ? { view, afterwards: () => send(found.stats, person, responseUrl) }
      : { view };
  };
}
