import { z } from 'zod';
import { isPauseId } from '../../approval/model/approval.ts';
import { buildInvisibleCount } from '../../approval/model/output.ts';
import { readMemberTexts } from '../../lib/json-text.ts';
import { isObject } from '../../lib/own-member.ts';
import {
  anything,
  hashOutputs,
  lenientId,
  listOutputFields,
  optionalText,
  parseWebhook,
  type ReadWebhook,
  readFirstOutput,
  readMeta,
  type WebhookBody,
} from './fields.ts';

/** CrewAI does not document the form, so each field is read under several names. */
const humanInputSchema = z.object({
  execution_id: lenientId,
  executionId: lenientId,
  kickoff_id: lenientId,
  kickoffId: lenientId,
  task_id: lenientId,
  taskId: lenientId,
  task_output: anything,
  taskOutput: anything,
  output: anything,
  result: anything,
  task_name: lenientId,
  name: lenientId,
  agent: optionalText,
  description: optionalText,
  expected_output: optionalText,
  meta: anything,
});

const OUTPUT_NAMES = ['task_output', 'taskOutput', 'output', 'result'];
/** Members that may hold the pause. */
const ENVELOPES = ['data', 'body', 'payload'];
/** Fields that may be outside of an envelope. */
const BESIDE = ['execution_id', 'executionId', 'kickoff_id', 'kickoffId', 'meta'];

export function readHumanInputWebhook(received: WebhookBody): ReadWebhook {
  const webhook = openEnvelope(received);
  return parseWebhook(humanInputSchema, webhook.body, (pause) => {
    const kickoffId = pause.kickoff_id ?? pause.kickoffId;
    const executionId = pause.execution_id ?? pause.executionId ?? kickoffId;
    const taskName = pause.task_name ?? pause.name;
    const taskId = pause.task_id ?? pause.taskId ?? taskName;
    const outputs = listOutputFields(webhook, ...OUTPUT_NAMES);
    const faults = [
      ...(executionId === undefined ? [{ field: 'execution_id', fault: 'is missing' }] : []),
      ...(taskId === undefined ? [{ field: 'task_id', fault: 'is missing' }] : []),
      ...(outputs.every(({ raw }) => raw === undefined)
        ? [{ field: 'task_output', fault: 'is missing' }]
        : []),
    ];
    if (executionId === undefined || taskId === undefined || faults.length > 0) return { faults };
    const output = readFirstOutput(outputs);
    const aliasId = kickoffId === executionId ? undefined : kickoffId;
    return {
      facts: {
        executionId,
        ...readMeta(pause.meta),
        ...(aliasId === undefined ? {} : { aliasId }),
        kind: 'human_input',
        taskKey: taskName ?? taskId,
        // The documented API identifies tasks by name, the live one identifies pauses by UUID.
        task: taskName ?? (isPauseId(taskId) ? undefined : taskId),
        output,
        round: {
          taskId,
          humanInput: true,
          hashes: hashOutputs(output),
          ...buildInvisibleCount(output),
          agent: pause.agent,
          description: pause.description,
          expectedOutput: pause.expected_output,
        },
      },
    };
  });
}

/** Finds the body with the pause: the body as sent, or its innermost envelope. A body with an output is the pause. */
function openEnvelope(webhook: WebhookBody): WebhookBody {
  const outer = webhook.body;
  const name = ENVELOPES.find((envelope) => isObject(outer[envelope]));
  if (name === undefined || OUTPUT_NAMES.some((output) => outer[output] != null)) return webhook;
  const beside = BESIDE.flatMap((field) => (outer[field] == null ? [] : [[field, outer[field]]]));
  const source = webhook.sources?.get(name);
  return openEnvelope({
    body: { ...Object.fromEntries(beside), ...(outer[name] as object) },
    sources: source === undefined ? undefined : readMemberTexts(source),
  });
}
