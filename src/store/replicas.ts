import type { Clock, Log } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

const BEATS_EVERY = 15_000;
/** A replica that has not beaten while this one has beaten so often does not run: a minute, whatever clocks say. */
const GONE_AFTER = 4;

interface Beat {
  /** The number of the build's drawing. */
  drawing: number;
  at: number;
}

/**
 * Says that this replica runs, and how its build draws cards. `onNewestDrawing`: called once, when no replica runs that draws
 * cards as an earlier build does. Returns what ends it.
 */
export function startBeating(
  records: RecordStore,
  {
    name,
    clock,
    log,
    drawing,
    onNewestDrawing,
  }: { name: string; clock: Clock; log: Log; drawing: number; onNewestDrawing: () => void },
): () => Promise<void> {
  const key = `replica/${name}`;
  const others = new OtherReplicas(records, key);
  let isNewestDrawing = false;
  const stop = repeat(clock, BEATS_EVERY, async () => {
    try {
      const beat: Beat = { drawing, at: clock.now() };
      await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify(beat) }], deletes: [] });
      const running = await others.listRunning();
      if (isNewestDrawing || running.some((other) => other.drawing < drawing)) return;
      isNewestDrawing = true;
      onNewestDrawing();
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
