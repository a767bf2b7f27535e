import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/app.ts': [['MAX_UNANSWERED = 2', 'MAX_UNANSWERED = 1', 'http/metrics']],
  'src/crewai/api.ts': [['answer.status >= 500', 'answer.status >= 600', 'crewai/counted-calls']],
  'src/crewai/callback-hosts.ts': [["protocol === 'https:' && isStandard", 'isStandard']],
  'src/crewai/crew-ai.ts': [
    ['if (remaining < MIN_TIME_FOR_SECOND_REQUEST)', 'if (remaining < 0)', 'crewai/crew-ai-dialects'],
  ],
  'src/crewai/dialects/learn-dialects.ts': [['void this.askAll(true);', 'void this.askAll();']],
  'src/crewai/dialects/live.ts': [['return approve', 'return !approve', 'crewai/resume-body']],
  'src/crewai/flow-callback.ts': [["json?.status === 'accepted'", 'json !== undefined']],
  'src/crewai/kickoff-answer.ts': [['status === 408 || status >= 500', 'status > 500']],
  'src/lib/body-thread.ts': [
    ['error instanceof DeadlineError || code', 'code', 'crewai/payloads/body-reader'],
  ],
  'src/crewai/payloads/events.ts': [['error: shortText(LONGEST_ERROR)', 'error: eventText']],
  'src/crewai/payloads/fields.ts': [
    ['outputs.find((candidate) => !isBlank(candidate)) ??', '', 'crewai/payloads/webhooks'],
  ],
  'src/crewai/payloads/flow-review.ts': [['MAX_OPTIONS = 1_000', 'MAX_OPTIONS = 1_001']],
  'src/crewai/payloads/human-input-webhook.ts': [
    ['taskName ?? taskId', 'taskId', 'crewai/payloads/webhooks'],
  ],
  'src/crewai/resume-answer.ts': [
    ['status === 400 && /not in pending/i', 'status === 409 && /not in pending/i'],
    ['new Set([429, 503])', 'new Set([429, 502, 503])'],
  ],
  'src/crewai/run-status.ts': [["'running' || status.kind === 'completed'", "'running'"]],
  'src/http/body.ts': [
    ['size <= SMALL_BODY ||', 'size < SMALL_BODY ||'],
    ['limit) : reserve(', 'limit) : decoder ? undefined : reserve('],
  ],
  'src/http/crew-secret.ts': [['password, token', 'password']],
  'src/http/log-digest.ts': [['endedWindow.count > 0', 'endedWindow.count >= 0']],
  'src/http/flow-signature.ts': [['headers).every(', 'headers).some(']],
  'src/http/metrics.ts': [
    ['brought: round.after.brought', "brought: 'none'", 'world/follows'],
    ['COUNT_INTERVAL = 5_000', 'COUNT_INTERVAL = 50_000'],
    ["check).catch(() => 'could not be checked')", 'check).catch(() => undefined)'],
    ['executionId !== undefined && before?.executionId === undefined', 'executionId !== undefined'],
  ],
  'src/http/rejected-webhooks.ts': [['if (status === 413 && channel', 'if (status === 422 && channel']],
  'src/http/webhooks.ts': [['SMALL_BODY && encoding === undefined', 'SMALL_BODY', 'http/large-reviews']],
  'src/lib/proxy.ts': [['dispatcher ? ({ ...init, dispatcher } as RequestInit) : init', 'init', 'lib/proxy']],
  'src/lib/call-http.ts': [['maxRedirects: 0', 'maxRedirects: 5', 'crewai/crew-ai']],
  'src/lib/plain-url.ts': [
    ['if (hostname !== writtenHost.toLowerCase()) return undefined;', '', 'crewai/callback-hosts'],
  ],
  'src/lib/cache.ts': [['allowStaleOnFetchRejection: true', 'allowStaleOnFetchRejection: false']],
  'src/lib/json-text.ts': [
    ["if (significant === '') return '0';", "if (significant === '') return literal;"],
  ],
};
