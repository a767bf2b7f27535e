import {
  couldBeSamePause,
  findPause,
  isSamePauseViaOtherWebhook,
  type Pause,
  showsPause,
} from '../lifecycle/pauses.ts';
import type { Approval } from '../model/approval.ts';
import { buildApprovalId, legacyApprovalId } from '../model/approval-id.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import type { Execution } from '../model/run/execution.ts';
import type { TaskWebhook } from '../model/run/webhook.ts';
import type { RunTeller } from './notify-siblings.ts';

type SiblingOf = RunTeller['siblingOf'];

/** Which approval a task's webhook belongs to. `others`: those that can never be it. Rejects with a StoreError. */
export async function findApproval(
  siblingOf: SiblingOf,
  {
    crew,
    webhook,
    execution,
    dialect,
    others,
    at,
  }: {
    crew: Crew;
    webhook: TaskWebhook;
    execution: Execution | undefined;
    dialect: Dialect;
    others: Set<string>;
    /** When the webhook came in. */
    at: number;
  },
): Promise<{ id: string; pause?: Pause }> {
  const siblings: Approval[] = [];
  for (const id of execution?.approvals ?? []) {
    if (others.has(id)) continue;
    const approval = await siblingOf(id);
    if (approval) siblings.push(approval);
    if (!approval || (webhook.kind === 'task' && !couldBeSamePause(approval, webhook))) others.add(id);
  }
  if (webhook.kind === 'task') {
    const shown = siblings.find(
      (approval) => isSamePauseViaOtherWebhook(approval, webhook) || showsPause(approval, webhook),
    );
    return { id: shown?.id ?? (await ownOrFormerId(siblingOf, crew, webhook, execution)) };
  }
  const pause = findPause(webhook, siblings, dialect, at);
  if (pause.kind === 'seen') return { id: pause.id, pause };
  if (pause.kind === 'same_task') return { id: pause.id };
  // A pause that one route tells without its task's name is the one that the other route told with it.
  const same = siblings.find((approval) => isSamePauseViaOtherWebhook(approval, webhook));
  if (same) return { id: same.id };
  if (pause.kind === 'answer') return { id: pause.id, pause };
  return { id: await ownOrFormerId(siblingOf, crew, webhook, execution) };
}

/** The id of a task's approval: the one that version 0.1.0 gave it, if it has one and it is not somebody else's. */
async function ownOrFormerId(
  siblingOf: SiblingOf,
  crew: Crew,
  webhook: TaskWebhook,
  execution: Execution | undefined,
): Promise<string> {
  const id = buildApprovalId(crew.name, webhook.executionId, webhook.taskKey);
  const former = legacyApprovalId(id);
  // A run whose record was damaged does not know its approvals.
  if (!execution?.approvals.includes(former) && !execution?.lost) return id;
  const record = await siblingOf(former);
  return record && isApprovalOf(record, crew, webhook) ? former : id;
}

function isApprovalOf(approval: Approval, crew: Crew, { executionId, taskKey }: TaskWebhook): boolean {
  return approval.crew === crew.name && approval.executionId === executionId && approval.task === taskKey;
}
