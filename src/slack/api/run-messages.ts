import type { WebClient } from '@slack/web-api';
import type { RunMessages } from '../../approval/ports.ts';
import { buildRunMessage, buildRunNote } from '../views/runs/run-message.ts';
import { postMessage, withCardError } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';

/** The messages of runs that were started from Slack. */
export function createRunMessages(client: WebClient): RunMessages {
  const forms = new PlainerForms();
  return {
    post: (kickoff) =>
      withCardError(() => postMessage(client, buildRunMessage(kickoff), { channel: kickoff.channel })),
    update: (kickoff) =>
      withCardError(async () => {
        const { message } = kickoff;
        if (!message) return;
        const { channel, ts } = message;
        await client.chat.update({ ...buildRunMessage(kickoff), parse: 'none', channel, ts });
      }),
    note: (kickoff, note, result) =>
      withCardError(async () => {
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
