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
import type { RunDraft } from './run-draft.ts';

interface Search {
  crew: Crew;
  webhook: TaskWebhook;
  execution: Execution | undefined;
  /** The run's approvals. */
  siblings: readonly Approval[];
  dialect: Dialect;
  /** When the webhook came in. */
  at: number;
}

/** Which approval a task's webhook belongs to. Pure. */
export function findApproval(draft: RunDraft, search: Search): { id: string; pause?: Pause } {
  const { webhook, siblings, dialect, at } = search;
  if (webhook.kind === 'task') {
    const shown = siblings
      .filter((approval) => couldBeSamePause(approval, webhook))
      .find((approval) => isSamePauseViaOtherWebhook(approval, webhook) || showsPause(approval, webhook));
    return { id: shown?.id ?? findOwnId(draft, search) };
  }
  const pause = findPause(webhook, siblings, dialect, at);
  if (pause.kind === 'seen') return { id: pause.id, pause };
  if (pause.kind === 'same_task') return { id: pause.id };
  // A pause that one webhook brings without its task's name is the one that the other webhook brings with it.
  const same = siblings.find((approval) => isSamePauseViaOtherWebhook(approval, webhook));
  if (same) return { id: same.id };
  if (pause.kind === 'answer') return { id: pause.id, pause };
  return { id: findOwnId(draft, search) };
}

/** The id of a task's approval: the one that version 0.1.0 gave it, if that record is of this task. */
function findOwnId(draft: RunDraft, { crew, webhook, execution }: Search): string {
  const id = buildApprovalId(crew.name, webhook.executionId, webhook.taskKey);
  const legacy = legacyApprovalId(id);
  // A run whose record was damaged does not know its approvals.
  if (!execution?.approvals.includes(legacy) && !execution?.lost) return id;
  const [record] = draft.list([legacy]);
  return record && isApprovalOf(record, crew, webhook) ? legacy : id;
}

function isApprovalOf(approval: Approval, crew: Crew, { executionId, taskKey }: TaskWebhook): boolean {
  return approval.crew === crew.name && approval.executionId === executionId && approval.task === taskKey;
}
