import { z } from 'zod';

// The records as version 0.1.0 reads them, copied from its source and never changed: it still has to read what a later
// version writes, since both can run on one store during an upgrade, and the older one after a return to it.

const policySchema = z.object({
  silentAfter: z.number(),
  undoWindow: z.number(),
  approvalsRequired: z.number(),
  remindAfter: z.number().optional(),
  urgent: z.boolean(),
  escalateAfter: z.number().optional(),
  escalateTo: z.array(z.string()),
  expireAfter: z.number().optional(),
  onExpiry: z.enum(['keep', 'approve', 'request_revision']),
  expiryText: z.string(),
});

const webhookUrlsSchema = z.object({
  task: z.string().optional(),
  step: z.string().optional(),
  crew: z.string().optional(),
});

const humanInputWebhookSchema = z.object({
  url: z.string(),
  authentication: z
    .discriminatedUnion('strategy', [
      z.object({ strategy: z.literal('bearer'), token: z.string() }),
      z.object({ strategy: z.literal('basic'), username: z.string(), password: z.string() }),
    ])
    .optional(),
});

const resolvedUrl = z.object({
  url: z.string(),
  from: z.enum(['registered', 'meta', 'settings', 'bot']),
});
const maybe = resolvedUrl.optional();
const resolvedUrlsSchema = z.object({ task: maybe, step: maybe, crew: maybe });

export const outputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('json'), value: z.unknown() }),
]);

const time = z.number();

const roundStatuses = [
  'waiting',
  'sending',
  'refused',
  'undelivered',
  'approved',
  'revision_requested',
  'superseded',
  'resolved_elsewhere',
  'run_ended',
  'given_up',
] as const;

const decisionSchema = z.object({
  action: z.enum(['approve', 'request_revision']),
  feedback: z.string(),
  by: z.string(),
  rule: z.literal('expiry').optional(),
  at: time,
});

const failureSchema = z.object({
  kind: z.enum(['refused', 'not_reached', 'unknown']),
  status: z.number().optional(),
  detail: z.string().optional(),
});

const runStatusSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('running'),
    task: z.string().optional(),
    completed: z.number().optional(),
    total: z.number().optional(),
  }),
  z.object({ kind: z.literal('completed') }),
  z.object({ kind: z.literal('failed'), error: z.string().optional() }),
  z.object({ kind: z.literal('other'), state: z.string() }),
  z.object({ kind: z.literal('not_found') }),
  z.object({ kind: z.literal('no_access'), status: z.number() }),
  z.object({ kind: z.literal('no_answer'), detail: z.string() }),
]);

const deliverySchema = z.object({
  since: time,
  attempts: z.number(),
  firstAttemptAt: time.optional(),
  undoUntil: time.optional(),
  underway: z.boolean(),
  unsure: z.boolean(),
  failure: failureSchema.optional(),
  acceptedAt: time.optional(),
});

const cardSchema = z.object({ channel: z.string(), ts: z.string(), shown: z.string() });

const roundSchema = z.object({
  number: z.number(),
  status: z.enum(roundStatuses),
  taskId: z.string(),
  humanInput: z.boolean(),
  hashes: z.array(z.string()).min(1),
  agent: z.string().optional(),
  description: z.string().optional(),
  expectedOutput: z.string().optional(),
  receivedAt: time,
  unchanged: z.boolean(),
  long: z.literal(true).optional(),
  mayHaveGoneOn: z.boolean(),
  votes: z.array(decisionSchema),
  decision: decisionSchema.optional(),
  delivery: deliverySchema.optional(),
  wentOnAt: time.optional(),
  reminders: z.number().optional(),
  remindNotBefore: time.optional(),
  escalatedAt: time.optional(),
  expiredAt: time.optional(),
  claim: z.object({ by: z.string(), until: time }).optional(),
  assignee: z.string().optional(),
  givenUpBy: z.string().optional(),
  refusedPeople: z.array(z.string()).optional(),
  silentAt: time.optional(),
  settledAt: time.optional(),
  card: cardSchema.optional(),
  twins: z.array(cardSchema),
});

const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run_result') }),
  z.object({
    kind: z.literal('not_sent'),
    why: z.enum(['superseded', 'run_ended', 'given_up']),
    decision: decisionSchema,
    by: z.string().optional(),
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('not_taken'), decision: decisionSchema }),
  z.object({
    kind: z.literal('not_delivered'),
    decision: decisionSchema,
    failure: failureSchema,
    unsure: z.boolean(),
  }),
  z.object({ kind: z.literal('ignored'), warnings: z.array(z.string()) }),
  z.object({ kind: z.literal('task_done'), task: z.string(), agent: z.string().optional() }),
  z.object({ kind: z.literal('for_people'), by: z.string(), text: z.string() }),
  z.object({ kind: z.literal('assigned'), round: z.number(), by: z.string(), to: z.string() }),
  z.object({ kind: z.literal('reminder'), round: z.number() }),
  z.object({ kind: z.literal('escalated'), round: z.number(), to: z.array(z.string()) }),
  z.object({ kind: z.literal('expired'), round: z.number(), decision: decisionSchema.optional() }),
  z.object({ kind: z.literal('whole_output'), round: z.number() }),
  z.object({ kind: z.literal('whole_changes'), round: z.number() }),
  z.object({ kind: z.literal('file_refused'), of: z.enum(['output', 'changes']).optional() }),
  z.object({ kind: z.literal('run_silent'), decision: decisionSchema, since: time, status: runStatusSchema }),
]);

const laneSchema = z.object({
  lease: z.object({ owner: z.string(), until: time }).optional(),
  failures: z.number(),
  notBefore: time.optional(),
  blocked: z.boolean().optional(),
});

const factSchema = z.object({
  seq: z.number(),
  at: time,
  what: z.string(),
  round: z.number().optional(),
  by: z.string().optional(),
  origin: z.string().optional(),
  detail: z.string().optional(),
});

export const approvalSchema = z.object({
  v: z.literal(2),
  id: z.string(),
  crew: z.string(),
  executionId: z.string(),
  task: z.string(),
  channel: z.string(),
  threadRound: z.number().optional(),
  urls: resolvedUrlsSchema,
  humanInputUrl: resolvedUrl.optional(),
  policy: policySchema,
  createdAt: time,
  rounds: z.array(roundSchema).min(1),
  notes: z.array(noteSchema),
  runEndedAt: time.optional(),
  tasksNoted: z.array(z.string()),
  lanes: z.object({ card: laneSchema, thread: laneSchema, resume: laneSchema }),
  facts: z.array(factSchema),
  factCount: z.number(),
});

export const executionSchema = z.object({
  v: z.literal(1),
  crew: z.string(),
  executionId: z.string(),
  metaUrls: webhookUrlsSchema,
  registeredUrls: webhookUrlsSchema,
  registeredHumanInput: humanInputWebhookSchema.optional(),
  channel: z.string().optional(),
  approvers: z.array(z.string()).optional(),
  requestedBy: z.string().optional(),
  warnings: z.array(z.string()),
  warned: z.literal(true).optional(),
  approvals: z.array(z.string()),
  reports: z.array(z.object({ key: z.string(), at: z.number() })).optional(),
  humanInput: z.boolean(),
  lastWebhookAt: z.number().optional(),
  finishedAt: z.number().optional(),
  hasResult: z.boolean(),
  lost: z.literal(true).optional(),
});
