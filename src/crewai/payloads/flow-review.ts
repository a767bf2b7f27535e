import { z } from 'zod';
import { isEmail } from '../../approval/model/crew/slack-ids.ts';
import { isWebhookUrl } from '../../approval/model/crew/webhook-urls.ts';
import {
  attachHash,
  buildInvisibleCount,
  type HashedOutput,
  hashOutput,
  isBlank,
  isBlankText,
  readOutput,
} from '../../approval/model/output.ts';
import type { Faults, FlowReview } from '../../approval/model/run/webhook.ts';
import { readMemberTexts } from '../../lib/json-text.ts';
import { isObject } from '../../lib/own-member.ts';
import { anything, lenientId, optionalText, parseTime, type WebhookBody } from './fields.ts';

/** Number of options to keep in the record, which is read at each click. Further options can only be typed. */
const MAX_OPTIONS = 1_000;
const LONGEST_OPTION = 1_000;
/** Length of all options together, in characters. */
const LONGEST_OPTIONS = 100_000;
const LONGEST_MESSAGE = 10_000;
const MAX_RESPONDERS = 1_000;
/** Ten years, in minutes. A longer target is probably a mistake. */
const LONGEST_SLA = 10 * 366 * 24 * 60;
const INVALID_EVENT = 'must be new_request or escalation';

type Fields = Readonly<Record<string, unknown>>;

/** A request: its fields under the names of the flat shape, and the names that these fields have in the body. */
interface ReviewRequest {
  fields: Fields;
  names: Fields;
  /** JSON texts of `state` and `output`, if parsing changes the value. */
  state: string | undefined;
  output: string | undefined;
  /** The request names the run only by its Flow's id. */
  hasFlowIdOnly: boolean;
}

const requiredId = lenientId.transform((id, context): string => {
  if (id !== undefined) return id;
  context.addIssue('is missing');
  return z.NEVER;
});

const flowReviewSchema = z.object({
  event_type: z.enum(['new_request', 'escalation'], {
    error: ({ input }) => (input === undefined ? 'is missing' : INVALID_EVENT),
  }),
  id: requiredId,
  flow_execution_id: requiredId,
  method_name: requiredId,
  message: anything.transform(readReviewMessage),
  output: anything,
  emit: anything
    .transform(readEmit)
    .pipe(z.array(z.string().max(LONGEST_OPTION, `must be at most ${LONGEST_OPTION} characters long`))),
  default_outcome: optionalText,
  state: anything,
  callback_url: z.custom<string>(isWebhookUrl, {
    error: ({ input }) =>
      input === undefined ? 'is missing' : 'must be an http or https URL of at most 2,000 characters',
  }),
  assigned_to_email: anything.transform(readEmail),
  assigned_to: anything.transform((assignee) => readEmail(isObject(assignee) ? assignee.email : undefined)),
  sla_target_minutes: z.number().positive().max(LONGEST_SLA).optional().catch(undefined),
  created_at: anything.transform(parseTime),
  routing: anything.transform(readRouting),
});

/**
 * Reads the body of a Flow's review webhook, in its flat or nested shape; or lists each field that is missing, wrong or too long.
 * Pure.
 */
export function readFlowReview({ body, sources }: WebhookBody): { review: FlowReview } | Faults {
  const request = openRequest(body, sources);
  const parsed = flowReviewSchema.safeParse(request.fields);
  if (parsed.success) return { review: buildReview(parsed.data, request) };
  const nameField = ([field, ...innerPath]: PropertyKey[]) =>
    [request.names[String(field)] ?? field, ...innerPath].map(String).join('.');
  return {
    faults: parsed.error.issues.map(({ path, message }) => ({ field: nameField(path), fault: message })),
  };
}

