import { RECORD_VERSION } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Start } from '../../../src/approval/model/run/start.ts';
import { crew } from '../worker/worker-world.ts';

/** Time at which a run of these tests was requested. */
const AT = 1_700_000_000_000;

/** A crew whose runs can be started: its members may start them, and CrewAI can reach this bot. */
export const startable: Crew = {
  ...crew,
  starts: 'crew',
  ownUrls: { task: 'https://bot.example.com/webhooks/press/task?token=secret' },
};

/** Builds the start of a run as recorded when a person submits the form. */
export function aStart(more: Partial<Start> = {}): Start {
  return {
    v: RECORD_VERSION,
    id: '00000000-0000-4000-8000-000000000001',
    crew: 'press',
    by: 'UANA',
    channel: 'CAPPROVALS',
    inputs: { topic: 'rain jackets' },
    hidden: [],
    createdAt: AT,
    changedAt: AT,
    status: 'starting',
    notes: [],
    lanes: { start: { failures: 0 } },
    ...more,
  };
}
