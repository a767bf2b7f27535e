import { writeSync } from 'node:fs';
import http from 'node:http';
import { register } from 'node:module';

// Preloaded into the bot: `KILL_AT=commit:3:before` ends it exactly there, `KILL_AT=count` only tells the points that
// it passes. Kinds: commit (of the store), slack (Web API call), resume (POST /resume), callback (of a Flow's review).
const [mortalKind, mortalNumber, mortalMoment] = (process.env.KILL_AT ?? '').split(':');
const counts = { commit: 0, slack: 0, resume: 0, callback: 0 };

function tell(fields) {
  writeSync(1, `${JSON.stringify({ level: 30, ...fields })}\n`);
}

/** A point that the bot passes: gives what ends it there, if that is planned. */
function arrive(kind, what) {
  counts[kind] += 1;
  const number = counts[kind];
  tell({ msg: 'point', kind, number, what });
  return (moment) => {
    if (kind !== mortalKind || number !== Number(mortalNumber) || moment !== mortalMoment) return;
    tell({ msg: 'killed', kind, number, moment, what });
    process.kill(process.pid, 'SIGKILL');
    // Not one instruction more, however late the signal.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}

/** Does the work of a point, unless this process ends before or after it. */
export async function pass(kind, what, work) {
  const end = arrive(kind, what);
  end('before');
  const result = await work();
  end('after');
  return result;
}

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  const method = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
  return method ? pass('slack', method, () => fetch(input, init)) : fetch(input, init);
};

/** How a request takes a decision to CrewAI; undefined if it takes none. */
function decisionTo(path) {
  if (/\/resume$/.test(path)) return ['resume', 'POST /resume'];
  return /\/human_feedback_requests\/[^/]+\/respond\b/.test(path)
    ? ['callback', 'POST to the callback']
    : undefined;
}

const { request } = http;
http.request = (...args) => {
  const options = args.find((arg) => typeof arg === 'object' && arg !== null);
  const [kind, what] = decisionTo(options?.path ?? '') ?? [];
  if (!kind) return request(...args);
  const end = arrive(kind, what);
  end('before');
  const sent = request(...args);
  const { emit } = sent;
  sent.emit = (event, ...rest) => {
    if (event === 'response') end('after');
    return emit.call(sent, event, ...rest);
  };
  return sent;
};

register('./count-commits.mjs', import.meta.url);