/** Finds the request's fields: at the top of the body in the flat shape, mostly under `request` in the nested one. */
function openRequest(body: Fields, sources: ReadonlyMap<string, string> | undefined): ReviewRequest {
  const { request } = body;
  if (isObject(request) && body.method_name === undefined)
    return openNested(body, request, sources?.get('request'));
  return {
    fields: { ...body, flow_execution_id: body.flow_execution_id ?? body.flow_id },
    names: {},
    hasFlowIdOnly: body.flow_execution_id == null,
    state: sources?.get('state'),
    output: sources?.get('output'),
  };
}

function openNested(body: Fields, request: Fields, source: string | undefined): ReviewRequest {
  const sources = source === undefined ? undefined : readMemberTexts(source);
  return {
    fields: {
      ...request,
      ...body,
      event_type: body.event,
      id: request.id,
      flow_execution_id: request.flow_execution_id ?? request.flow_id,
      method_name: request.method_name,
      message: request.message,
      output: request.output,
      state: request.state,
      emit: request.emit_options,
      created_at: request.created_at,
    },
    hasFlowIdOnly: request.flow_execution_id == null,
    names: {
      event_type: 'event',
      id: 'request.id',
      flow_execution_id: 'request.flow_id',
      method_name: 'request.method_name',
      emit: 'request.emit_options',
    },
    state: sources?.get('state'),
    output: sources?.get('output'),
  };
}

function buildReview(
  data: z.infer<typeof flowReviewSchema>,
  { state, output, hasFlowIdOnly }: ReviewRequest,
): FlowReview {
  const parsedOutput = readOutput(data.output, output);
  return {
    event: data.event_type,
    requestId: data.id,
    executionId: data.flow_execution_id,
    ...(hasFlowIdOnly ? { hasFlowIdOnly } : {}),
    method: data.method_name,
    message: data.message,
    output: parsedOutput,
    hashes: [hashOutput(parsedOutput)],
    ...buildInvisibleCount(parsedOutput),
    options: data.emit,
    defaultOutcome: data.default_outcome,
    state: readReviewState(data.state, state),
    callbackUrl: data.callback_url,
    assigneeEmail: data.assigned_to_email ?? data.assigned_to,
    slaTargetMinutes: data.sla_target_minutes,
    createdAt: data.created_at,
    ...data.routing,
  };
}

function readReviewState(state: unknown, source: string | undefined): HashedOutput | undefined {
  if (isObject(state) && Object.keys(state).length === 0) return undefined;
  const output = readOutput(state, source);
  return isBlank(output) ? undefined : attachHash(output);
}

/** Returns the options in order, without those that people cannot see or distinguish. */
function readEmit(emit: unknown): string[] {
  const options: unknown[] = Array.isArray(emit) ? emit : [];
  const readable = options.filter(
    (option): option is string => typeof option === 'string' && !isBlankText(option) && option.isWellFormed(),
  );
  let length = 0;
  return [...new Set(readable)].slice(0, MAX_OPTIONS).filter((option) => {
    length += option.length;
    return length <= LONGEST_OPTIONS;
  });
}

function readReviewMessage(message: unknown): string {
  if (typeof message !== 'string' || isBlankText(message)) return '';
  return message.slice(0, LONGEST_MESSAGE).toWellFormed();
}

function readEmail(email: unknown): string | undefined {
  return typeof email === 'string' && isEmail(email) ? email : undefined;
}

function readRouting(routing: unknown): Pick<FlowReview, 'responders' | 'enforceRouting'> {
  if (!isObject(routing)) return {};
  const { effective_responders: listed, enforce_routing_rules: enforced } = routing;
  return {
    responders: Array.isArray(listed) ? listed.flatMap(readResponder).slice(0, MAX_RESPONDERS) : undefined,
    enforceRouting: typeof enforced === 'boolean' ? enforced : undefined,
  };
}

/** Reads a responder: an object with an email address or an id, or one of the two alone. */
function readResponder(responder: unknown): string[] {
  const email = isObject(responder) ? readEmail(responder.email) : undefined;
  const parsed = lenientId.safeParse(email ?? (isObject(responder) ? responder.id : responder));
  return parsed.data === undefined ? [] : [parsed.data];
}
