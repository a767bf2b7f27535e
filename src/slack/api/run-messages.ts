import type { WebClient } from '@slack/web-api';
import type { Start } from '../../approval/model/run/start.ts';
import type { RunMessages } from '../../approval/ports.ts';
import type { MessageLanguages } from '../app/languages.ts';
import { inLanguage, type Texts } from '../texts/texts.ts';
import { buildRunMessage, buildRunNote } from '../views/runs/run-message.ts';
import { postMessage, withMessageError } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';

/** The messages of runs that were started from Slack. */
export function createRunMessages(client: WebClient, languages: MessageLanguages): RunMessages {
  const forms = new PlainerForms();
  const send = <T>({ crew }: Start, work: (texts: Texts) => Promise<T>) =>
    withMessageError(() => work(inLanguage(languages.ofCrew(crew))));
  return {
    post: (start) =>
      send(start, (texts) => postMessage(client, buildRunMessage(texts, start), { channel: start.channel })),
    update: (start) =>
      send(start, async (texts) => {
        const { message } = start;
        if (!message) return;
        const { channel, ts } = message;
        await client.chat.update({ ...buildRunMessage(texts, start), parse: 'none', channel, ts });
      }),
    note: (start, note, result) =>
      withMessageError(async () => {
        const { message, by, crew, direct } = start;
        const isDirect = !message || direct;
        const place = isDirect ? { channel: by } : { channel: message.channel, thread_ts: message.ts };
        const texts = isDirect
          ? await languages.textsFor(by, { crew })()
          : inLanguage(languages.ofCrew(crew));
        await forms.send(
          start.id,
          (form) => buildRunNote(texts, start, note, result, form),
          (view) => postMessage(client, view, place),
        );
      }),
  };
}
