import type { RunStatus } from '../../approval/model/run/run-status.ts';

type StatusOf<Kind extends RunStatus['kind']> = Extract<RunStatus, { kind: Kind }>;

/** What CrewAI says of a run, one of each kind; the compiler asks for a new one. */
export const RUN_STATUSES: { readonly [Kind in RunStatus['kind']]: StatusOf<Kind> } & Readonly<
  Record<string, RunStatus>
> = {
  running: { kind: 'running', task: 'research', completed: 1, total: 3 },
  completed: { kind: 'completed' },
  failed: { kind: 'failed', error: 'Out of tokens' },
  other: { kind: 'other', state: 'QUEUED' },
  not_found: { kind: 'not_found' },
  no_access: { kind: 'no_access', status: 401 },
  no_answer: { kind: 'no_answer', detail: 'ECONNREFUSED' },
  paused: { kind: 'other', state: 'PAUSED' },
};
