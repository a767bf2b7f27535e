import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/approval/intake/aliases.ts': [['changeFirst(targetRun.run)', 'targetRun.run', 'world/failed-runs']],
  'src/approval/lifecycle/which-approval.ts': [
    ['sentBackApproval && otherApprovals.length === 0', 'sentBackApproval', 'world/which-approval'],
    ['if (followedApproval) {', 'if (false) {', 'world/follows'],
    [
      "dialect !== 'live' &&\n      followedApproval === approvalWithPause",
      'followedApproval === approvalWithPause',
      'world/follows',
    ],
    [
      '&&\n      hasOtherOutput &&\n      hasRevisionRequest(approvalWithPause)',
      '&& hasRevisionRequest(approvalWithPause)',
      'world/follows',
    ],
    [
      'hasRevisionRequest(followedApproval) || isSameHash',
      'hasRevisionRequest(followedApproval) && isSameHash',
      'world/follows',
    ],
    ['currentRound(approval).number === follows.round', 'true', 'world/follows'],
    ['if (roundWithOutput && event.isRedelivered)', 'if (false)', 'world/follows', 'world/tickets'],
    [
      '!opensRounds || (output.humanInput && !round.humanInput)',
      'false',
      'approval/lifecycle/pauses',
      'approval/lifecycle/transitions',
    ],
    [
      'return roundWithOutput || !opensRounds ?',
      'return !opensRounds ?',
      'approval/lifecycle/pauses',
      'approval/lifecycle/transitions',
    ],
  ],
  'src/approval/lifecycle/run-facts.ts': [
    ['if (!isTitleOnly(approval)) return approval;', '', 'world/which-approval'],
  ],
  'src/approval/model/crew/task-rules.ts': [
    ['return rounds.at(-1)?.unnamed === true;', 'return false;', 'world/which-approval'],
    [
      'ruleDecides ? Math.max(...expiryTimes)',
      'ruleDecides ? Math.min(...expiryTimes)',
      'world/which-approval',
    ],
    ['(ruleDecides && expiryTimes.length < policies.length)', 'false', 'world/which-approval'],
  ],
  'src/approval/worker/step-runner.ts': [
    ['this.leasesHoldUntil = now + LEASE', 'this.leasesHoldUntil = now', 'world/sending'],
    ['!(error instanceof StoreError)', 'false', 'approval/worker/step-runner'],
  ],
  'src/store/open-store.ts': [
    [
      'if (existsSync(path)) await peekIntoFile(resolveRealFile(path), readFormat);',
      '',
      'store/store-format',
    ],
  ],
  'src/approval/access/refusals.ts': [
    ['!isToolRead) return', 'false) return', 'approval/access/refusals'],
    ['isOnPages || (onCard', '(onCard', 'approval/access/refusals'],
    ['allowsCall(round, reading.choice)', 'allowsCall(round, event)', 'slack/listeners/clicks'],
    ['(onCard && round.question?.isLong !== true)', 'onCard', 'slack/listeners/clicks'],
    ['|| refuseDecision(approval, round)) return', ') return', 'world/last-page'],
    ['if (seen?.changedSince)', 'if (!seen)', 'world/last-page'],
    ['seen?.hash === undefined || seen.part', 'seen?.part', 'world/last-page'],
    ['seen?.hash === undefined || seen.part', 'seen?.hash === undefined', 'world/last-page'],
  ],
  'src/approval/lifecycle/timers.ts': [
    ['question?.requireWhole || ', '', 'world/last-page'],
    [
      "if (irreversible && (onExpiry !== 'request_revision' || listOptions(round)))",
      'if (false)',
      'world/irreversible',
    ],
  ],
  'src/approval/lifecycle/mark-irreversible.ts': [
    ['if (!isIrreversible(crew, findAction(approval)))', 'if (true)', 'world/irreversible'],
  ],
  'src/approval/model/crew/effect.ts': [
    [
      "if (action === 'question') return false;",
      "if (action === 'question') return true;",
      'world/irreversible',
    ],
    [
      'action.task === undefined ? listAllRules(crew) :',
      'action.task === undefined ? [crew] :',
      'world/irreversible',
    ],
    ["if (crew.effect === 'irreversible') return true;", '', 'world/irreversible'],
  ],
  'src/approval/intake/allowed-calls.ts': [
    [
      "if (currentApproval?.factCount !== approval.factCount) return 'conflict';",
      "if (!currentApproval) return 'conflict';",
      'world/tool-allowances',
    ],
  ],
  'src/approval/model/tool-call.ts': [
    [
      'allows && isOfferedOrAccepted && isLasting && !permissionEnded',
      'allows && isOfferedOrAccepted && isLasting',
      'world/tool-allowances',
    ],
  ],
  'src/approval/model/tool-arguments.ts': [
    ['!MISLEADING_VERBATIM.test(text) && ', '', 'approval/model/tool-arguments.property'],
    [' && !isJsonText(text);', ';', 'approval/model/tool-arguments.property'],
    ['PLAIN_NAME.test(key) ? key :', 'key ? key :', 'approval/model/tool-arguments.property'],
    ["replaceAll('\\n', ", "replaceAll('\\v', ", 'approval/model/tool-arguments.property'],
    ['    isJsonText(output.text) ||\n', '', 'approval/model/tool-arguments.property'],
    ['    isAmbiguous(output.text)\n', '    false\n', 'approval/model/tool-arguments.property'],
  ],
  'src/slack/views/output/arguments.ts': [
    ['value: first + ELLIPSIS,', 'value: first,', 'approval/model/tool-arguments.property'],
  ],
  'src/approval/intake/ask-question.ts': [
    [' && !isDecidedAlone(question)) {', ') {', 'world/last-page'],
    [' && !isDecidedAlone(askedQuestion);', ';', 'world/last-page'],
    ['requireWhole === true || irreversible === true', 'requireWhole === true', 'world/irreversible'],
    ['isIrreversible(crew, action) ?', 'false ?', 'world/irreversible'],
    ['question.irreversible && question.defaultOption !== undefined', 'false', 'world/irreversible'],
    ['= endPermissionsWithRun(endedApproval);', '= endedApproval;', 'world/tool-allowances'],
    ['if (needsNamedApprovers(question) && isOpenToChannel)', 'if (false)', 'world/tools'],
    ['REMEMBERED_AS_WITHDRAWN = 7 ', 'REMEMBERED_AS_WITHDRAWN = 8 ', 'world/questions'],
    ['{1,100}$/', '{1,101}$/', 'world/questions'],
  ],
  'src/approval/access/deciders.ts': [
    ['if (needsNamedApprovers(question) && readRights(', 'if (false && readRights(', 'world/tools'],
  ],
  'src/approval/access/count-deciders.ts': [['await closeQuestionsOfNobody(app, crew);', '', 'world/tools']],
  'src/approval/model/round.ts': [
    ['removeEveryUnseen(option).replace', 'option.replace', 'slack/views/accepted.property'],
  ],
  'src/slack/views/card/options.ts': [
    ['hidesOptions(texts, facts, true) ?', 'false ?', 'world/last-page'],
    ['|| label.length > shown', '', 'world/questions'],
  ],
  'src/approval/signed-events.ts': [
    ["(type === 'approval.opened' && fact.output === undefined)", 'false', 'world/events'],
    [
      '...(withTexts ? describeTexts(type, round, outputs) : {}),',
      '...describeTexts(type, round, outputs),',
      'world/events',
    ],
  ],
  'src/http/body.ts': [['isUtf8(bytes) ? bytes : NOT_UTF8', 'bytes']],
  'src/approval/model/run/webhook.ts': [['MAX_FAULTS = 20', 'MAX_FAULTS = 30', 'world/questions']],
  'src/events/event-sender.ts': [
    ['clock.now() - event.at > LONGEST_EVENT_AGE', 'false', 'world/events'],
    ["if (outcome.kind === 'unavailable') {", "if (outcome.kind !== 'gone') {", 'world/events'],
    ['this.#runBackoffs.get(run)?.until ?? 0', '0', 'world/events'],
    ['Math.max(this.#receiverBackoff.until, this.#notBefore)', 'this.#receiverBackoff.until'],
    ['event.at < time', 'event.at > time', 'world/events'],
  ],
  'src/approval/intake/check-review.ts': [['CHECK_INTERVAL = 10 ', 'CHECK_INTERVAL = 5 ', 'world/flows']],
  'src/approval/intake/tickets.ts': [
    [
      "mayHaveStarted(start) && carrier.kind !== 'pause'",
      'mayHaveStarted(start)',
      'approval/intake/foreign-tickets',
    ],
  ],
  'src/approval/model/run/agent-steps.ts': [
    ['MAX_CHARACTERS = 20_000', 'MAX_CHARACTERS = 21_000', 'approval/model/agent-steps'],
  ],
  'src/slack/api/plainer-forms.ts': [['DAY = 24 ', 'DAY = 25 ']],
  'src/events/send-answer.ts': [
    ["hostRule === 'public' ? { lookup: publicLookup } : {}", '{}'],
    ["protocol === 'https:' && isStandard && allowed", 'isStandard && allowed'],
  ],
  'src/lib/public-address.ts': [['addresses.every(', 'addresses.some(']],
  'src/approval/lifecycle/refusal.ts': [
    ['isCurrent && asksForHidden(round)', 'false', 'world/hidden-fields'],
  ],
  'src/approval/worker/redraw.ts': [
    ['closeHiddenQuestion(withForgottenCards, app.clock.now())', 'withForgottenCards', 'world/hidden-fields'],
  ],
  'src/approval/lifecycle/rounds.ts': [
    ['hidden: _, ...withoutHidden', '...withoutHidden', 'world/hidden-fields'],
  ],
  'src/approval/lifecycle/pushes.ts': [
    ['LONGEST_PUSH = 7 ', 'LONGEST_PUSH = 8 ', 'world/pushed-answers'],
    ['push.of === state.status ? push : { url: push.url }', 'push', 'world/pushed-answers'],
    ["status === 'withdrawn' && !lapsed && !call", 'false', 'world/pushed-answers'],
  ],
  'src/events/send-event.ts': [
    ['TIMEOUT = 10_000', 'TIMEOUT = 30_000'],
    ["if (status === 410) return { kind: 'gone' };", '', 'world/events'],
  ],
  'src/slack/api/cards.ts': [
    ['inLanguage(languages.ofCrew(crew))', 'en', 'world/languages'],
    ["NOTE_KINDS[note.kind].to === 'person'", 'false', 'world/languages'],
  ],
  'src/slack/app/languages.ts': [
    ['this.#people.language(person) ?? this', 'this', 'world/languages'],
    ['return this.ofCrew(crewName);', 'return this.ofCrew(undefined);', 'slack/app/languages'],
    ['learning.then(', 'Promise.resolve().then(', 'world/languages'],
    ['form === undefined', 'true', 'world/languages'],
    ['texts ??=', 'texts =', 'slack/app/languages'],
    ['await withTimeout(LEARN_TIMEOUT', 'void withTimeout(LEARN_TIMEOUT', 'world/languages'],
  ],
  'src/slack/views/modals/reading-modals.ts': [
    ['page === of - 1 ? facts : undefined', 'facts', 'world/last-page'],
    ['decidingFacts && opened >= of', 'decidingFacts', 'world/last-page'],
    ['page <= opened ? Math.max', 'page >= 0 ? Math.max', 'world/last-page'],
    [" && output.kind !== 'lost'", '', 'slack/views/unread-box'],
  ],
  'src/store/approval-store.ts': [['await requireReadable(change.puts);', '', 'http/questions']],
  'src/store/chain.ts': [
    ['let lastHash = head ?? opening;', "let lastHash = head ?? '';", 'store/history'],
    ["return nextEntry ? { why: 'appended', place: nextEntry.place } :", 'return', 'store/history'],
    ['known ? keepCertain(allEntries, head, known) : allEntries', 'allEntries', 'store/history'],
    ['>= beginsAt ||', '>= beginsAt + 1e15 ||', 'world/forged-history'],
  ],
  'src/store/audit.ts': [
    ["hash === hashEntry(value as object) ? undefined : 'changed'", 'undefined', 'store/history'],
    ["wrong: 'moved'", 'wrong: undefined', 'world/forged-history'],
    ["wrong: 'text_changed'", 'wrong: undefined', 'world/forged-history'],
  ],
  'src/store/check-history.ts': [
    ['if (checked.faults.length === 0) return checked;', 'return checked;', 'store/history'],
    ["eachRecord(records, 'kickoff')", '[]', 'world/forged-history'],
    ['hashStored(raw) !== hash', 'false', 'world/forged-history'],
    ['this.#expected.delete(link.hash)', 'this.#expected.clear()', 'world/forged-history'],
  ],
  'src/store/record-checks.ts': [
    ['record === undefined || record === seal', 'true', 'world/forged-history'],
    ['texts === hashDecisionTexts(decision) &&', '', 'world/forged-history'],
    ["[name, 'hidden']", '[name, inputs[name]]', 'world/forged-history'],
  ],
};
