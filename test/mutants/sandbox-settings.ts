import type { Mutant } from './mutant.ts';

const live = 'src/sandbox/crewai/live';
const documented = 'src/sandbox/crewai/documented';
const crewai = 'test/sandbox/crewai';
const slack = 'test/sandbox/slack';

export const mutants: readonly Mutant[] = [
  {
    file: `${live}/resume.ts`,
    from: 'humanFeedback ?? human_feedback',
    to: 'human_feedback ?? humanFeedback',
    tests: [`${crewai}/live-resume.test.ts`],
  },
  {
    file: `${live}/resume.ts`,
    from: 'run.execution.pendingTask?.taskId !== taskId',
    to: '!run.execution.pendingTask',
    tests: [`${crewai}/live-resume.test.ts`],
  },
  {
    file: `${live}/status.ts`,
    from: "run && run.execution.status !== 'pending human input'",
    to: 'run',
    tests: [`${crewai}/api.test.ts`],
  },
  {
    file: `${documented}/resume.ts`,
    from: "if (!hasTask(run, task_id)) return refuseDocumented(404, 'Task not found');",
    to: '',
    tests: [`${crewai}/documented-resume.test.ts`],
  },
  {
    file: `${documented}/refusals.ts`,
    from: "contentType !== 'application/json'",
    to: 'contentType === undefined',
    tests: [`${crewai}/documented-resume.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/run.ts',
    from: 'execution.urls = targets;',
    to: 'execution.urls = { ...execution.urls, ...targets };',
    tests: [`${crewai}/webhooks.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/run.ts',
    from: 'if (!environment.metaSurvivesResume) run.meta = undefined;',
    to: '',
    tests: [`${crewai}/webhooks.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/run-events.ts',
    from: '!log.target?.events.includes(type)',
    to: '!log.target',
    tests: [`${crewai}/events.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/flow/callback.ts',
    from: 'token !== review.token',
    to: 'token === undefined',
    tests: [`${crewai}/flow/review-answer.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/flow/callback.ts',
    from: "feedback.trim() === ''",
    to: "feedback === ''",
    tests: [`${crewai}/flow/review-answer.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/flow/signature.ts',
    from: `\${timestamp}.\${text}`,
    to: `\${text}`,
    tests: [`${crewai}/flow/review-webhook.test.ts`],
  },
  {
    file: 'src/sandbox/crewai/flow/reviews.ts',
    from: 'entry.cancelTimeOut();',
    to: '',
    tests: [`${crewai}/flow/review-answer.test.ts`],
  },
  {
    file: 'src/sandbox/slack/blocks/blocks.ts',
    from: 'tables.length > 1',
    to: 'tables.length > 2',
    tests: [`${slack}/blocks.test.ts`],
  },
  {
    file: 'src/sandbox/slack/limits.ts',
    from: 'optionText: 75',
    to: 'optionText: 76',
    tests: [`${slack}/blocks.test.ts`],
  },
  {
    file: 'src/sandbox/slack/interactions/triggers.ts',
    from: 'trigger.used = true;',
    to: '',
    tests: [`${slack}/modals.test.ts`],
  },
  {
    file: 'src/sandbox/slack/interactions/response-urls.ts',
    from: 'url.uses >= RESPONSE_URL_USES',
    to: 'url.uses > RESPONSE_URL_USES',
    tests: [`${slack}/interactions.test.ts`],
  },
  {
    file: 'src/sandbox/slack/interactions/socket-delivery.ts',
    from: "if (envelope.kind !== 'events_api') return",
    to: "if (envelope.kind === 'slash_commands') return",
    tests: [`${slack}/socket-mode.test.ts`],
  },
  {
    file: 'src/sandbox/slack/views.ts',
    from: 'stack.length >= LIMITS.viewStack',
    to: 'stack.length > LIMITS.viewStack',
    tests: [`${slack}/modals.test.ts`],
  },
  {
    file: 'src/sandbox/slack/web-api/methods-chat.ts',
    from: "if (!channel.botIsMember) throw new SlackError('not_in_channel');",
    to: '',
    tests: [`${slack}/web-api.test.ts`],
  },
  {
    file: 'src/sandbox/slack/web-api/methods-chat.ts',
    from: "if (channel.archived) throw new SlackError('is_inactive');",
    to: '',
    tests: [`${slack}/web-api.test.ts`],
  },
  {
    file: 'src/sandbox/slack/web-api/rates.ts',
    from: 'at > now - MINUTE',
    to: 'at >= now - MINUTE',
    tests: [`${slack}/rates.test.ts`],
  },
  {
    file: 'src/sandbox/page/html/conversation-html.ts',
    from: 'isRoot({ thread_ts, ts }) || broadcast',
    to: 'isRoot({ thread_ts, ts })',
    tests: ['test/sandbox/page/page-html.test.ts'],
  },
  {
    file: 'src/sandbox/demo/mask.ts',
    from: '|response_token',
    to: '',
    tests: ['test/sandbox/demo/wire-log.test.ts'],
  },
  {
    file: 'src/sandbox/demo/guide.ts',
    from: 'if (!voters.includes(look.as))',
    to: 'if (voters.includes(look.as))',
    tests: ['test/sandbox/demo/guide.test.ts'],
  },
  {
    file: 'src/sandbox/demo/crew/feedback/read-feedback.ts',
    from: ".replace(/\\bno longer than\\b/gi, 'not long')",
    to: '',
    tests: ['test/sandbox/demo/crew/feedback.test.ts'],
  },
  {
    file: 'src/sandbox/gallery/validate.ts',
    from: 'waited += verdict.retryAfterMs;',
    to: '',
    tests: ['test/sandbox/gallery/validate.test.ts'],
  },
  {
    file: 'src/settings/load-settings.ts',
    from: '{ ...parseEnv(text), ...set }',
    to: '{ ...set, ...parseEnv(text) }',
    tests: ['test/settings/load-settings.test.ts'],
  },
  {
    file: 'src/settings/env-file.ts',
    from: "text.slice(0, index).split('\\n').length",
    to: "text.slice(0, index).split('\\n').length - 1",
    tests: ['test/settings/load-settings.test.ts'],
  },
  {
    file: 'src/settings/crews-file.ts',
    from: 'if (open?.length !== close?.length) {',
    to: 'if (false) {',
    tests: ['test/settings/crews-file.test.ts'],
  },
  {
    file: 'src/settings/crews-file.ts',
    from: 'owners.set(secret, name);',
    to: 'void [secret, name];',
    tests: ['test/settings/crews-file.test.ts'],
  },
  {
    file: 'src/cli/doctor/check-crews.ts',
    from: "set === 'auto' || set === dialect",
    to: "set === 'auto'",
    tests: ['test/cli/doctor.test.ts'],
  },
  {
    file: 'src/cli/init/check-answers.ts',
    from: '{6,}',
    to: '{5,}',
    tests: ['test/cli/init.test.ts'],
  },
  {
    file: 'src/python/crew_approvals.py',
    from: 'os.O_RDWR | os.O_CREAT, 0o600',
    to: 'os.O_RDWR | os.O_CREAT, 0o644',
    tests: ['test/python/python.test.ts'],
  },
  {
    file: 'src/python/crew_approvals.py',
    from: 'raise _Refusal(410, {"error": "superseded"',
    to: 'raise _Refusal(409, {"error": "superseded"',
    tests: ['test/python/python.test.ts'],
  },
];
