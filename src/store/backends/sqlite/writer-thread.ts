import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../../lib/errors.ts';
import { DatabaseWriter } from './database-writer.ts';
import type { Request, ThreadReply, WriterMessage, WriterSettings } from './statements.ts';

// The thread of a Writer. It sends all replies of one turn in one message.
const send = (message: WriterMessage) => parentPort?.postMessage(message);
let replies: ThreadReply[] = [];

function reply(answer: ThreadReply): void {
  if (replies.length === 0)
    queueMicrotask(() => {
      send({ replies });
      replies = [];
    });
  replies.push(answer);
}

try {
  const writer = await DatabaseWriter.open(workerData as WriterSettings, (fault) => send({ fault }));
  parentPort?.on('message', (requests: Request[]) => {
    for (const { id, task } of requests) {
      if (task === 'check') reply({ id, result: writer.check() });
      else if (task === 'close') {
        writer.close();
        reply({ id, result: undefined });
      } else writer.write(task.commit).then((outcome) => reply({ id, ...outcome }));
    }
  });
  send({ opened: true });
} catch (error) {
  const { message, code } = error as Error & { code?: unknown };
  const isKnown = error instanceof AppError && (code === 'store_locked' || code === 'store_unavailable');
  if (!isKnown) throw error;
  send({ refused: { code: code as 'store_locked' | 'store_unavailable', message } });
}
