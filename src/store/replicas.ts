import { RECORD_VERSION } from '../approval/model/approval.ts';
import type { Clock, Log } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { eachRecord, type RecordStore } from './record-store.ts';
import type { StoreFormat } from './store-format.ts';

const BEATS_EVERY = 15_000;
/** A replica that has not beaten while this one has beaten so often does not run: a minute, whatever clocks say. */
const GONE_AFTER = 4;

interface Beat {
  format: number;
  /** The number of the build's drawing; absent: a build without one. */
  drawing?: number;
  at: number;
}

/**
 * Says that this replica runs, and of which format its build is. Once no replica of an earlier format has beaten for a minute,
 * the store's format is raised. `onRaised`: called once, whichever replica raised it. `onNewestDrawing`: called once, when no
 * replica runs that draws cards as an earlier build does. Returns what ends it.
 */
export function startBeating(
  records: RecordStore,
  {
    name,
    clock,
    log,
    format,
    onRaised,
    drawing,
    onNewestDrawing,
  }: {
    name: string;
    clock: Clock;
    log: Log;
    format: StoreFormat;
    onRaised: () => void;
    drawing: number;
    onNewestDrawing: () => void;
  },
): () => Promise<void> {
  const key = `replica/${name}`;
  const others = new OtherReplicas(records, key);
  let wasRaised = format.isRaised();
  let isNewestDrawing = false;
  let beats = 0;
  const stop = repeat(clock, BEATS_EVERY, async () => {
    try {
      const beat: Beat = { format: RECORD_VERSION, drawing, at: clock.now() };
      await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify(beat) }], deletes: [] });
      beats += 1;
      const running = await others.listRunning();
      if (!isNewestDrawing && running.every((other) => (other.drawing ?? 0) >= drawing)) {
        isNewestDrawing = true;
        onNewestDrawing();
      }
      if (wasRaised) return;
      if (!format.isRaised()) {
        // A replica that runs has beaten meanwhile.
        const hasOlder = running.some((other) => other.format < RECORD_VERSION);
        if (hasOlder || beats <= GONE_AFTER) return;
        await format.raise();
        // Another one may have raised it to a format before this build's.
        if (!format.isRaised()) return;
        const about = { format: RECORD_VERSION };
        log.info(about, 'no replica of an earlier format runs: the format of the store was raised');
      }
      wasRaised = true;
      onRaised();
    } catch (error) {
      log.error({ error }, 'replica not announced, tried again');
    }
  });
  return async () => {
    stop();
    await records.commit({ compare: [], puts: [], deletes: [key] }).catch(() => {});
  };
}

/** What is seen of the beats of other replicas, at each beat of this one: a clock that jumps makes none of them old. */
class OtherReplicas {
  readonly #records: RecordStore;
  readonly #own: string;
  #seen = new Map<string, { raw: string; times: number }>();

  constructor(records: RecordStore, own: string) {
    this.#records = records;
    this.#own = own;
  }

  /** The beats of the other replicas that run. Those that ended without a word go after a while. */
  async listRunning(): Promise<Beat[]> {
    const running: Beat[] = [];
    const gone: { key: string; raw: string }[] = [];
    const seen = new Map<string, { raw: string; times: number }>();
    for await (const { key, raw } of eachRecord(this.#records, 'replica')) {
      const before = this.#seen.get(key);
      const times = before?.raw === raw ? before.times + 1 : 0;
      seen.set(key, { raw, times });
      if (key === this.#own) continue;
      if (times >= GONE_AFTER) gone.push({ key, raw });
      else running.push(JSON.parse(raw) as Beat);
    }
    this.#seen = seen;
    for (const { key, raw } of gone)
      await this.#records.commit({ compare: [{ key, previousRaw: raw }], puts: [], deletes: [key] });
    return running;
  }
}
