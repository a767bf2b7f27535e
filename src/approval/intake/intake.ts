import { createSerializer } from '../../lib/serialize.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Registration } from '../model/run/registration.ts';
import type { RunEvent } from '../model/run/run-events.ts';
import type { WebhookFacts } from '../model/run/webhook.ts';
import { recordAlias } from './aliases.ts';
import type { IntakeParts } from './commit-plan.ts';
import { receiveEvents, recordRunFailure } from './receive-events.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { registerRun } from './register-run.ts';

/** What CrewAI and the starters of runs send, bound to the store and the clock. */
export function createIntake({
  underway = () => false,
  ...given
}: Omit<IntakeParts, 'underway' | 'serialize'> & Partial<Pick<IntakeParts, 'underway'>>) {
  const parts: IntakeParts = { ...given, underway, serialize: createSerializer() };
  return {
    receive: (crew: Crew, webhook: WebhookFacts) => receiveWebhook(parts, crew, webhook),
    receiveEvents: (crew: Crew, events: readonly RunEvent[]) => receiveEvents(parts, crew, events),
    register: (crew: Crew, executionId: string, registration: Registration) =>
      registerRun(parts, crew, executionId, registration),
    recordRunFailure: (crew: Crew, executionId: string, error: string | undefined) =>
      recordRunFailure(parts, crew, executionId, error),
    recordAlias: (crew: string, alias: string, executionId: string) =>
      recordAlias(parts, crew, alias, executionId),
  };
}
