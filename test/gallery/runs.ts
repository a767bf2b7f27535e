import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import type { Start, StartNote, StartStatus } from '../../src/approval/model/run/start.ts';
import { buildRunList } from '../../src/slack/views/lists/runs.ts';
import { buildRunMessage, buildRunNote } from '../../src/slack/views/runs/run-message.ts';
import { spoken } from '../support/spoken.ts';
import { type GalleryView, nameVariant, POSTED_FORM, showMessage } from './gallery-view.ts';
import { AT, LINKS, RELEASE } from './samples.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const CHANNEL = 'CAPPROVALS';

function makeStart(more: Partial<Start> = {}): Start {
  return {
    v: RECORD_VERSION,
    id: ID,
    crew: 'press',
    by: 'UANA',
    channel: CHANNEL,
    inputs: { topic: 'spring collection', tone: 'warm' },
    hidden: [],
    createdAt: AT,
    changedAt: AT,
    status: 'running',
    executionId: '97eba64f-958c-40a0-a61c-625fe635a3c0',
    message: { channel: CHANNEL, ts: '1700000000.000100', shown: '' },
    notes: [],
    lanes: { start: { failures: 0 } },
    ...more,
  };
}

const notRunning = { executionId: undefined } as const;
const STARTS: Readonly<Record<StartStatus, Record<string, Start>>> = {
  starting: { '': makeStart({ status: 'starting', ...notRunning }) },
  unsure: {
    '': makeStart({ status: 'unsure', reason: { code: 'no_answer_in_time' }, ...notRunning }),
    'of a program': makeStart({ status: 'unsure', program: true, ...notRunning }),
  },
  running: {
    '': makeStart(),
    'many inputs': makeStart({
      inputs: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`input ${n}`, 'long '.repeat(200)])),
    }),
  },
  not_started: {
    '': makeStart({ status: 'not_started', reason: '401: Not authenticated', ...notRunning }),
    'inputs missing': makeStart({ status: 'not_started', missing: ['tone', 'audience'], ...notRunning }),
  },
  finished: { '': makeStart({ status: 'finished' }) },
  failed: { '': makeStart({ status: 'failed', reason: 'ValueError: boom' }) },
};

const NOTES: Readonly<Record<StartNote, Start>> = {
  not_started: makeStart({ status: 'not_started', reason: '401: Not authenticated', ...notRunning }),
  unsure: makeStart({ status: 'unsure', reason: { code: 'no_answer_in_time' }, ...notRunning }),
  silent: makeStart(),
  failed: makeStart({ status: 'failed', reason: 'ValueError: boom' }),
  result: makeStart({ status: 'finished' }),
};

/** Draws the runs that people start from Slack: their messages, their notes and the list. */
export function buildRuns(): GalleryView[] {
  const all = Object.entries(STARTS).flatMap(([status, variants]) =>
    Object.entries(variants).map(([variant, start]) => ({ status, variant, start })),
  );
  return [
    ...all.map(({ status, variant, start }) =>
      showMessage(nameVariant(`run ${status}`, variant), buildRunMessage(spoken(), start)),
    ),
    ...Object.entries(NOTES).map(([note, start]) =>
      showMessage(
        `note of a run, ${note}`,
        buildRunNote(spoken(), start, note as StartNote, RELEASE, POSTED_FORM),
      ),
    ),
    showMessage(
      'list of runs',
      buildRunList(
        spoken(),
        all.map(({ start }) => start),
        LINKS,
      ),
    ),
    showMessage('list of runs, empty', buildRunList(spoken(), [], LINKS)),
  ];
}
