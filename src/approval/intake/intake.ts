import { createSerializer } from '../../lib/serialize.ts';
import { recordStartedRun } from '../kickoffs/started-run.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { FlowReview } from '../model/run/flow-review.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import type { Registration } from '../model/run/registration.ts';
import type { RunEvent } from '../model/run/run-events.ts';
import type { WebhookFacts } from '../model/run/webhook.ts';
import { recordAlias } from './aliases.ts';
import type { IntakeParts } from './commit-plan.ts';
import { receiveEvents, recordRunFailure } from './receive-events.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { registerRun } from './register-run.ts';
import { receiveReview } from './reviews/receive-review.ts';

/** What CrewAI and the starters of runs send, bound to the store and the clock. */
export function createIntake({
  underway = () => false,
  wakeKickoff = () => {},
  ...given
}: Omit<IntakeParts, 'underway' | 'wakeKickoff' | 'serialize'> &
  Partial<Pick<IntakeParts, 'underway' | 'wakeKickoff'>>) {
  const parts: IntakeParts = { ...given, underway, wakeKickoff, serialize: createSerializer() };
  return {
    receive: (crew: Crew, webhook: WebhookFacts, ticket?: unknown) =>
      receiveWebhook(parts, crew, webhook, ticket),
    receiveEvents: (crew: Crew, events: readonly RunEvent[], ticket?: unknown) =>
      receiveEvents(parts, crew, events, ticket),
    register: (crew: Crew, executionId: string, registration: Registration) =>
      registerRun(parts, crew, executionId, registration),
    receiveReview: (crew: Crew, asked: FlowReview, callbackAllowed: boolean) =>
      receiveReview(parts, crew, asked, callbackAllowed),
    recordRunFailure: (crew: Crew, executionId: string, error: string | undefined) =>
      recordRunFailure(parts, crew, executionId, error),
    recordStartedRun: (crew: Crew, kickoff: Kickoff & { executionId: string }) =>
      recordStartedRun(parts, crew, kickoff),
    recordAlias: (crew: string, alias: string, executionId: string) =>
      recordAlias(parts, crew, alias, executionId),
  };
}
