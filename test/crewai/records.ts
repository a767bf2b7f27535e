import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { Endpoint } from '../../src/approval/model/crew/endpoint.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { createRunRecord, type RunRecord } from '../../src/approval/model/run/run-record.ts';

export { makeDecision as decision } from '../gallery/samples.ts';

export const crew: Crew = {
  secrets: ['crew-token-that-nobody-may-see'],
  name: 'press',
  channel: 'CAPPROVALS',
  channels: ['CAPPROVALS'],
  approvers: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise this:',
  language: 'en',
  lookUps: 'members',
  approveTasks: [],
  excludeRequester: false,
  allowGuests: true,
  policy: DEFAULT_POLICY,
  tasks: [],
  resumeFormat: 'documented',
};

/** Builds the endpoints of one crew that is deployed at this URL. */
export function endpointsOf(
  of: Crew,
  baseUrl: string,
  { secret = '', bearerToken = 'crew-token-that-nobody-may-see' } = {},
): Map<string, Endpoint> {
  const deployment = { baseUrl, bearerToken };
  return new Map([[of.name, { crew: of, secret, flowSecrets: [], callbackHosts: [], deployment }]]);
}

export function aRunRecord(more: Partial<RunRecord> = {}): RunRecord {
  return { ...createRunRecord(crew, 'run-1'), ...more };
}

/** JSON with keys that every object inherits or that clients drop, at every depth. */
export const awkwardNames =
  '{"topic":"rain","constructor":"a","prototype":"b","__proto__":"c","deep":[{"__proto__":{"constructor":{"prototype":1}}}]}';
