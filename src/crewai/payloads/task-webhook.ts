import { z } from 'zod';
import { LONGEST_ERROR } from '../../approval/model/crew/hide-secrets.ts';
import { buildInvisibleCount, isBlank, isBlankText, readOutput } from '../../approval/model/output.ts';
import { idSchema } from '../ids.ts';
import {
  anything,
  hashOutputs,
  listOutputFields,
  optionalId,
  optionalText,
  parseWebhook,
  type ReadWebhook,
  readFirstOutput,
  readMeta,
  type WebhookBody,
} from './fields.ts';

const taskSchema = z.object({
  kickoff_id: idSchema,
  task_id: optionalId,
  name: optionalId,
  description: optionalText,
  expected_output: optionalText,
  agent: optionalText,
  output: anything,
  output_json: anything,
  status: anything,
  error: anything,
  meta: anything,
});
type Task = z.infer<typeof taskSchema>;

export function readTaskWebhook(webhook: WebhookBody): ReadWebhook {
  return parseWebhook(taskSchema, webhook.body, (task) => {
    const taskKey = task.name ?? task.task_id;
    if (taskKey !== undefined && isFailure(task)) return readFailedTask(task, taskKey);
    const faults = [
      ...(taskKey === undefined ? [{ field: 'name', fault: 'is missing' }] : []),
      ...(task.output === undefined && task.output_json === undefined
        ? [{ field: 'output', fault: 'is missing' }]
        : []),
    ];
    if (taskKey === undefined || faults.length > 0) return { faults };
    const outputs = listOutputFields(webhook, 'output', 'output_json');
    const output = readFirstOutput(outputs);
    return {
      facts: {
        executionId: task.kickoff_id,
        ...readMeta(task.meta),
        kind: 'task',
        taskKey,
        task: taskKey,
        output,
        round: {
          taskId: task.task_id ?? taskKey,
          humanInput: false,
          hashes: hashOutputs(output, outputs[1]),
          ...buildInvisibleCount(output),
          agent: task.agent,
          description: task.description,
          expectedOutput: task.expected_output,
        },
      },
    };
  });
}

function readFailedTask({ kickoff_id, meta, error }: Task, task: string): ReadWebhook {
  const message = typeof error === 'string' ? error.slice(0, LONGEST_ERROR).toWellFormed() : '';
  const reason = isBlankText(message) ? undefined : message;
  return { facts: { executionId: kickoff_id, ...readMeta(meta), kind: 'task_failed', task, reason } };
}

/** True if the task failed: its status says so, and there is no output. */
function isFailure({ status, output, output_json }: Task): boolean {
  const failed = typeof status === 'string' && /^(error|fail(ed|ure)?)$/i.test(status);
  return failed && isBlank(readOutput(output)) && isBlank(readOutput(output_json));
}
