import { z } from 'zod';
import { isApproverId } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl } from '../../approval/model/crew/webhook-urls.ts';
import type { Fault, Faults, Registration } from '../../approval/model/run/webhook.ts';
import { idSchema } from '../ids.ts';

const INVALID_URL = 'must be an http or https URL of at most 2,000 characters';
const webhookUrl = z.custom<string>(isWebhookUrl, INVALID_URL).optional();
const secretText = z.string('must be a text').min(1, 'must not be empty').max(1_000, 'is too long');

const registrationSchema = z.strictObject({
  taskWebhookUrl: webhookUrl,
  stepWebhookUrl: webhookUrl,
  crewWebhookUrl: webhookUrl,
  humanInputWebhook: z
    .strictObject(
      {
        url: z.custom<string>(isWebhookUrl, INVALID_URL),
        authentication: z
          .discriminatedUnion(
            'strategy',
            [
              z.strictObject({ strategy: z.literal('bearer'), token: secretText }),
              z.strictObject({ strategy: z.literal('basic'), username: secretText, password: secretText }),
            ],
            'must have the strategy bearer (token) or basic (username, password)',
          )
          .optional(),
      },
      'must be an object with a url',
    )
    .optional(),
  humanInputWebhookUrl: webhookUrl,
  channel: z.string('must be a text').min(1, 'must not be empty').max(100, 'is too long').optional(),
  approvers: z
    .array(
      z.custom<string>(isApproverId, 'must be the id of a Slack user or user group'),
      'must be a list of ids',
    )
    .max(100, 'must be at most 100')
    .optional(),
});

/** Reads the body of a registration, or lists each wrong field. Pure. */
export function readRegistration(
  executionId: string,
  body: unknown,
): { registration: Registration } | Faults {
  const id = idSchema.safeParse(executionId);
  const parsed = registrationSchema.safeParse(body);
  if (!id.success || !parsed.success) {
    const idFaults = id.success
      ? []
      : id.error.issues.map(({ message }) => ({ field: 'execution_id', fault: message }));
    return { faults: [...idFaults, ...(parsed.success ? [] : parsed.error.issues.flatMap(listFaults))] };
  }
  const { taskWebhookUrl: task, stepWebhookUrl: step, crewWebhookUrl: crew } = parsed.data;
  const { humanInputWebhook, humanInputWebhookUrl, channel, approvers } = parsed.data;
  if (humanInputWebhook && humanInputWebhookUrl !== undefined)
    return { faults: [{ field: 'humanInputWebhookUrl', fault: 'must not stand beside humanInputWebhook' }] };
  const asUrl =
    humanInputWebhookUrl === undefined ? undefined : { url: humanInputWebhookUrl, form: 'string' as const };
  const humanInput = humanInputWebhook ?? asUrl;
  const urls = { ...(task ? { task } : {}), ...(step ? { step } : {}), ...(crew ? { crew } : {}) };
  return {
    registration: {
      urls,
      ...(humanInput ? { humanInputWebhook: humanInput } : {}),
      ...(channel ? { channel } : {}),
      ...(approvers ? { approvers } : {}),
    },
  };
}

function listFaults(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join('.'),
      fault: 'is not a field of a registration',
    }));
  }
  return [
    {
      field: issue.path.join('.') || 'body',
      fault: issue.path.length > 0 ? issue.message : 'must be a JSON object',
    },
  ];
}
