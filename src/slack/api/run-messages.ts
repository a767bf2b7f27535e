import type { WebClient } from '@slack/web-api';
import type { Kickoff } from '../../approval/model/run/kickoff.ts';
import type { RunMessages } from '../../approval/ports.ts';
import type { LanguageOf } from '../app/languages.ts';
import { speak } from '../texts/texts.ts';
import { buildRunMessage, buildRunNote } from '../views/runs/run-message.ts';
import { postMessage, withCardError } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';

/** The messages of runs that were started from Slack. */
export function createRunMessages(client: WebClient, languageOf: LanguageOf): RunMessages {
  const forms = new PlainerForms();
  const send = <T>({ crew }: Kickoff, work: () => Promise<T>) =>
    speak(languageOf(crew), () => withCardError(work));
  return {
    post: (kickoff) =>
      send(kickoff, () => postMessage(client, buildRunMessage(kickoff), { channel: kickoff.channel })),
    update: (kickoff) =>
      send(kickoff, async () => {
        const { message } = kickoff;
        if (!message) return;
        const { channel, ts } = message;
        await client.chat.update({ ...buildRunMessage(kickoff), parse: 'none', channel, ts });
      }),
    note: (kickoff, note, result) =>
      send(kickoff, async () => {
        const { message, by, direct } = kickoff;
        const place =
          message && !direct ? { channel: message.channel, thread_ts: message.ts } : { channel: by };
        await forms.send(
          kickoff.id,
          (form) => buildRunNote(kickoff, note, result, form),
          (view) => postMessage(client, view, place),
        );
      }),
  };
}
