import type { Progress } from '../../approval/card-facts.ts';
import type { FailureReason } from '../../approval/lifecycle/delivery.ts';
import type { ResolvedUrl, WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import type { AnswerFault, Decision, RoundStatus, StandIn } from '../../approval/model/round.ts';
import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import type { NamedDeciders } from '../../approval/ports.ts';
import {
  capitalize,
  createDeciderWords,
  createWords,
  type DecisionFilter,
  type DecisionRequest,
  type DecisionWords,
  endSentence,
  type FactTexts,
  fullStop,
  type Reason,
  type ValueFaultTexts,
} from './words.ts';

const words = createWords('en-US');
const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;
const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['anyone in this channel', 'people in this channel'],
  unnamed: ['one person', '# people'],
  more: ['one other', '# others'],
});

const RULE = 'the expiry rule';
const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: "the task webhook's URL isn't valid",
  step_webhook_url_invalid: "the step webhook's URL isn't valid",
  crew_webhook_url_invalid: "the crew webhook's URL isn't valid",
  human_input_webhook_url_invalid: "the human-input webhook's URL isn't valid",
  channel_invalid: "its channel isn't valid",
  channel_not_of_crew: "its channel isn't one of this crew's channels",
  approvers_invalid: 'some of its approvers are not IDs of Slack users or user groups',
  approvers_not_of_crew: 'some of its approvers are not approvers of this crew',
  requested_by_invalid: "the person who started it isn't a Slack user ID or an email address",
};
const UNNAMED = 'Output without a name';

const SPELLED = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const spellOut = (count: number) => SPELLED[count] ?? formatCount(count);

/**
 * Every sentence that people read in Slack, in English. A function gets its values ready to be shown (escaped names,
 * mentions, formatted dates) and gives a whole sentence: nothing here is joined from fragments, so that it can be
 * translated. Mentions, links and dates are written by the views.
 */
