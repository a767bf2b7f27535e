import { z } from 'zod';
import { time } from './decision.ts';

/** Of an approval. */
export const laneNames = ['card', 'thread', 'delivery'] as const;
/** `start`: of a run that a person starts. */
export type LaneName = (typeof laneNames)[number] | 'start';
/** One of the independent kinds of work on a record. */
export const laneSchema = z.object({
  lease: z.object({ owner: z.string(), until: time }).optional(),
  /** Failures in a row. */
  failures: z.number(),
  notBefore: time.optional(),
  /** Slack takes nothing there until a person changes something. */
  blocked: z.boolean().optional(),
});
export type Lane = z.infer<typeof laneSchema>;

/** A record with work in lanes. */
export interface Laned {
  lanes: Partial<Record<LaneName, Lane>>;
}

export function setLane<R extends Laned>(record: R, name: LaneName, lane: Lane): R {
  return { ...record, lanes: { ...record.lanes, [name]: lane } };
}

export function laneOf({ lanes }: Laned, name: LaneName): Lane {
  return lanes[name] ?? { failures: 0 };
}

/** `soleWorker`: on a store for one process, the owner of any other lease no longer runs. */
export function leasedUntil({ lease }: Lane, soleWorker: string | undefined): number {
  if (!lease || (soleWorker !== undefined && !lease.owner.startsWith(`${soleWorker}/`))) return 0;
  return lease.until;
}
