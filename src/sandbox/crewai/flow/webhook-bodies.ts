import type { ReviewEvent } from './question.ts';
import { formatTime, type Review } from './review.ts';

export type Shape = 'flat' | 'nested';

const DEPLOYMENT = { id: 4711, name: 'content-review', organizationId: 12 };

/** The body of a webhook, as a copy: what the flow does to its state later does not change it. */
export function buildReviewBody(shape: Shape, review: Review, event: ReviewEvent): Record<string, unknown> {
  return structuredClone(shape === 'flat' ? buildFlatBody(review, event) : buildNestedBody(review, event));
}

/** The shape of the captures. Fields that some of them lack are absent if they have no value. */
function buildFlatBody(review: Review, event: ReviewEvent): Record<string, unknown> {
  const { question } = review;
  const { slaTargetMinutes } = question;
  return {
    event_type: event,
    id: review.id,
    // An escalation has the same status: all captures show this one.
    status: 'pending',
    flow_id: review.flowId,
    flow_class: review.flowClass,
    method_name: question.method,
    message: question.message,
    output: question.output ?? null,
    emit: question.emit ?? [],
    default_outcome: question.defaultOutcome ?? null,
    state: question.state ?? {},
    metadata: question.metadata ?? {},
    created_at: formatTime(review.createdAt),
    callback_url: review.callbackUrl,
    response_token: review.token,
    deployment_id: DEPLOYMENT.id,
    deployment_name: DEPLOYMENT.name,
    flow_execution_id: review.flowExecutionId,
    organization_id: DEPLOYMENT.organizationId,
    ...buildAssignment(review),
    ...(slaTargetMinutes !== undefined && { sla_target_minutes: slaTargetMinutes }),
    ...buildRouting(review),
  };
}

/** The shape of the documentation, which has no output, no default outcome and no flow execution. */
function buildNestedBody(review: Review, event: ReviewEvent): Record<string, unknown> {
  const { question, assignedToEmail } = review;
  return {
    event,
    request: {
      id: review.id,
      flow_id: review.flowId,
      method_name: question.method,
      message: question.message,
      emit_options: question.emit ?? [],
      state: question.state ?? {},
      metadata: question.metadata ?? {},
      created_at: formatTime(review.createdAt),
    },
    deployment: {
      id: DEPLOYMENT.id,
      name: DEPLOYMENT.name,
      organization_id: DEPLOYMENT.organizationId,
    },
    callback_url: review.callbackUrl,
    ...(assignedToEmail !== undefined && { assigned_to_email: assignedToEmail }),
  };
}

function buildAssignment({ assignedToEmail: email, createdAt }: Review) {
  if (email === undefined) return {};
  return {
    assigned_to: { id: 7, email, name: email.split('@', 1)[0] },
    assigned_to_email: email,
    assigned_at: formatTime(createdAt),
  };
}

function buildRouting({ question: { responders, enforceRouting } }: Review) {
  if (responders === undefined && enforceRouting === undefined) return {};
  return {
    routing: {
      effective_responders: (responders ?? []).map((email) => ({ email })),
      enforce_routing_rules: enforceRouting ?? false,
    },
  };
}
