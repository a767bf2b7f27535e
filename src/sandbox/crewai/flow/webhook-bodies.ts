import { formatTime, type Review } from './review.ts';

const DEPLOYMENT = { id: 4711, name: 'content-review', organizationId: 12 };

/** Builds the body of the captures. Fields that some captures lack are absent if they have no value. */
export function buildFlatBody(review: Review): Record<string, unknown> {
  const { question } = review;
  const { slaTargetMinutes } = question;
  return {
    event_type: 'new_request',
    id: review.id,
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

function buildAssignment({ question: { assignedToEmail: email }, createdAt }: Review) {
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