export const en = {
  /** Why something was not done, for the person who tried. */
  refusals: {
    /** By the code of a refusal. */
    decide: {
      unknown: "I couldn't find this approval, so nothing was recorded.",
      not_approver: "You're not an approver of this crew, so nothing was recorded.",
      requester: 'You started this run, so someone else has to decide. Nothing was recorded.',
      guest: "Guests and external users can't decide here. Nothing was recorded.",
      not_member:
        'Only members of the channel can decide this. Join the channel and open the card. Nothing was recorded.',
      open_card:
        "Open the card to decide: I can't check from here whether you're in its channel. Nothing was recorded.",
      assignee_may_not:
        "This person can't decide this, or I can't check it right now. No one was asked. Choose someone else.",
      cannot_check:
        "I can't check who may approve right now, so nothing was recorded. Please try again in a minute.",
      already_voted: 'Your vote was already recorded. Others have to decide too.',
      other_output: 'This button belongs to an older output, so nothing was recorded.',
      not_decided: 'Nothing has been decided here yet, so there is nothing to send again.',
      not_editable: "This text can't be edited here. Nothing was recorded.",
      edited_blank: 'There is nothing to read in this text. Write a text, or decide on the card.',
      nothing_edited: 'The text is the same as before. Change it, or approve it as it is.',
      edited_not_json: 'This is no longer valid JSON. Correct it: the output has to stay JSON.',
      read_first:
        'Read the arguments first, then allow this on the card or on the last page of *Read in full*. Nothing was recorded.',
      text_required: 'Every answer here needs a comment. Use the buttons on the card. Nothing was recorded.',
      values_required: 'This answer asks for values. Use its button on the card. Nothing was recorded.',
      permission_over: 'The run has ended, and this permission with it.',
      no_permission: "This decision doesn't allow further calls, so there is nothing to end.",
      on_its_way: "The decision is on its way to CrewAI, so you can't close this now.",
    },
    /** The same for someone who wants to read an output, where the sentence is another one. */
    read: {
      unknown: "I couldn't find this approval.",
      not_approver: "You're not an approver of this crew, so I can't show you this.",
      requester: 'You started this run, so only other people can read this.',
      guest: "Guests and external users can't read this here.",
      not_member: 'Only members of the channel can read this. Join the channel and open the card.',
      open_card: "Open the card to read this: I can't check from here whether you're in its channel.",
      cannot_check: "I can't check who may read this right now. Please try again in a minute.",
      other_output: 'This button belongs to an older output.',
    },
    /** By why it was not undone. */
    undo: {
      sent: "It's too late to undo this: the decision was already sent.",
      not_yours: 'Only the person who decided can undo this.',
      nothing: 'This is no longer decided, so there is nothing to undo.',
    },
    permissionEnded: (person: string, when: string) =>
      `${person} ended this permission ${when}, so nothing more was recorded.`,
    claimed: (person: string) => `${person} is already on it. You can still decide.`,
    alreadyDecided: (decision: DecisionWords) => `${decidedBefore(decision)}, so nothing more was recorded.`,
    /** `decision`: one on the output before. */
    superseded: (round: number, decision?: DecisionWords) =>
      `There is a newer output (round ${round}), so nothing was recorded.${explainDecision(decision)}`,
    runEnded: (decision?: DecisionWords) =>
      `The run has ended, so nothing was recorded.${explainDecision(decision)}`,
    closed: (decision?: DecisionWords) =>
      `This was closed without a decision, so nothing was recorded.${explainDecision(decision)}`,
    resolvedElsewhere: (decision?: DecisionWords) =>
      `This was resolved elsewhere, so nothing was recorded.${explainDecision(decision)}`,
    noApprovers: 'This was closed because no approvers are named for this tool. Nothing was recorded.',
    hiddenFields:
      "This question can't be answered: it asks for a hidden value, and a form in Slack is not a place for secrets.",
    lapsed: (decision?: DecisionWords) =>
      `The program that asked is no longer running, so nothing was recorded.${explainDecision(decision)}`,
    withdrawn: (decision?: DecisionWords) =>
      `This question was withdrawn, so nothing was recorded.${explainDecision(decision)}`,
    decideByButtons: 'Decide this with Approve or Request revision. Nothing was recorded.',
    decideInWords: 'Answer this in your own words: use *Other answer…* on its card. Nothing was recorded.',
    decideByOptions: (options: readonly string[]) =>
      `Decide this with one of its own options: ${options.join(', ')}. Nothing was recorded.`,
    /** `host`: where CrewAI expects the answer. */
    answerInCrewAI: (host?: string) =>
      `Answer this in CrewAI. To answer it here, the bot's admin has to allow ${host ?? "CrewAI's address"}.`,
    unknownButton: "This version of the bot doesn't know this button, so nothing was recorded.",
    unknownShortcut: "This version of the bot doesn't know this shortcut.",
    unknownForm:
      "This version of the bot doesn't know this form, so nothing was recorded. Please open it again.",
    /** For a click that was queued while the bot was not running. */
    tooLate: 'Your click reached the bot too late, so nothing was recorded. Please click again.',
    notOpened: "Slack didn't open the form, so nothing was recorded. Please click again.",
    notShown: "Slack didn't open the window. Please click again.",
    notRecorded: "The database can't be reached, so nothing was saved. Please try again in a moment.",
    perhapsRecorded:
      "The database didn't respond in time, so I don't know whether this was saved. The card will show it.",
    notACard: "This message isn't an approval card.",
    /** The state of a Flow may hold secrets. */
    notYourState: "Only people who can decide this can read its Flow's state.",

    notLookedUp: "I couldn't look that up right now. Please try again in a moment.",
    mayNotLook: "Only approvers and members of a crew's channels can look up its approvals.",
    cannotCheckLookUp: "I can't check right now whether you may look this up. Please try again in a minute.",
    unknownCrew: (crew: string, crews: string) =>
      `I found no crew "${crew}" that you have access to. Your crews: ${crews}.`,
    ambiguousRun: (id: string) => `More than one run begins with "${id}". Please type more of its ID.`,
    notFound: (id: string) => `I found no approval or run "${id}" that you have access to.`,
    unknownPerson: (name: string) =>
      `I found no person "${name}". Type @ and choose the person from Slack's list, or use a member ID (profile → Copy member ID).`,
    unknownCommand: "I don't know this command.",
    didYouMean: (command: string) => `Did you mean ${command}?`,
    wrongCrew: 'Name one crew at most: `waiting press mine`.',
    onlyButtonsDecide: 'Decisions are made with the buttons of a card or a look-up. Nothing was recorded.',
    wrongRun: 'Name one crew at most: `run press`, `runs press mine`.',
    wrongFind: 'Give at most one @person, and words: `find @ana budget`.',
    wrongHistory: 'Give at most one crew, one @person and `since`: `history press @ana since 7d`.',
    wrongStatus: 'Type the ID of one run: `status 97eba64f`. Its first six characters are enough.',
    nothingToFind: 'Say what to find: `find budget`.',
    wrongTime: 'Say since when: `since 7d`, `since 2 weeks` or `since 2026-01-31`.',
    feedbackMissing: 'Please say what should change.',
    answerMissing: 'Please write an answer.',
    reasonMissing: 'Please write a reason, or click Block on the card instead.',
    choiceNoteMissing: 'Please write a note, or click the option on the card instead.',
    noteMissing: 'Please write a note, or click Approve instead.',

    runLost: "I couldn't find this run.",
  },

  /** Several people in a sentence. */
  people: formatList,

  /** The card of a round. */
  card: {
    /** How Slack writes a time: https://docs.slack.dev/messaging/formatting-message-text */
    time: '{date_short_pretty} at {time}',
    rule: RULE,
    /** The name of an approval. `task`: undefined if its title must not be shown. */
    name: (task: string | undefined, crew: string) =>
      task === undefined ? `an output of ${crew}` : `${task} of ${crew}`,
    /** The same where a sentence begins with it. */
    subject: (task: string | undefined, crew: string) => `${crew}: ${task ?? 'an output'}`,
    untitled: (crew: string) => `An output of ${crew}`,
    /** The title of an output that has no words to name it by. */
    unnamed: UNNAMED,
    inRound: (task: string, round: number, isUnchanged = false) => {
      if (round === 1) return task;
      return isUnchanged ? `${task} (round ${round}, unchanged)` : `${task} (round ${round})`;
    },

    /** On a phone. `people`: who is asked; `task`: undefined if its title must not be shown. */
    notifyWaiting: (of: { task: string | undefined; crew: string; isChoice: boolean }, people?: string) => {
      const what = `${of.crew}: ${of.task ?? 'an output'} is waiting for a decision.`;
      const how = of.isChoice ? 'Choose an answer.' : 'Approve it or request a revision.';
      return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
    },
    notify: (crew: string, task: string | undefined, state: string) =>
      `${crew}: ${endSentence(task ?? 'an output')} ${state}`,
    nothingLeft: 'There is nothing left to decide.',
    rejected: 'CrewAI rejected it.',

    /** `who`: an agent or a crew; `hidesTitle`: `task` is not its title; `isOver`: nobody decides any more. */
    asksForApproval: (who: string, task: string, { hidesTitle = false, isOver = false } = {}) =>
      `${who} ${isOver ? 'asked' : 'asks'} for approval${hidesTitle ? ' of' : ':'} ${task}`,
    /** Instead of a title that must not be shown. */
    output: 'an output',
    /** `people`: their mentions; `asked`: what is asked. */
    addressed: (people: string, asked: string) => `${people} – ${asked}`,
    canDecide: (people: NamedDeciders) => `${beginWithAnyone(people)} can decide.`,
    /** Too few people can decide, or the votes for answers can still change. */
    canVote: (people: NamedDeciders, isStill: boolean) =>
      `${beginWithAnyone(people)} can ${isStill ? 'still ' : ''}vote.`,
    allHaveToApprove: (names: readonly string[]) =>
      names.length === 2
        ? `${formatList(names)} both have to approve. Either can request a revision.`
        : `${formatList(names)} all have to approve. Any of them can request a revision.`,
    allHaveToChoose: (names: readonly string[]) =>
      `${formatList(names)} ${names.length === 2 ? 'both' : 'all'} have to choose the same answer.`,
    approvalsNeeded: (count: number, people: NamedDeciders) =>
      `${capitalize(spellOut(count))} approvals are needed from ${nameEveryone(people)}.`,
    choicesNeeded: (count: number, people: NamedDeciders) => {
      const who = people === 'channel' ? 'people in this channel' : `of ${nameEveryone(people)}`;
      return `${capitalize(spellOut(count))} ${who} have to choose the same answer.`;
    },
    moreApprovalsNeeded: (count: number, people: NamedDeciders) => {
      const isOne = count === 1;
      const needed = isOne ? 'One more approval is' : `${capitalize(spellOut(count))} more approvals are`;
      const oneOf = people !== 'channel' && people.others > 0 ? 'one of ' : '';
      return `${needed} needed, from ${isOne ? `${oneOf}${nameAnyone(people)}` : nameEveryone(people)}.`;
    },
    flowAsks: (task: string) => `The Flow asks: ${task}`,
    /** `who`: an agent or a crew. */
    toolAsks: (who: string, tool: string) => `${who} asks to run ${tool}`,
    askedTimes: (times: number) =>
      `This is the ${formatOrdinal(times)} request for the same call in this run.`,
    /** `when`: of the last one. */
    allowedCalls: (count: number, when: string) =>
      `Also allowed in this run: ${plural(count, 'one call', '# calls, the last one')} ${when}.`,
    permissionEnded: (person: string, when: string) =>
      `${person} ended this permission ${when}: the next call needs a decision.`,
    sameArguments: 'the same arguments',
    /** Behind the name of an argument that goes on. */
    argumentContinued: '(continued)',
    programAsks: (crew: string, task: string) => `${crew} asks: ${task}`,
    askedFor: (text: string) => `Expected: ${text}`,
    editedBy: (person: string) => `${person} edited the previous version. The others decide on this one.`,
    editedTo: 'The text was changed to:',
    usedExactly: 'CrewAI used this text word for word:',
    notUsedExactly: 'CrewAI did not use this text word for word. *What changed* shows the differences:',
    /** `run`: its title or a link to it. */
    run: (run: string) => `Run: ${run}`,
    openRun: 'open it',
    /** Of the newest round, on the first card. `what`: "Approved by @Ana". */
    outcome: (round: number, what: string) => `Round ${round}: ${what}.`,
    endedWithout: 'closed without a decision',
    /** The title of what can be unfolded. */
    folded: (count: number) => `The rest of the output (${plural(count, 'one character', '# characters')})`,
    /** `agent`: undefined where several tasks ran, or none is known. */
    steps: (agent: string | undefined, shown: number, all: number) => {
      const count = shown < all ? `last ${formatCount(shown)} of ${formatCount(all)}` : formatCount(all);
      return agent === undefined ? `Recent steps of the run (${count})` : `Steps of ${agent} (${count})`;
    },
    step: (tool: string, input: string, result: string) =>
      `${tool}\nInput: ${input || '–'}\nResult: ${result || '–'}`,
    stateInMenu: '*Details* in the menu shows the state of the Flow.',
    unnotified: "No one was notified of this card. Ask the bot's admin to set who is notified.",
    footer: (crew: string) => `Crew ${crew}`,
    ignored: (settings: readonly IgnoredSetting[]) =>
      `Some settings of the run were ignored: ${settings.map((setting) => IGNORED[setting]).join('; ')}.`,

    mayHaveContinued:
      'Another task of this run has finished since, so the run may have continued without a decision.',
    runGoesSilent: "CrewAI won't report back on this run. Ask the bot's admin to fix this.",
    undecidableUnnamed:
      "No one can decide this: CrewAI didn't name the task, and no one is an approver of every task.",
    changeApprovers: "Ask the bot's admin to change the approvers, or close this without a decision.",
    tooFewApprovers: (able: number, required: number) => {
      if (able === 0) return 'There is no one left who can decide this.';
      return `${formatCount(required)} people have to approve this, and only ${plural(able, 'one', '#')} can.`;
    },
    approvals: (approved: number, required: number, people: string) =>
      `${formatCount(approved)} of ${formatCount(required)} approved${people === '' ? '' : `: ${people}`}.`,
    /** `option`: undefined for an answer in free text. */
    votes: (
      required: number,
      votes: readonly { option?: string | undefined; people: readonly string[] }[],
    ) => {
      const counted = votes.map(
        ({ option = 'another answer', people }) =>
          `${option} ${formatCount(people.length)} of ${formatCount(required)}: ${people.join(', ')}`,
      );
      const needed = `${formatCount(required)} people have to choose the same answer.`;
      return counted.length === 0 ? needed : `${needed} ${counted.join('; ')}.`;
    },
    assigned: (person: string) => `${person} was asked to decide.`,
    claimed: (person: string) => `${person} is on it.`,
    expired: (when: string) => `The deadline passed ${when}. You can still decide.`,
    ruleExhausted: 'The expiry rule has requested a revision three times in a row, so a person decides now.',

    answerBy: (when: string) => `CrewAI expects an answer by ${when}.`,
    withoutAnswer: (option: string) => `Without an answer, CrewAI takes ${option}.`,
    /** `action`: what is decided without people, undefined: nothing; `what`: the option, or what is sent back. */
    deadline: (when: string, action: Decision['action'] | undefined, what: string) => {
      const then = {
        approve: 'After that it is approved automatically.',
        request_revision:
          what === ''
            ? 'After that it is sent back.'
            : `After that it is sent back with "${what}"${fullStop(what)}`,
        choose: `After that the answer is ${what}.`,
      };
      return `Decide by ${when}. ${action === undefined ? 'It stays open after that.' : then[action]}`;
    },
    assignedByCrewAI: (email: string) => `CrewAI assigned it to ${email}`,
    /** Before the request that an output answers. `by`: undefined for a rule. */
    answersRequest: (by = RULE) => `This answers the request of ${by}:`,
    /** The same where CrewAI does not name its task. `isLikely`: nothing proves that it came after the request. */
    nextAfterRequest: (by = RULE, isLikely = false) =>
      isLikely
        ? `This is likely CrewAI's next output after the request of ${by}:`
        : `CrewAI's next output after the request of ${by}:`,
    /** Before the answer in free text that came before. */
    followsAnswer: (by = RULE) => `This follows the answer of ${by}:`,
    followsOption: (option: string, by = RULE) => `This follows the answer ${option} of ${by}.`,

    decision: writeDecision,
    decided: (decision: DecisionWords) => `${writeDecision(decision)}.`,
    sending: 'Sending it to CrewAI…',
    canBeUndone: (when: string) => `It will be sent ${when}. Until then, *Undo* takes it back.`,
    retrying: "I'll keep trying.",
    notDelivered: "It wasn't delivered.",
    mayHaveArrived: 'It may have reached CrewAI.',
    mayHaveArrivedUnanswered: "It may have reached CrewAI, but it didn't respond.",
    earlierMayHaveArrived: 'An earlier attempt may have reached CrewAI.',
    retrySendsAgain: '*Retry* sends the same decision again.',
    closeEndsThis: '*Close without a decision* ends this approval.',
    /** The program that asked fetches its answers itself. */
    notFetched: "The program that asked hasn't picked it up yet.",
    /** The answer is sent to the program, too. */
    pushFailed: {
      not_taken: "The program that asked didn't take the answer when I sent it; it can still fetch it.",
      not_allowed: "I can't send it the answer, since my settings don't allow its address. I'll keep trying.",
    },
    /** `next`: what the program does then. */
    received: (next?: string) =>
      next === undefined
        ? 'The program that asked has received it.'
        : `The program that asked has received it: ${next}`,
    /** `task`: with which it goes on. */
    goesOn: (who: 'crew' | 'flow', task?: string) =>
      `Decision sent. The ${who === 'flow' ? 'Flow' : 'crew'} goes on${task === undefined ? '' : ` with ${task}`}.`,
    notHeardOf: (who: 'crew' | 'flow') =>
      `Decision sent. I'll know when the ${who === 'flow' ? 'Flow' : 'crew'} goes on.`,
    acceptedOtherwise: (says: string) => `CrewAI accepted it and says "${says}".`,
    superseded: (when: string) => `A newer output replaced this one ${when}.`,
    noLongerWaiting: 'CrewAI was no longer waiting.',
    notWaiting: (when: string) => `Closed ${when}: this task didn't need a decision.`,
    resolved: writeResolved,
    runEnded: (when: string) => `The run ended ${when}, before anyone decided.`,
    runEndedFirst: (when: string) => `The run ended ${when}, before CrewAI accepted it.`,
    runEndedPerhaps: (when: string) => `The run ended ${when}. CrewAI may have accepted it before that.`,
    runEndedUnfetched: (when: string) => `The run ended ${when}, before the program picked it up.`,
    withdrawn: (when: string) => `The program that asked withdrew this question ${when}.`,
    noApprovers: (when: string) =>
      `Closed ${when}: a tool needs named approvers, and there are none. Ask the bot's admin to set them.`,
    hiddenFields: (when: string) =>
      `Closed ${when}: it asks for a hidden value, and a form in Slack is not a place for secrets.`,
    lapsed: (when: string) => `Closed ${when}: the program that asked is no longer running.`,
    closed: (person: string, when: string) => `Closed without a decision by ${person} ${when}.`,
    decisionMayHaveArrived: 'The earlier decision may have reached CrewAI.',

    /** Of a program's question. */
    summaryNotFetched: (option?: string) =>
      option === undefined ? 'decided, not picked up yet' : `answered ${option}, not picked up yet`,
    summaryNotSent: 'decided, can still be undone',
    summaryNoApprovers: 'closed, no approvers are named',
    summaryHiddenFields: 'closed, it asks for a hidden value',
    summaryLapsed: 'closed, its program stopped',
    /** The state in a few words, for a list. `option`: the answer of a Flow; `progress`: of an accepted decision. */
    summary: (state: RoundStatus, progress: Progress | 'finished', option?: string) => {
      const got = {
        sent: 'sent',
        accepted: 'sent',
        continued: 'the run goes on',
        fetched: 'received by the program',
        finished: 'the run has finished',
      }[progress];
      return {
        waiting: 'waiting for a decision',
        sending: 'decided, being sent to CrewAI',
        refused: 'decided, rejected by CrewAI',
        undelivered: 'decided, not delivered',
        approved: `approved, ${got}`,
        revision_requested: `revision requested, ${got}`,
        answered: `answered${option === undefined ? '' : ` ${option}`}, ${got}`,
        superseded: 'replaced by a newer output',
        resolved_elsewhere: 'resolved elsewhere',
        run_ended: 'the run ended',
        given_up: 'closed without a decision',
        withdrawn: 'withdrawn',
      }[state];
    },
  },

  /** Notes in the thread of a card, and direct messages about it. `person`: undefined if a rule decided. */
  notes: {
    notSent: (
      person: string | undefined,
      why: 'superseded' | 'run_ended' | 'given_up' | 'withdrawn' | 'lapsed',
      { by, mayBeRead = false }: { by?: string | undefined; mayBeRead?: boolean } = {},
    ) => {
      const first = {
        superseded: 'a newer output came first',
        run_ended: 'the run ended first',
        given_up: `${by ?? 'someone'} closed this without a decision first`,
        withdrawn: 'the question was withdrawn first',
        lapsed: 'the program that asked is no longer running',
      }[why];
      return mayBeRead
        ? `${yourDecision(person)} wasn't confirmed by the program in time: ${first}. The program may have read it before that.`
        : `${yourDecision(person)} wasn't sent: ${first}.`;
    },
    notTaken: (person?: string) =>
      person === undefined
        ? `CrewAI was no longer waiting for the decision of ${RULE}.`
        : `${person}, CrewAI was no longer waiting for your decision.`,
    notAccepted: (person?: string) => `${yourDecision(person)} wasn't accepted.`,
    notArrived: (person?: string) => `${yourDecision(person)} didn't reach CrewAI.`,
    mayHaveArrived: (person?: string) => `${yourDecision(person)} may have reached CrewAI.`,
    mayHaveArrivedUnanswered: (person?: string) =>
      `${yourDecision(person)} may have reached CrewAI, but it didn't respond.`,
    retryOrClose: 'The card above has *Retry* and *Close without a decision*.',
    close: 'The card above has *Close without a decision*.',
    /** `says`: the state that CrewAI answered with. */
    answeredOtherwise: (action: 'approve' | 'request_revision', says: string, person?: string) => {
      const what = action === 'approve' ? 'the approval' : 'the request for a revision';
      const meaning = says === 'retrying' ? 'it is redoing the task' : `the run is ${says}`;
      return `${address(person)}CrewAI accepted ${what} but says that ${meaning}.`;
    },
    taskDoesNotWait: (person?: string) => `${yourDecision(person)} had no effect: this task didn't need one.`,
    taskDone: (agent: string | undefined, task: string) =>
      `${agent ?? 'The crew'} finished ${task}, which needs no approval.`,
    taskFailed: (task: string, reason?: Reason) => `The task ${task} failed${giveReason(reason)}.`,
    runFailed: (person?: string, reason?: Reason) =>
      capitalize(`${address(person)}the run failed${giveReason(reason)}.`),
    lastMayBeAccepted: 'CrewAI may have accepted the last decision before that.',
    /** `by`: who decided. */
    runSilent: (since: string, by = RULE) =>
      `CrewAI has reported nothing about this run since the decision of ${by} was sent (${since}).`,
    runFinished: (crew: string) => `The run of ${crew} has finished.`,
    result: (crew: string) => `The run of ${crew} has finished. Its result:`,
    forPeople: (by: string) => `${by} wrote a note for people only:`,
    wholeOutput: 'The whole output is in the file.',
    outputFileRefused: "Slack didn't accept the file with the whole output. *Read in full* shows it.",
    tied: (people: string | undefined, required: number) =>
      `${people === undefined ? 'Everyone' : `${people}, everyone`} who can decide has voted, but no answer has the ${plural(required, 'vote', '# votes')} it needs. One of you has to vote again.`,
    cardFrozen: (round: number, state?: string) =>
      `Slack no longer lets me update the card of round ${round}.${state === undefined ? '' : ` It is now: ${state}.`}`,

    /** Asks people to decide. */
    asks: {
      waiting: ({ people, subject }) => `${beginWith(people, subject)} is waiting for your decision.`,
      assigned: ({ people, what = 'this' }) =>
        capitalize(`${address(people)}you were asked to decide on ${what}.`),
      reminder: ({ people, subject, since }) =>
        `${beginWith(people, subject)} is still waiting for a decision (since ${since}).`,
      escalated: ({ people, subject, since }) =>
        `${beginWith(people, subject)} has been waiting for a decision since ${since}. You can decide now.`,
      expired: ({ people, what }) =>
        capitalize(
          `${address(people)}the deadline${what === undefined ? '' : ` of ${what}`} has passed. You can still decide.`,
        ),
    } satisfies Record<string, (request: DecisionRequest) => string>,
    /** `option`: the answer of a Flow, undefined in free text. */
    decidedByRule: (action: 'approve' | 'request_revision' | 'choose', option?: string) => {
      const what = {
        approve: 'Approved',
        request_revision: 'Revision requested',
        choose: option === undefined ? 'Answered' : `${option} was chosen`,
      }[action];
      return `${what} automatically: no one decided before the deadline.`;
    },
    shownBy: (command: string) => `${command} shows it.`,

    /** `link`: to the card. */
    howToOpen: (command: string, link?: string) =>
      link === undefined ? `${command} shows it here.` : `${link}, or type ${command} here.`,
    /** `task`: undefined if its title must not be shown. */
    yourRunFinished: (crew: string, task?: string) => `Your run of ${nameYourRun(crew, task)} has finished.`,
    yourRunFailed: (crew: string, task?: string) => `Your run of ${nameYourRun(crew, task)} has failed.`,
    fromYourRun: (what: string, state: string) => `${capitalize(what)}, from your run: ${state}.`,
  },

  /** The message of a run that was started from Slack, and its notes. */
  runs: {
    started: (person: string, crew: string) => `${person} started ${crew}`,
    moreInputs: (more: number) => plural(more, '1 more input', '# more inputs'),
    id: (id: string) => `Run ${id}`,
    starting: 'Starting…',
    running: 'Running',
    finished: 'Finished',
    unsure: (reason?: string) =>
      `CrewAI may have started it${reason === undefined ? '' : ` (${reason})`}, so I won't try again. I'll know when the run reports.`,
    unsureProgram: "The program that picked this up hasn't reported back. The run may be in progress.",
    notStarted: (reason?: string) =>
      reason === undefined ? 'Not started: CrewAI reported an error.' : `Not started: ${reason}.`,
    /** `more`: how many inputs are not named. */
    inputsMissing: (names: readonly string[], more: number) => {
      const all = more > 0 ? [...names, `${formatCount(more)} more`] : names;
      return all.length === 1
        ? `Not started: CrewAI is missing the input ${all[0]}. *Run again* asks for it.`
        : `Not started: CrewAI is missing the inputs ${formatList(all)}. *Run again* asks for them.`;
    },
    failed: (reason?: Reason) => `The run failed${giveReason(reason)}.`,
    /** Why it was not started, or may not have been, for within a sentence. */
    reasons: {
      no_id: 'its answer has no kickoff_id',
      no_answer_in_time: 'no answer in time',
      no_answer: 'no answer',
      no_connection: 'no connection',
      too_late: "the bot couldn't start it within ten minutes",
      not_fetched: 'no program of this crew picked it up within ten minutes',
      crew_gone: "this crew isn't in the settings anymore",
    },

    noteNotStarted: (person: string, crew: string, reason?: string) =>
      `${person}, the run of ${crew} wasn't started${reason === undefined ? '' : `: ${reason}`}. Nothing is running.`,
    noteUnsure: (person: string, crew: string, reason?: string) =>
      `${person}, CrewAI may have started the run of ${crew}, but its answer was lost${reason === undefined ? '' : ` (${reason})`}. Check CrewAI before you start it again.`,
    noteUnsureProgram: (person: string, crew: string) =>
      `${person}, a program picked up the request to start ${crew} and hasn't reported back. Check the program before you start ${crew} again.`,
    noteSilent: (person: string, crew: string) =>
      `${person}, CrewAI has reported nothing about this run of ${crew}, so no card can appear. *Status* asks CrewAI. If it is running, ask the bot's admin whether CrewAI can reach the bot.`,
    noteFailed: (people: string, crew: string, reason?: Reason) =>
      `${people}, the run of ${crew} failed${giveReason(reason)}.`,
  },

  /** Why CrewAI did not take a decision or a start. */
  crewai: {
    failures: {
      no_answer: "CrewAI didn't respond.",
      error_answer: 'CrewAI reported an error.',
      not_reached: "CrewAI can't be reached.",
      not_ready: "CrewAI isn't ready.",
      held_up: 'The bot was delayed before it could call CrewAI.',
      no_url: "The settings have no URL for this crew anymore. Ask the bot's admin to fix this.",
      restored: 'The bot was restored from a backup while this was being sent.',
      token_rejected: "CrewAI rejected the bot's token. Ask the bot's admin to fix it.",
      unknown_run: "CrewAI doesn't know this run. Ask the bot's admin to check the crew's settings.",
      rejected: 'CrewAI rejected the decision. *Approval details* shows why.',
      host_not_allowed: "The bot's admin has to allow the address that CrewAI expects the answer at.",
      callback_rejected: 'CrewAI rejected the link that it sent with this review. Answer it in CrewAI.',
      unknown_review: 'CrewAI no longer knows this review.',
    } satisfies Record<FailureReason, string>,
    /** What the bot found itself, for within a sentence. */
    faults: {
      NOT_JSON: 'the answer is not a JSON object',
      NOT_OK: 'the answer reports an error and does not say which',
      NO_STATUS_OR_ID: 'the answer has neither status nor kickoff_id',
      NOT_ACCEPTED: 'the answer does not say that it was accepted',
      NO_RUN_STATUS: 'the answer is not a run status',
      CREW_GONE: "this crew isn't in the settings anymore",
      FLOW_REVIEWS_ONLY: 'this crew only takes Flow reviews',
    } satisfies Record<AnswerFault, string>,
    /** For operators. `status`: of HTTP; `detail`: a code, what the bot found, or CrewAI's own words. */
    failureDetail: (reason: FailureReason, status?: number, detail?: string) => {
      const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
      const error = `Last error: ${parts.length === 0 ? 'no response' : parts.join(': ')}.`;
      if (reason === 'host_not_allowed')
        return `${error} CALLBACK_HOSTS doesn't allow the host of the answer.`;
      return reason === 'unknown_run'
        ? `${error} No such run, or no /resume: this may be a Flow or another deployment.`
        : error;
    },

    /** `apps`: their names; `said`: CrewAI's message, where it does not name them. */
    connectApps: (apps?: string, said?: string) => {
      if (apps !== undefined) return `Connect these apps in CrewAI: ${apps}`;
      return `Connect the apps of this crew in CrewAI${said === undefined ? '' : ` (${said})`}`;
    },

    running: (task?: string, tasks?: { done: number; total: number }) =>
      `CrewAI says that the run is in progress${task === undefined ? '' : `, at ${task}`}${tasks ? `, ${formatCount(tasks.done)} of ${plural(tasks.total, '1 task', '# tasks')} done` : ''}.`,
    completed: 'CrewAI says that the run has finished.',
    failed: (reason?: string) =>
      reason === undefined
        ? 'CrewAI says that the run has failed.'
        : `CrewAI says that the run has failed: ${reason}.`,
    waitsForPerson: 'The run is waiting for a person.',
    otherState: (state: string) => `CrewAI says that the state of the run is "${state}".`,
    unknownRun: "CrewAI doesn't know this run.",
    statusRejected: (status?: number) =>
      `CrewAI rejected the status request${status === undefined ? '' : ` (${status})`}. Ask the bot's admin to check the crew's token.`,
    noStatus: (detail?: string) =>
      `CrewAI didn't respond to the status request${detail === undefined ? '' : ` (${detail})`}.`,
    programRun: (state: 'running' | 'finished' | 'failed' | 'unknown', reason?: Reason) =>
      ({
        running: 'The run was in progress when its program last reported.',
        unknown: 'No program has reported on this run.',
        finished: 'The run has finished.',
        failed: `The run failed${giveReason(reason)}.`,
      })[state],
    flowReviewsOnly: "This crew only takes Flow reviews, so I can't ask for the status of its runs.",
  },

  /** Buttons, menu entries and what they ask before they act. */
  actions: {
    approve: 'Approve',
    requestRevision: 'Request revision',
    retry: 'Retry',
    undo: 'Undo',
    endPermission: 'End permission',
    readInFull: 'Read in full',
    whatChanged: 'What changed',
    close: 'Close without a decision',
    closeQuestion: 'Close without a decision?',
    closeWarning: "CrewAI isn't notified and its run keeps waiting. No one can decide this in Slack anymore.",
    closeWarningProgram:
      'The program that asked learns that no one decided. No one can decide this in Slack anymore.',
    cancel: 'Cancel',
    /** Before a decision on an output that is not shown whole. */
    unreadTitle: 'Not all of it is shown here',
    unread: (shown: number, of: number) =>
      `You have seen ${formatCount(shown)} of ${formatCount(of)} characters of this.`,
    unreadAnyway: (label: string) => `${label} anyway?`,
    send: 'Send',
    otherAnswer: 'Other answer…',
    chooseAnswer: 'Choose an answer',
    chooseFirst: (shown: number, all: number) =>
      `Choose one of the first ${formatCount(shown)} of ${formatCount(all)} answers`,
    moreAnswers: 'More answers…',
    allAnswers: 'All answers',
    blankOption: '(blank)',
    approveWithNote: 'Approve with a note',
    allow: 'Allow',
    block: 'Block',
    allowCall: 'Allow the same call again in this run',
    allowTool: 'Allow all calls of this tool in this run',
    blockWithReason: 'Block with a reason',
    edit: 'Edit and approve…',
    /** A crew takes it as a request for a revision, which comes back as a round. */
    editPause: 'Edit and send back…',
    chooseWithNote: 'Choose with a note…',
    claim: "I'm on it",
    release: 'No longer on it',
    assign: 'Assign to…',
    details: 'Details',
    runAgain: 'Run again',
    status: 'Status',
    openCard: 'Open the card',
    seeCurrentCard: 'See the current card',
    /** What a button is about, for screen readers. */
    about: ({ task, round, crew }: { task: string; round: number; crew: string }) =>
      round > 1 ? `${task || UNNAMED}, round ${round}, crew ${crew}` : `${task || UNNAMED}, crew ${crew}`,
    recorded: 'Recorded. Look it up again to see the outcome.',
    cardFollows: 'Recorded. The card will be updated shortly.',
  },

  /** Modals in which people decide. A title has at most 24 characters. */
  /** Values that a program asks for. */
  fields: {
    /** Before a decision. `option`: with which the values go; `names`: of the fields. */
    asked: (option: string, names: readonly string[]) => `${option} asks for: ${names.join(', ')}`,
    optional: (name: string) => `${name} (optional)`,
    /** What others have to agree to follows. */
    enteredBy: (person: string) => `${person} entered:`,
    line: (name: string, value: string) => `*${name}*: ${value}`,
    hidden: '_not shown_',
    nothing: '_No values were entered._',
    yes: 'Yes',
    no: 'No',
    number: formatNumber,
    list: (choices: readonly string[]) => choices.join(', '),
    enterOther: 'Enter other values…',
    question: (task: string) => `Enter the values for ${task}`,
    shownToAll: 'Everyone who sees the card can read this.',
    /** Slack takes decimals with a point only; said in the languages that write a comma. */
    decimalHint: '',
    faults: {
      missing: () => 'Please fill this in.',
      not_email: () => 'Enter an email address, such as ana@example.com.',
      not_url: () => 'Enter a URL, such as https://example.com.',
      not_date: () => 'Choose a date.',
      not_time: () => 'Choose a date and a time.',
      not_choice: () => 'Choose one of the answers.',
      not_number: () => 'Enter a number with at most 15 digits.',
      not_whole: () => 'Enter a whole number.',
      too_short: (bound) => `Enter at least ${plural(bound, 'one character', '# characters')}.`,
      too_long: (bound) => `Enter at most ${plural(bound, 'one character', '# characters')}.`,
      too_small: (bound) => `Enter ${formatNumber(bound)} or more.`,
      too_large: (bound) => `Enter ${formatNumber(bound)} or less.`,
      too_few: (bound) => `Choose at least ${formatCount(bound)}.`,
      too_many: (bound) => `Choose at most ${formatCount(bound)}.`,
    } satisfies ValueFaultTexts as ValueFaultTexts,
  },

  forms: {
    close: 'Close',
    send: 'Send',
    /** A modal that answers a click in the Home tab. */
    answerTitle: 'Approvals',
    youWrote: 'What you wrote:',
    yourPeopleNote: 'Your note for people only:',
    peopleNote: 'Note for people only',
    peopleNoteHint: 'Shown only in the thread.',
    output: 'The output:',
    /** `before`: characters before the part that is shown. */
    outputEnd: (before: number) =>
      `The end of the output, after ${plural(before, 'one character', '# characters')}:`,

    revisionQuestion: (task: string, round: number) => `What should change in ${task} (round ${round})?`,
    feedback: 'Feedback',
    feedbackHint: 'The crew gets this text in full and redoes the task with it.',

    approvalQuestion: (task: string, round: number) => `Approve ${task} (round ${round})?`,
    note: 'Note',
    programTextHint: 'The program that asked gets this text in full.',
    noteSentHint: 'The crew gets this text in full and uses it in its next tasks.',
    noteKeptHint: 'The note stays in the thread: CrewAI would read any text as a revision request.',

    answerFormTitle: 'Other answer',
    answerQuestion: (task: string, round: number) => `Answer ${task} (round ${round}) in your own words.`,
    answer: 'Answer',
    answerUnchangedHint: 'The Flow gets this text unchanged.',
    answerInterpretedHint: 'CrewAI gets this text in full. Its model decides what it means.',

    editTitle: 'Edit and approve',
    editPauseTitle: 'Edit and send back',
    decideAnyway: 'Decide anyway',
    editQuestion: (task: string, round: number) => `Edit ${task} (round ${round}).`,
    editedText: 'Text',
    editPauseHint:
      "CrewAI can't take a text with an approval, so this is sent as a revision request: use exactly this text. The next round shows whether it was used.",
    editProgramHint: 'The program that asked continues with this text.',
    nothingToEdit: 'There is no text to edit.',
    tooLongToEdit: (length: number, most: number) =>
      `This output has ${formatCount(length)} characters, and a form takes ${formatCount(most)}. Use *Request revision* and say what should change.`,
    blockQuestion: (tool: string) => `Why should ${tool} not run?`,
    reason: 'Reason',
    reasonHint: 'The agent reads this text.',
    choiceTitle: 'Choose with a note',
    choiceNoteHint: 'Shown in the thread. CrewAI gets only the chosen answer.',
    programNoteHint: 'Shown in the thread. The program that asked gets only the chosen answer.',

    ask: 'Ask',
    assignQuestion: (task: string, round: number) =>
      `Who should decide on ${task} (round ${round})? Others can still decide.`,
    person: 'Person',

    closeQuestion: (task: string, round: number) => `Close ${task} (round ${round}) without a decision?`,
  },

  /** Details and whole outputs. */
  reading: {
    stateTitle: 'State of the Flow',
    detailsTitle: 'Approval details',
    /** `page`: where an output has several. */
    place: (task: string, round: number, page?: { number: number; of: number }) =>
      `${task}, round ${round}${page ? ` · page ${formatCount(page.number)} of ${formatCount(page.of)}` : ''}`,
    first: 'First',
    back: 'Back',
    next: 'Next',
    last: 'Last',
    nothingChanged: (sinceRound: number) => `Nothing changed since round ${sinceRound}.`,
    onlySpacesChanged: (sinceRound: number) =>
      `Only spaces or invisible characters changed since round ${sinceRound}.`,
    changesLegend: '*Added* text is bold, ~removed~ text is struck through.',
    unchangedParagraphs: (count: number) =>
      plural(count, 'one paragraph unchanged', '# paragraphs unchanged'),
    emptyOutput: '_The output is empty._',
    lostOutput: 'This output is no longer available.',
    tooLongToCompare: 'These outputs are too long to compare here. *Read in full* shows the new one.',
    unseenCharacters: (count: number) =>
      plural(
        count,
        "One character of this output can't be seen. It is shown as a code, such as \\u200b.",
        "# characters of this output can't be seen. They are shown as codes, such as \\u200b.",
      ),
    hiddenCharacters: (count: number) =>
      plural(count, 'One more character is not shown here.', '# more characters are not shown here.'),
    hiddenRows: (count: number) =>
      plural(count, 'One more row is not shown here.', '# more rows are not shown here.'),

    /** The name of a file, without its extension. `task`: undefined if it must not be named. */
    outputFile: (task: string | undefined, round: number) => `${task ?? 'output'}-round-${round}`,
    outputFileTitle: (task: string, round: number) => `${task}, round ${round}`,
    outputOfCrew: (crew: string) => `Output of ${crew}`,

    lastRounds: (shown: number, all: number) => `The last ${shown} of ${all} rounds:`,
    /** `url`: without its secrets; `from`: where the bot knows it from. */
    webhookUrl: (kind: keyof WebhookUrls | 'humanInput', url: string, from: ResolvedUrl['from']) => {
      const name = { task: 'task', step: 'step', crew: 'crew', humanInput: 'human input' }[kind];
      const origin = {
        registered: 'registered',
        meta: "from the run's meta",
        settings: 'from the settings',
        bot: "the bot's own",
      }[from];
      return `${name} → ${url} (${origin})`;
    },
    sentUrls: (urls: readonly string[]) => `Sent with the decision: ${urls.join(' · ')}`,
    noWebhookUrl: "No webhook URL is known, so CrewAI won't report back.",
    /** `task`: its name in CrewAI, where the card shows another one. */
    ids: (ids: { crew: string; task: string | undefined; execution: string | undefined; approval: string }) =>
      [
        `Crew ${ids.crew}`,
        ids.task === undefined ? '' : `task ${ids.task}`,
        ids.execution === undefined ? '' : `run ${ids.execution}`,
        `approval ${ids.approval}`,
      ]
        .filter(Boolean)
        .join(' · '),
    /** `by` and `at`: who caused the state, and when. `decision`: an earlier decision, with its time. */
    round: (round: {
      number: number;
      state: string;
      by: string | undefined;
      at: string | undefined;
      decision: { what: string; at: string } | undefined;
    }) =>
      [
        `Round ${round.number}: ${round.state}`,
        ...(round.by === undefined || round.at === undefined ? [] : [`${round.by} ${round.at}`]),
        ...(round.decision ? [`${round.decision.what} ${round.decision.at}`] : []),
      ].join(' · '),
    received: (at: string, agent: string | undefined) =>
      agent === undefined ? `Received ${at}` : `Received ${at} from ${agent}`,
    alsoVoted: (people: string) => `Also voted: ${people}`,
    /** `answered`: when CrewAI answered, which does not prove on each dialect that it accepted. */
    delivery: ({
      attempts,
      answered,
      continued,
    }: {
      attempts: number;
      answered: { at: string; accepted: boolean } | undefined;
      continued: string | undefined;
    }) =>
      [
        plural(attempts, 'Sent to CrewAI once', 'Sent to CrewAI # times'),
        ...(answered ? [`${answered.accepted ? 'accepted' : 'answered'} ${answered.at}`] : []),
        ...(continued === undefined ? [] : [`the run continued ${continued}`]),
      ].join(', '),
  },

  /** People who are away, and who is asked instead. */
  away: {
    /** `date`: YYYY-MM-DD. */
    day: (date: string) => formatDay(Date.parse(date)),

    /** On a card: what was known when people were asked. */
    askedInstead: (substitute: string, person: string, day: string) =>
      `${substitute} was asked instead of ${person}, who planned to be away through ${day}.`,
    askedThough: (person: string, substitute: string, day: string, why?: StandIn['why']) => {
      const first = `${person} was asked, although they planned to be away through ${day}`;
      if (why === 'by_substitute')
        return `${substitute} asked ${person}, who planned to be away through ${day}.`;
      if (why === 'not_reached') return `${first}: I couldn't send ${substitute} a message.`;
      if (why === 'own_vote') return `${first}: ${substitute} has only one vote.`;
      return why === 'unchecked'
        ? `${first}: I couldn't check whether ${substitute} can decide this.`
        : `${first}: ${substitute} can't replace them here.`;
    },

    notTold: (substitute: string) =>
      `I couldn't send ${substitute} a message about standing in for you. Please tell them yourself.`,

    /** To the substitute. */
    notice: (person: string, day: string) =>
      `${person} is away through ${day}. You're asked instead of them.`,
    waiting: 'This is already waiting:',
    nothingWaiting: 'Nothing of theirs is waiting for you.',
    notAllSeen: "I couldn't look through everything that is waiting.",

    changed: (person: string, day: string) =>
      `${person} is now away through ${day}. You're asked instead of them until then.`,
    released: (person: string) => `You no longer stand in for ${person}.`,
    substituteAway: (person: string, day: string) =>
      `${person}, your substitute, is away through ${day}. You're asked again until they are back.`,
  },

  /** The Home tab, lists and look-ups. */
  lists: {
    yourApprovals: 'Your approvals',
    waitingForYou: (count: number) =>
      count === 0
        ? 'Nothing is waiting for you'
        : plural(count, 'One approval is waiting for you', '# approvals are waiting for you'),
    atLeastWaitingForYou: (count: number) =>
      plural(count, 'At least one approval is waiting for you', 'At least # approvals are waiting for you'),
    waitingForOthers: (count: number) =>
      plural(count, 'One approval is waiting for other people.', '# approvals are waiting for other people.'),
    unchecked: (count: number) =>
      plural(
        count,
        "I can't check one more approval right now. You may be able to decide it.",
        "I can't check # more approvals right now. You may be able to decide them.",
      ),
    moreForYou: (count: number, command: string) =>
      plural(
        count,
        `One more is waiting for you. Type ${command} to list it.`,
        `# more are waiting for you. Type ${command} to list them.`,
      ),
    notAllListed: (command: string) => `There may be more: type ${command}.`,
    checkedOldest: (count: number, command: string) =>
      `I checked only the ${formatCount(count)} oldest waiting approvals. Type ${command} to check more.`,
    ofCrewSince: (crew: string, date: string) => `Crew ${crew} · since ${date}`,
    permissions: 'Tool calls that run without a decision',
    recentDecisions: 'Your recent decisions',
    /** A task with its state, and who decided when. */
    taskInState: (task: string, state: string, decided?: { by: string; at: string }) =>
      decided ? `${task}: ${state} · ${decided.by} ${decided.at}` : `${task}: ${state}`,

    open: 'Open',
    newer: 'Newer',
    older: 'Older',
    /** `mine`: only what the person can decide. `more`: an earlier page had some. `stopped`: not all was searched. */
    nothingWaiting: (list: { crew: string | undefined; mine: boolean; more: boolean; stopped: boolean }) => {
      if (list.more) return `Nothing else is waiting${inCrew(list.crew)}.`;
      if (list.stopped) return `So far I found nothing that is waiting for you${inCrew(list.crew)}.`;
      return list.mine
        ? `Nothing is waiting for you${inCrew(list.crew)}.`
        : `Nothing is waiting for a decision${inCrew(list.crew)}.`;
    },
    waitingForYouIn: (crew: string | undefined) => `Waiting for you${inCrew(crew)}, oldest first:`,
    /** `more`: there are more than so many. */
    waiting: (count: number, more: boolean, crew: string | undefined) => {
      if (more) return `More than ${formatCount(count)} approvals are waiting${inCrew(crew)}, oldest first:`;
      return plural(
        count,
        `One approval is waiting${inCrew(crew)}:`,
        `# approvals are waiting${inCrew(crew)}, oldest first:`,
      );
    },
    decisions: (filter: DecisionFilter) => `Decisions${limitDecisions(filter)}, newest first:`,
    /** `more`: an earlier page had some. */
    noDecisions: (filter: DecisionFilter, more: boolean) =>
      more ? `No more decisions${limitDecisions(filter)}.` : `No decisions${limitDecisions(filter)}.`,
    /** What a person searched for: words, the name of an approver, or both. */
    searched: (words: string | undefined, person: string | undefined) => {
      if (words === undefined) return person ?? '';
      return person === undefined ? `"${words}"` : `"${words}" and ${person}`;
    },
    found: (what: string) => `Matches for ${what}, waiting approvals first, then the newest:`,
    nothingFound: (what: string, more: boolean) =>
      more ? `I found nothing else for ${what}.` : `I found nothing for ${what}.`,
    nothingFoundYet: (what: string) => `So far I found nothing for ${what}.`,
    stopped: (button: string) => `I stopped searching after a while. Click *${button}* to search further.`,
    rowWaiting: (task: string, milliseconds: number) =>
      `${task} · waiting for ${milliseconds < 60_000 ? 'less than a minute' : formatDuration(milliseconds, 1)}`,
    rowInState: (row: { task: string; state: string; by: string | undefined; at: string }) =>
      row.by === undefined
        ? `${row.task} · ${row.state} ${row.at}`
        : `${row.task} · ${row.state} · ${row.by} ${row.at}`,
    /** `run`: undefined for a question without one. */
    rowIds: (ids: { crew: string; run: string | undefined; approval: string; hasCard: boolean }) => {
      const run = ids.run === undefined ? '' : ` · run ${ids.run}`;
      return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · no card in Slack yet'}`;
    },

    approvals: (count: number) => plural(count, 'One approval', '# approvals'),
    notShown: (count: number) => plural(count, 'One more is not shown here.', '# more are not shown here.'),

    noRuns: 'No runs were started from Slack.',
    runs: 'Runs started from Slack, newest first:',
    run: (id: string) => `run ${id}`,
    notAsked: "CrewAI wasn't asked about this run.",
    reportOfCrew: (crew: string, report: string) => `${crew}: ${report}`,
    noApprovalsOfRun: 'I found no approvals for this run.',
    andMore: (count: number) => `… and ${formatCount(count)} more`,
  },

  /** What the slash command answers. */
  command: {
    helpTitle: 'Commands:',
    /** An example and what it does. */
    help: {
      list: ['', 'approvals that are waiting for a decision, oldest first'],
      waiting: ['waiting press mine', 'the same for one crew, and only those that you can decide'],
      look: [
        '7XK2M9QD4TRW8HZC',
        'one approval, or a run with all its approvals; the first six characters are enough',
      ],
      find: [
        'find @ana budget',
        'approvals that match every word: task, crew, agent, run, approver, feedback, start of the output',
      ],
      history: ['history press @ana since 7d', 'decisions, newest first'],
      status: ['status 97eba64f', 'what CrewAI says about a run'],
      runs: ['runs press mine', 'runs that were started from Slack'],
      help: ['help', 'this list'],
    } satisfies Record<string, readonly [string, string]>,
    /** After what was wrong with a command. */
    seeHelp: (command: string) => `Type ${command} to see all commands.`,
    whereIds: (shortcut: string) =>
      `You find the ID of an approval in lists and look-ups, and with ${shortcut} in the menu of its card's message.`,
    notInThreads: (shortcut: string) =>
      `Slash commands don't work in threads. Use ${shortcut} in the menu of a message there.`,
  },

  /** What operators read in OPS_CHANNEL, and a channel about runs without a card. */
  alerts: {
    store_failed: ({ operation }): string =>
      operation === 'write'
        ? 'The database rejects writes. Webhooks get 503 until it recovers.'
        : "The database can't be read. No work is done until it recovers.",
    database_lost: ({ reason }) =>
      `The bot no longer uses its database. Nothing is stored until you restart the bot. Reason: ${reason}.`,
    crew_token_rejected: ({ crew, status }) =>
      `CrewAI rejects the bearer token of the crew ${crew} (${status}). Correct it in the settings and restart the bot.`,
    decisions_late: ({ crew }) =>
      `Decisions for the crew ${crew} have been waiting for over 10 minutes. CrewAI doesn't accept them; the log says why.`,
    callback_host_not_allowed: ({ crew, host }) =>
      `A Flow of ${crew} expects its answer at ${host}, which CALLBACK_HOSTS doesn't allow. Answer it in CrewAI, or allow the host.`,
    too_few_deciders: ({ crew, approvals }) =>
      `Too few people are left to decide ${plural(approvals, 'one waiting approval', '# waiting approvals')} of the crew ${crew}. Change its approvers.`,
    slack_rate_limit: ({ channel, minutes }) =>
      `Slack accepts no messages from the bot in the channel ${channel} for ${minutes} min. Its cards wait until then.`,
    slack_token_rejected: ({ reason }) =>
      `Slack rejects the bot's token (${reason}). Set a valid SLACK_BOT_TOKEN and restart the bot.`,
    step_failed: () =>
      'The bot failed to send a card, a message or a decision, and tries again every few seconds. People may be waiting for it. Look for "step failed, retrying" in the log.',
    events_dropped: ({ receiver }) =>
      `Events were dropped: their receiver ${receiver} (EVENTS_URL) doesn't accept them. The log says why.`,
    channel_blocked: ({ channel, reason }) =>
      `Slack rejects cards in the channel ${channel} (${reason}). Fix the channel or change it in the settings; the bot tries again every hour.`,
    /** `answer`: the message of the response. */
    webhooks_rejected: ({ crew, webhook, status, answer, count }) =>
      plural(
        count,
        `${withArticle(webhook)} webhook of the crew ${crew} was rejected. Its run may be waiting for an approval that has no card. Answer (${status}): ${answer}`,
        `# ${webhook} webhooks of the crew ${crew} were rejected. Their runs may be waiting for approvals that have no card. Last answer (${status}): ${answer}`,
      ),
    webhook_url_wrong: ({ crew, wrong, address }) => {
      const why = {
        secret: 'their secret is missing or wrong (401)',
        kind: 'their URL is wrong (404, no such kind of webhook)',
        flow: 'they are reviews of a Flow, and FLOW_WEBHOOK_SECRETS is not set (404)',
        path: 'their URL is wrong (404, no such endpoint)',
      }[wrong];
      return `Webhooks for the crew ${crew} are rejected: ${why}. The last one came from ${address}. If CrewAI sent it, a run may be waiting for an approval that has no card.`;
    },

    webhook_too_large: ({ crew, webhook }) =>
      `${withArticle(webhook)} webhook of ${crew} was rejected because it is too large. If its run is waiting for an approval, there is no card. Check the run in CrewAI.`,
    pauses_not_visible: ({ crew }) =>
      `A run of ${crew} may be waiting for approval without the bot knowing: it was started without \`humanInputWebhookUrl\`, and its webhooks have stopped. Check the run in CrewAI, and ask the bot's admin to correct how its runs are started.`,
  } satisfies FactTexts,
};

