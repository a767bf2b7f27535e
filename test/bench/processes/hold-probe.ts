import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Loaded before the bot. Measures how long the event loop is held and, on request, reports the longest hold since the
 * last request, in milliseconds. `taken`: the part of that time in which the process waited for a processor that other
 * processes had. Linux reports this for the thread of the event loop; elsewhere it is 0.
 */
const EVERY = 2;
const NANOSECONDS = 1e6;

const waitedForProcessor = schedule();
let longest = { held: 0, taken: 0 };
let [at, waited] = [performance.now(), waitedForProcessor()];

function look(): void {
  const [now, waitedNow] = [performance.now(), waitedForProcessor()];
  const taken = waitedNow - waited;
  const held = Math.max(0, now - at - EVERY - taken);
  if (held > longest.held) longest = { held, taken };
  [at, waited] = [now, waitedNow];
}
setInterval(look, EVERY).unref();

process.on('message', (message) => {
  if (message !== 'hold') return;
  // A message that came during a hold is read before the timers that were due.
  look();
  process.send?.(longest);
  longest = { held: 0, taken: 0 };
});

/** Reads the first thread's wait for a processor: https://docs.kernel.org/scheduler/sched-stats.html */
function schedule(): () => number {
  try {
    const file = openSync('/proc/self/schedstat', 'r');
    process.on('exit', () => closeSync(file));
    const buffer = Buffer.alloc(64);
    return () => {
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return Number(buffer.toString('latin1', 0, length).split(' ')[1]) / NANOSECONDS;
    };
  } catch {
    return () => 0;
  }
}
