import type { AlertRelay } from '../approval/notify/alert-relay.ts';
import type { ApprovalStore, Clock, Log } from '../approval/ports.ts';
import { holdRestoredDeliveries, holdRestoredStarts } from '../approval/worker/restored.ts';
import type { OpenFigures } from '../http/open-gauges.ts';
import { createMetrics } from '../http/routes/metrics.ts';
import { sleep } from '../lib/sleep.ts';
import type { Settings } from '../settings/settings.ts';
import { createApprovalStore } from '../store/approval-store.ts';
import { measureStore } from '../store/measured-store.ts';
import { openStore } from '../store/open-store.ts';
import { Usage } from '../store/usage.ts';
import type { Closers } from './shared.ts';

/** The store, its clock and what is measured of it. */
export async function openStorage(
  settings: Settings,
  log: Log,
  { alert }: AlertRelay,
  { restored, closers }: { restored: boolean; closers: Closers },
) {
  const { records, sole, clock, close } = await openStore(settings.storeUrl, log, {
    onFault(fault) {
      log.error({ fault }, 'the database cannot be used any more; nothing is stored until a restart');
      alert('store files', `The database ${fault}. Nothing is stored until then.`);
    },
  });
  closers.push(close);
  const metrics = createMetrics(() => countOpen(store, clock, settings));
  const store = measureStore(createApprovalStore(records, log), metrics.meter);
  const usage = new Usage(records, clock);
  if (restored) {
    await usage.requireRestored();
    const held = await holdRestoredDeliveries({ store, clock, log });
    const starts = await holdRestoredStarts({ store, clock });
    log.warn({ held, starts }, 'started on a restored store');
  }
  const clockReached = await usage.lastUsedAt().catch(() => undefined);
  await usage.start();
  closers.push(() => usage.close());
  return { records, sole, clock, clockReached, metrics, meter: metrics.meter, store };
}
/** Most approvals counted per crew for the gauges of /metrics. */
const MOST_COUNTED = 1000;
export type Storage = Awaited<ReturnType<typeof openStorage>>;

/** What is open in each crew, for /metrics. */
async function countOpen(store: ApprovalStore, clock: Clock, { crews }: Settings): Promise<OpenFigures[]> {
  const figures: OpenFigures[] = [];
  for (const { name: crew } of crews) {
    const { states, oldestSince } = await store.openFigures(crew, MOST_COUNTED);
    const oldest = oldestSince === undefined ? 0 : Math.max(0, clock.now() - oldestSince);
    figures.push({ crew, states, oldest });
    // Clicks are answered between two crews.
    await sleep(clock, 0);
  }
  return figures;
}
