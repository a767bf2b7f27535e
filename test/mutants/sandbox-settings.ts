import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/cli/doctor/check-crews.ts': [["set === 'auto' || set === dialect", "set === 'auto'", 'cli/doctor']],
  'src/cli/init/check-answers.ts': [['{6,}', '{5,}', 'cli/init']],
  'src/clients/bot-calls.ts': [
    ['return !this.#isAccepted && performance', 'return performance', 'clients/client-rules'],
    ['else this.#rejectedSince = undefined;', '', 'clients/client-rules'],
    ['413, 415, 422]', '413, 415, 422, 429]', 'clients/client-rules'],
    ["redirect: 'manual'", "redirect: 'follow'", 'clients/client-rules'],
    ['Math.max(result.retryIn, Math.min(', 'Math.max(0, Math.min(', 'clients/client-rules'],
    ['FIRST_RETRY_DELAY * 2 ** Math.min(attempts - 1, 20)', 'FIRST_RETRY_DELAY', 'clients/client-rules'],
  ],
  'src/clients/client.ts': [
    ["if (state.status !== 'unknown') throw", 'throw', 'clients/client-rules'],
    ['this.#renewedAt > LEASE * 1_000', 'this.#renewedAt < 0', 'clients/client-rules'],
    ["typeof by === 'string' && by !== ''", "by !== ''", 'clients/client-rules'],
  ],
  'src/clients/client-settings.ts': [['uid === user || ', '', 'clients/hook']],
  'src/clients/hook.ts': [
    ['await Promise.all(answers.map(({ id }) => readAnswer(client, id)))', 'answers', 'clients/hook-dialogs'],
  ],
  'src/clients/hook-dialogs.ts': [['seen[0]?.by ?? by', 'by', 'clients/hook-dialogs']],
  'src/clients/hook-payloads.ts': [["['default', 'auto', ", "['default', ", 'clients/hook']],
  'src/clients/hook-settings.ts': [['    PreToolUse: [\n', '    PermissionRequest: [\n', 'clients/hook']],
  'src/clients/run-file.ts': [
    ['storedRun.crew !== bot.crew', 'false', 'clients/run-file'],
    ['if (unknown === 0) return;', 'return;', 'clients/run-file'],
  ],
  'src/python/crew_approvals/arguments.py': [
    ['any(kind is candidate for candidate in kinds)', 'kind in tuple(kinds)', 'python/python'],
    ['if _looks_tagged(value) else value', 'if False else value', 'python/python'],
    ['copy = read(text)', 'copy = value', 'python/python'],
    ['value.replace(tzinfo=zone, fold=0)', 'value', 'python/python'],
  ],
  'src/python/crew_approvals/bot.py': [
    ['{400, 409, 410, 413, 415, 422}', '{400, 409, 410, 413, 415}', 'python/python'],
  ],
  'src/python/crew_approvals/flows.py': [
    ['last_question["state"] == "answered"', 'last_question["state"] != "new"', 'python/python'],
    ['pending.emit = outcome, [outcome]', 'pending.emit = outcome, pending.emit', 'python/python'],
  ],
  'src/python/crew_approvals/owner.py': [
    ['if crew != self._bot.crew:', 'if False:', 'python/python'],
    ['if unknown > 0:', 'if False:', 'python/python'],
    [
      'if self.is_accepted or error.code not in REJECTION_CODES:',
      'if error.code not in REJECTION_CODES:',
      'python/python',
    ],
  ],
  'src/python/crew_approvals/questions.py': [
    ['max(backoff(tries), error.retry_after)', 'backoff(tries)', 'python/python'],
    ['failures += 1', 'failures = 1', 'python/python'],
    ['AND NOT ({OPEN})', '', 'python/python'],
    ['> LEASE:', '< 0:', 'python/python'],
  ],
  'src/python/crew_approvals/run_file.py': [
    ['if stored.crew != bot.crew:', 'if False:', 'python/python'],
    ['if unknown > 0:', 'if False:', 'python/python'],
    ['max(1, count_allowed(', '(1 + count_allowed(', 'python/python'],
    ['owner.when_accepted(file.note_accepted)', 'pass', 'python/python'],
  ],
  'src/python/crew_approvals/store.py': [
    ['os.O_RDWR | os.O_CREAT, 0o600', 'os.O_RDWR | os.O_CREAT, 0o644', 'python/python'],
  ],
  'src/python/crew_approvals/tasks.py': [
    ['self.questions.withdraw(db, question, LOST)', 'pass', 'python/python'],
    ['decision.option != "approve"', 'decision.option == "approve"', 'python/python'],
  ],
  'src/python/crew_approvals/tools.py': [
    ['or passed_input is not tool_input', '', 'python/python'],
    ['hook if isinstance(hook, (NameGate, _SafeHook)) else _SafeHook(hook)', 'hook', 'python/python'],
  ],
  'src/sandbox/crewai/documented/refusals.ts': [
    ["!== 'application/json'", '=== undefined', 'sandbox/crewai/documented-resume'],
  ],
  'src/sandbox/crewai/documented/resume.ts': [
    [
      "if (!hasTask(run, task_id)) return refuseDocumented(404, 'Task not found');",
      '',
      'sandbox/crewai/documented-resume',
    ],
  ],
  'src/sandbox/crewai/webhook-targets.ts': [
    ['targets[requestIndex] ?? {}', 'targets[0] ?? {}', 'sandbox/crewai/webhooks'],
  ],
  'test/sandbox/crewai/called-urls.ts': [
    ['Math.max(0, after - 1)', 'after', 'sandbox/crewai/called-urls'],
    ['named.reduceRight', 'named.reduce', 'sandbox/crewai/called-urls'],
    ['hasHumanInput ? ', 'true ? ', 'sandbox/crewai/called-urls'],
  ],
  'src/sandbox/crewai/flow/callback.ts': [
    ['token !== review.token', 'token === undefined', 'sandbox/crewai/flow/review-answer'],
    ["feedback.trim() !== ''", "feedback !== ''", 'sandbox/crewai/flow/review-answer'],
  ],
  'src/sandbox/crewai/flow/reviews.ts': [['entry.cancelTimeOut();', '', 'sandbox/crewai/flow/review-answer']],
  'src/sandbox/crewai/flow/signature.ts': [
    [`timestamp}.\${text`, 'text', 'sandbox/crewai/flow/review-webhook'],
  ],
  'src/sandbox/crewai/live/resume.ts': [
    ['humanFeedback ?? human_feedback', 'human_feedback ?? humanFeedback', 'sandbox/crewai/live-resume'],
    ['pending.taskId === taskId', 'pending', 'sandbox/crewai/live-resume'],
  ],
  'src/sandbox/crewai/live/status.ts': [
    ["run && run.execution.status !== 'pending human input'", 'run', 'sandbox/crewai/api'],
  ],
  'src/sandbox/crewai/run-events.ts': [['?.events.includes(type)', '', 'sandbox/crewai/events']],
  'test/sandbox/crewai/modes.ts': [
    ['if (run && answer.afterwards) run.meta = undefined;', '', 'sandbox/crewai/webhooks'],
  ],
  'src/sandbox/demo/crew/feedback/read-feedback.ts': [
    [".replace(/\\bno longer than\\b/gi, 'not long')", '', 'sandbox/demo/crew/feedback'],
  ],
  'src/sandbox/demo/guide.ts': [
    ['!voters.includes(viewpoint.as)', 'voters.includes(viewpoint.as)', 'sandbox/demo/guide'],
  ],
  'src/sandbox/demo/mask.ts': [['|response_token', '', 'sandbox/demo/wire-log']],
  'test/gallery/validate.ts': [['waited += verdict.retryAfterMs;', '', 'gallery/validate']],
  'src/sandbox/page/html/conversation-html.ts': [
    ['({ thread_ts, ts }) || broadcast', '({ thread_ts, ts })', 'sandbox/page/page-html'],
  ],
  'src/sandbox/slack/blocks/blocks.ts': [['tables.length > 1', 'tables.length > 2', 'sandbox/slack/blocks']],
  'src/sandbox/slack/blocks/block-elements.ts': [
    ['isDeepStrictEqual(other, option)', '(other.value === option.value)', 'sandbox/slack/blocks'],
  ],
  'src/sandbox/slack/interactions/client-checks.ts': [
    [
      'Number(value) > Number(max_value)',
      'Number(value) >= Number(max_value)',
      'sandbox/slack/form-elements',
    ],
    ["is_decimal_allowed !== true && value.includes('.')", 'false', 'sandbox/slack/form-elements'],
  ],
  'src/sandbox/slack/interactions/entered.ts': [
    ['if (isEmptyState(state) && !previous.entered', 'if (!previous.entered', 'sandbox/slack/form-elements'],
    ['|| !offersAll(element, state)', '', 'sandbox/slack/form-elements'],
  ],
  'src/sandbox/slack/interactions/response-urls.ts': [
    ['uses >= RESPONSE_URL_USES', 'uses > RESPONSE_URL_USES', 'sandbox/slack/interactions'],
  ],
  'src/sandbox/slack/interactions/socket-delivery.ts': [
    ["envelope.kind !== 'events_api'", "envelope.kind === 'slash_commands'", 'sandbox/slack/socket-mode'],
  ],
  'src/sandbox/slack/interactions/triggers.ts': [['trigger.used = true;', '', 'sandbox/slack/modals']],
  'src/sandbox/slack/limits.ts': [['optionText: 75', 'optionText: 76', 'sandbox/slack/blocks']],
  'src/sandbox/slack/views.ts': [['stack.length >=', 'stack.length >', 'sandbox/slack/modals']],
  'src/sandbox/slack/web-api/methods-chat.ts': [
    ["if (!channel.botIsMember) throw new SlackError('not_in_channel');", '', 'sandbox/slack/web-api'],
    ["if (channel.archived) throw new SlackError('is_inactive');", '', 'sandbox/slack/web-api'],
  ],
  'test/sandbox/slack/rates.ts': [['at > now - MINUTE', 'at >= now - MINUTE', 'sandbox/slack/rates']],
  'src/settings/crews-file.ts': [
    ['if (opening?.length !== closing?.length) {', 'if (false) {'],
    ['crewBySecret.set(secret, name);', 'void [secret, name];'],
  ],
  'src/settings/load-settings.ts': [
    ['{ ...parseEnv(text), ...set }', '{ ...set, ...parseEnv(text) }'],
    ["split('\\n').length", "split('\\n').length - 1"],
  ],
};
