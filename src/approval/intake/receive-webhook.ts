import type { App } from '../app.ts';
import type { Crew } from '../model/crew/crew.ts';
import { hideReason } from '../model/crew/hide-secrets.ts';
import type { Receipt, WebhookFacts } from '../model/run/webhook.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { recordAlias } from './aliases.ts';
import { commitPlan } from './commit-plan.ts';
import { loadRun } from './load-run.ts';
import { planWebhook, type WebhookPlan } from './plan-webhook.ts';
import { applyTicket } from './tickets.ts';

/**
 * Records a webhook: what it says of the run, the approval that it opens or adds to, and what the run's other approvals
 * learn from it, in one commit. `ticket`: of the URL that it came to. Rejects with a StoreError when nothing can be answered with 2xx.
 */
export async function receiveWebhook(
  app: App,
  crew: Crew,
  received: WebhookFacts,
  ticket?: unknown,
): Promise<Receipt> {
  const at = app.clock.now();
  const { meta, ...facts } = hideInReason(crew, received);
  const { requestId = meta.requestId } = await applyTicket(app, crew, {
    ticket,
    executionId: received.executionId,
    kind: received.kind === 'human_input' ? 'pause' : 'other',
    at,
  });
  const sent = {
    ...facts,
    meta: { ...meta, ...(requestId === undefined ? {} : { requestId }) },
    under: received.under ?? received.executionId,
  } as WebhookFacts;
  const plan = await app.serialize(`${crew.name}/${sent.executionId}`, () =>
    retryConflicts(sent.executionId, () => recordWebhook(app, crew, sent, at)),
  );
  const { webhook, receipt } = plan;
  if (webhook.aliasId !== undefined) await recordAlias(app, crew.name, webhook.aliasId, webhook.executionId);
  return receipt;
}

function hideInReason(crew: Crew, webhook: WebhookFacts): WebhookFacts {
  if (webhook.kind !== 'task_failed' || webhook.reason === undefined) return webhook;
  return { ...webhook, reason: hideReason(crew, webhook.reason) };
}

async function recordWebhook(
  app: App,
  crew: Crew,
  sent: WebhookFacts,
  at: number,
): Promise<WebhookPlan | typeof CONFLICT> {
  const { store, dialects, crewAI } = app;
  // Its id can become another run's id between two tries.
  const executionId = await store.originalId(crew.name, sent.executionId);
  const received = { ...sent, executionId };
  const { requestId } = received.meta;
  const run = await loadRun(app, crew.name, executionId, {
    ...('taskKey' in received ? { taskKey: received.taskKey } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  });
  const context = { crew, dialect: dialects.of(crew.name), at, underway: crewAI.underway(crew.name) };
  const plan = planWebhook(context, received, run);
  if ((await commitPlan(app, run, plan)) === CONFLICT) return CONFLICT;
  logPlan(app, plan);
  return plan;
}

function logPlan({ log }: App, { webhook, warnings, receipt, fact, execution }: WebhookPlan): void {
  const about = { crew: execution.crew, execution: execution.executionId };
  for (const warning of warnings) log.warn({ ...about, kind: webhook.kind }, warning);
  if (fact === undefined) return;
  if (webhook.kind === 'task_failed') log.warn({ ...about, task: webhook.task }, fact);
  else log.info({ ...about, approval: receipt.approval, round: receipt.round }, fact);
}
