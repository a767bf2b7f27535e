import type { WebClient } from '@slack/web-api';
import { CardError, type RunMessages } from '../../approval/ports.ts';
import { buildRunMessage, buildRunNote } from '../views/runs/run-message.ts';
import { cardFailureOf, isNotInThread, slackErrorOf } from './client.ts';
import { PlainerForms } from './plainer-forms.ts';
import { QUIET } from './quiet.ts';

/** The messages of runs that were started from Slack. */
export function createRunMessages(client: WebClient): RunMessages {
  const forms = new PlainerForms();
  return {
    post: (kickoff) =>
      withRunMessageError(async () => {
        const message = { ...buildRunMessage(kickoff), ...QUIET, channel: kickoff.channel };
        const { channel = kickoff.channel, ts } = await client.chat.postMessage(message);
        // A proxy answered, or the response was cut: the message could never be updated.
        if (!ts) throw new Error('Slack did not say where the message is');
        return { channel, ts };
      }),
    update: (kickoff) =>
      withRunMessageError(async () => {
        const { message } = kickoff;
        if (!message) return;
        const { channel, ts } = message;
        await client.chat.update({ ...buildRunMessage(kickoff), parse: 'none', channel, ts });
      }),
    note: (kickoff, note, result) =>
      withRunMessageError(async () => {
        const { message, by, direct } = kickoff;
        const place =
          message && !direct ? { channel: message.channel, thread_ts: message.ts } : { channel: by };
        await forms.send(kickoff.id, (form) =>
          client.chat.postMessage({ ...buildRunNote(kickoff, note, result, form), ...QUIET, ...place }),
        );
      }),
  };
}

async function withRunMessageError<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // The thread is gone, or takes no replies.
    if (isNotInThread(error)) throw new CardError({ kind: 'gone', reason: slackErrorOf(error) ?? 'thread' });
    throw new CardError(cardFailureOf(error));
  }
}
