import type { Clock, Log } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

const BEATS_EVERY = 15_000;
/** Number of this replica's heartbeats after which an unchanged replica counts as stopped: a minute, whatever the clocks say. */
const STOPPED_AFTER = 4;

interface Beat {
  /** Number of the build's card design. */
  drawing: number;
  at: number;
}

/**
 * Announces that this replica runs and how its build draws cards. `onNewestDrawing`: called once, when no running replica draws
 * cards like an earlier build. Returns a function that ends the heartbeats.
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
  const otherReplicas = new OtherReplicas(records, key);
  let isNewestDrawing = false;
  const stop = repeat(clock, BEATS_EVERY, async () => {
    try {
      const beat: Beat = { drawing, at: clock.now() };
      await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify(beat) }], deletes: [] });
      const runningReplicas = await otherReplicas.listRunning();
      if (isNewestDrawing || runningReplicas.some((replica) => replica.drawing < drawing)) return;
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

/** Watches the heartbeats of other replicas. Measures their age in heartbeats of this replica, so a clock can jump. */
class OtherReplicas {
  readonly #records: RecordStore;
  readonly #ownKey: string;
  #heartbeats = new Map<string, { raw: string; times: number }>();

  constructor(records: RecordStore, ownKey: string) {
    this.#records = records;
    this.#ownKey = ownKey;
  }

  /** Returns the last heartbeats of the other running replicas. Deletes the heartbeats of crashed replicas. */
  async listRunning(): Promise<Beat[]> {
    const runningBeats: Beat[] = [];
    const stoppedReplicas: { key: string; raw: string }[] = [];
    const heartbeats = new Map<string, { raw: string; times: number }>();
    for await (const { key, raw } of eachRecord(this.#records, 'replica')) {
      const previousBeat = this.#heartbeats.get(key);
      const times = previousBeat?.raw === raw ? previousBeat.times + 1 : 0;
      heartbeats.set(key, { raw, times });
      if (key === this.#ownKey) continue;
      if (times >= STOPPED_AFTER) stoppedReplicas.push({ key, raw });
      else runningBeats.push(JSON.parse(raw) as Beat);
    }
    this.#heartbeats = heartbeats;
    for (const { key, raw } of stoppedReplicas)
      await this.#records.commit({ compare: [{ key, previousRaw: raw }], puts: [], deletes: [key] });
    return runningBeats;
  }
}
