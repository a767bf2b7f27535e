import type { Clock, Log } from '../approval/ports.ts';
import { repeat } from '../lib/time.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

const HEARTBEAT_INTERVAL = 15_000;
/** A replica counts as stopped if its heartbeat does not change during this many heartbeats of this replica: one minute. */
const STOPPED_AFTER = 4;

interface Heartbeat {
  /** Number of the build's card design. */
  drawing: number;
  at: number;
}

/**
 * Announces regularly that this replica runs, and its card design. `onNewestDesign`: called once, when no running replica has
 * an earlier card design. Returns a function that ends the heartbeats.
 */
export function startHeartbeats(
  records: RecordStore,
  {
    name,
    clock,
    log,
    drawing,
    onNewestDesign,
  }: { name: string; clock: Clock; log: Log; drawing: number; onNewestDesign: () => void },
): () => Promise<void> {
  const key = `replica/${name}`;
  const otherReplicas = new OtherReplicas(records, key);
  let isNewestDesign = false;
  const stop = repeat(clock, HEARTBEAT_INTERVAL, async () => {
    try {
      const heartbeat: Heartbeat = { drawing, at: clock.now() };
      await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify(heartbeat) }], deletes: [] });
      const runningReplicas = await otherReplicas.listRunning();
      if (isNewestDesign || runningReplicas.some((replica) => replica.drawing < drawing)) return;
      isNewestDesign = true;
      onNewestDesign();
    } catch (error) {
      log.error({ error }, 'replica not announced; retrying');
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
  #heartbeats = new Map<string, { raw: string; unchangedCount: number }>();

  constructor(records: RecordStore, ownKey: string) {
    this.#records = records;
    this.#ownKey = ownKey;
  }

  /** Returns the last heartbeats of the other running replicas. Deletes the heartbeats of crashed replicas. */
  async listRunning(): Promise<Heartbeat[]> {
    const runningHeartbeats: Heartbeat[] = [];
    const stoppedReplicas: { key: string; raw: string }[] = [];
    const heartbeats = new Map<string, { raw: string; unchangedCount: number }>();
    for await (const { key, raw } of eachRecord(this.#records, 'replica')) {
      const previousHeartbeat = this.#heartbeats.get(key);
      const unchangedCount = previousHeartbeat?.raw === raw ? previousHeartbeat.unchangedCount + 1 : 0;
      heartbeats.set(key, { raw, unchangedCount });
      if (key === this.#ownKey) continue;
      if (unchangedCount >= STOPPED_AFTER) stoppedReplicas.push({ key, raw });
      else runningHeartbeats.push(JSON.parse(raw) as Heartbeat);
    }
    this.#heartbeats = heartbeats;
    for (const { key, raw } of stoppedReplicas)
      await this.#records.commit({ compare: [{ key, previousRaw: raw }], puts: [], deletes: [key] });
    return runningHeartbeats;
  }
}