/** "3rd" */
function formatOrdinal(count: number): string {
  const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${formatCount(count)}${endings[ORDINALS.select(count)] ?? 'th'}`;
}
const ORDINALS = new Intl.PluralRules('en-US', { type: 'ordinal' });

function inCrew(crew: string | undefined): string {
  return crew === undefined ? '' : ` in ${crew}`;
}

/** Decisions of a person, of a crew, since a date. */
function limitDecisions({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` by ${by}`;
  return `${person}${inCrew(crew)}${since === undefined ? '' : ` since ${since}`}`;
}

/** At the beginning of a sentence. */
function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'An' : 'A'} ${noun}`;
}

/** "Approved by @Ana today" */
function writeDecision({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Approved',
    request_revision: 'Revision requested',
    choose: option === undefined ? 'Answered' : `${option} chosen`,
  }[action];
  return `${what} by ${by ?? RULE}${when === undefined ? '' : ` ${when}`}`;
}

function decidedBefore({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'approved this',
    request_revision: 'requested a revision',
    choose: option === undefined ? 'answered this' : `chose ${option}`,
  }[action];
  return `${by ?? capitalize(RULE)} already ${what}${when === undefined ? '' : ` ${when}`}`;
}

function explainDecision(decision: DecisionWords | undefined): string {
  return decision ? ` ${decidedBefore(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolved(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED[via]) || 'resolved elsewhere';
  return when === undefined ? `This was ${way}.` : `This was ${way} ${when}.`;
}

const RESOLVED: Readonly<Record<string, string>> = {
  crewai: 'answered in CrewAI',
  dashboard: "answered in CrewAI's dashboard",
  email: 'answered by email',
  timeout: 'answered by its timeout',
};

function yourDecision(person: string | undefined): string {
  return person === undefined ? `The decision of ${RULE}` : `${person}, your decision`;
}

/** "press (*draft*)" */
function nameYourRun(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

/** "@Ben, press: *Draft*", "@Ben, this", "This". */
function beginWith(people: string | undefined, subject: string | undefined): string {
  return `${address(people)}${subject ?? (people === undefined ? 'This' : 'this')}`;
}

function address(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReason(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}
