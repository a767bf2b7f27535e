import type { WebClient } from '@slack/web-api';
import type { Start } from '../../approval/model/run/start.ts';
import type { RunMessages } from '../../approval/ports.ts';
import type { LanguageOf } from '../app/languages.ts';
import { speak, spoken } from '../texts/texts.ts';
import { buildRunMessage, buildRunNote } from '../views/runs/run-message.ts';
import { postMessage, withCardError } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';

/** The messages of runs that were started from Slack. */
export function createRunMessages(client: WebClient, languageOf: LanguageOf): RunMessages {
  const forms = new PlainerForms();
  const send = <T>({ crew }: Start, work: () => Promise<T>) =>
    speak(languageOf(crew), () => withCardError(work));
  return {
    post: (start) =>
      send(start, () => postMessage(client, buildRunMessage(spoken(), start), { channel: start.channel })),
    update: (start) =>
      send(start, async () => {
        const { message } = start;
        if (!message) return;
        const { channel, ts } = message;
        await client.chat.update({ ...buildRunMessage(spoken(), start), parse: 'none', channel, ts });
      }),
    note: (start, note, result) =>
      send(start, async () => {
        const { message, by, direct } = start;
        const place =
          message && !direct ? { channel: message.channel, thread_ts: message.ts } : { channel: by };
        await forms.send(
          start.id,
          (form) => buildRunNote(spoken(), start, note, result, form),
          (view) => postMessage(client, view, place),
        );
      }),
  };
}
