import { readFileSync, rmSync, writeSync } from 'node:fs';
import http from 'node:http';
import { register } from 'node:module';

// Preloaded into the bot: a file with `after 3 commit` or `before 1 chat.update` kills it exactly there, counted from
// the moment at which the file is written.
const file = process.env.KILL_AT_FILE;
let order = '';
let count = 0;

function readOrder() {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A point that the bot passes: gives what ends it there, if that is planned. */
function arrive(what) {
  const now = readOrder();
  if (now !== order) count = 0;
  order = now;
  const [moment, number, planned] = order.split(' ');
  if (planned !== what) return () => {};
  count += 1;
  const isPlanned = count === Number(number);
  return (at) => {
    if (!isPlanned || at !== moment) return;
    rmSync(file);
    writeSync(1, `${JSON.stringify({ level: 30, msg: 'killed', point: order })}\n`);
    process.kill(process.pid, 'SIGKILL');
    // Not one instruction more, however late the signal.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}

/** Does the work of a point, unless this process ends before or after it. */
export async function pass(what, work) {
  const end = arrive(what);
  end('before');
  const result = await work();
  end('after');
  return result;
}

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  const method = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
  return method ? pass(method, () => fetch(input, init)) : fetch(input, init);
};

const { request } = http;
http.request = (...args) => {
  const { path = '' } = args.find((arg) => typeof arg === 'object' && arg !== null) ?? {};
  const what = path.startsWith('/actions/') ? 'response_url' : /\/(resume|respond)\b[^/]*$/.exec(path)?.[1];
  if (!what) return request(...args);
  const end = arrive(what);
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
