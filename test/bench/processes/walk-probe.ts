import { Session } from 'node:inspector/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Ran } from '../support/process.ts';

/**
 * Loaded before the bot. Counts calls in all of its threads and, on request, reports the functions of the bot that ran
 * since the last request.
 */
const SOURCE = `${pathToFileURL(dirname(process.argv[1] ?? '')).href}/`;
const COUNTING: [method: string, params?: object][] = [
  ['Profiler.enable'],
  ['Profiler.startPreciseCoverage', { callCount: true, detailed: false }],
];
const MAIN = 'main';
/** V8's own functions: the fields of a class and its static blocks. */
const SYNTHETIC = /^<.*>$/;

interface Coverage {
  result: {
    url: string;
    functions: { functionName: string; ranges: { startOffset: number; count: number }[] }[];
  }[];
}

type Post = (method: string, params?: object) => Promise<object>;

const session = new Session();
session.connect();
const threads = new Map<string, Post>([[MAIN, session.post.bind(session) as Post]]);
const answers = new Map<number, (result: object) => void>();
let lastId = 0;

// https://chromedevtools.github.io/devtools-protocol/ does not list this domain: it is Node's own.
session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
  const post: Post = (method, params = {}) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      answers.set(lastId, resolve);
      const message = JSON.stringify({ id: lastId, method, params });
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(reject);
    });
  threads.set(sessionId, post);
  for (const [method, params] of COUNTING) void post(method, params);
  void post('Runtime.runIfWaitingForDebugger');
});
session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
  const { id, result } = JSON.parse(message) as { id?: number; result?: object };
  if (id !== undefined) answers.get(id)?.(result ?? {});
});
session.on('NodeWorker.detachedFromWorker', ({ params: { sessionId } }) => void threads.delete(sessionId));

for (const [method, params] of COUNTING) await session.post(method, params);
await session.post('NodeWorker.enable', { waitForDebuggerOnStart: true });

process.on('message', async (message) => {
  if (message !== 'ran') return;
  const taken = [...threads].map(async ([thread, post]) =>
    readRan((await post('Profiler.takePreciseCoverage')) as Coverage, thread),
  );
  process.send?.((await Promise.all(taken)).flat());
});

function readRan({ result }: Coverage, thread: string): Ran[] {
  return result
    .filter(({ url }) => url.startsWith(SOURCE))
    .flatMap(({ url, functions }) =>
      functions.flatMap(({ functionName, ranges: [range] }) =>
        // The function at offset 0 is the module itself.
        range && range.count > 0 && range.startOffset > 0 && !SYNTHETIC.test(functionName)
          ? [
              {
                file: url.slice(SOURCE.length).replace(/js$/, 'ts'),
                name: functionName,
                at: range.startOffset,
                main: thread === MAIN,
              },
            ]
          : [],
      ),
    );
}
