import { z } from 'zod';
import { isPauseId } from '../../approval/model/pause-id.ts';
import { anything, lenientId, lenientText } from './fields.ts';
import { readCommonFacts } from './meta.ts';
import { hashOutputs, readFirstOutput } from './outputs.ts';
import { listOutputFields, parseWebhook, type ReadWebhook, type WebhookBody } from './parse-webhook.ts';

/** Its form is not documented, so several names of a field are read. */
const humanInputSchema = z.object({
  execution_id: lenientId,
  executionId: lenientId,
  kickoff_id: lenientId,
  task_id: lenientId,
  taskId: lenientId,
  task_output: anything,
  output: anything,
  result: anything,
  task_name: lenientId,
  name: lenientId,
  agent: lenientText,
  description: lenientText,
  expected_output: lenientText,
  meta: anything,
});

export function readHumanInputWebhook(webhook: WebhookBody): ReadWebhook {
  return parseWebhook(humanInputSchema, webhook.body, (pause) => {
    const executionId = pause.execution_id ?? pause.executionId ?? pause.kickoff_id;
    const taskName = pause.task_name ?? pause.name;
    const taskId = pause.task_id ?? pause.taskId ?? taskName;
    const outputs = listOutputFields(webhook, 'task_output', 'output', 'result');
    const faults = [
      ...(executionId === undefined ? [{ field: 'execution_id', fault: 'is missing' }] : []),
      ...(taskId === undefined ? [{ field: 'task_id', fault: 'is missing' }] : []),
      ...(outputs.every(({ raw }) => raw === undefined)
        ? [{ field: 'task_output', fault: 'is missing' }]
        : []),
    ];
    if (executionId === undefined || taskId === undefined || faults.length > 0) return { faults };
    const output = readFirstOutput(outputs);
    const aliasId = pause.kickoff_id === executionId ? undefined : pause.kickoff_id;
    return {
      facts: {
        ...readCommonFacts(executionId, pause.meta),
        ...(aliasId === undefined ? {} : { aliasId }),
        kind: 'human_input',
        taskKey: taskName ?? taskId,
        // The documented API identifies tasks by name, the live one identifies pauses by UUID.
        task: taskName ?? (isPauseId(taskId) ? undefined : taskId),
        output,
        round: {
          taskId,
          humanInput: true,
          hashes: hashOutputs(output, outputs),
          agent: pause.agent,
          description: pause.description,
          expectedOutput: pause.expected_output,
        },
      },
    };
  });
}
