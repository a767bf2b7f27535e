/**
 * Every sentence that people read in Slack, in English. A function gets its values ready to be shown (escaped names,
 * mentions, formatted dates) and gives a whole sentence: nothing here is joined from fragments, so that it can be
 * translated. Mentions, links and dates are written by the views.
 */
export const en = {
  /** Why something was not done, for the person who tried. */
  refusals: {},

  /** The card of a round. */
  card: {},

  /** Notes in the thread of a card, and direct messages about it. */
  notes: {},

  /** The message of a run that was started from Slack, and its notes. */
  runs: {},

  /** Why CrewAI did not take a decision or a start. */
  crewai: {},

  /** Buttons, menu entries and what they ask before they act. */
  actions: {},

  /** Modals in which people decide, and the form that starts a run. A title has at most 24 characters. */
  forms: {
    cancel: 'Cancel',
    close: 'Close',
    send: 'Send',
    /** A modal that answers a click in the Home tab. */
    answerTitle: 'Approvals',
    youWrote: 'What you wrote:',
    yourPeopleNote: 'Your note for people only:',
    peopleNote: 'Note for people only',
    peopleNoteHint: 'Shown in the thread, never sent to CrewAI.',
    output: 'The output:',
    /** `before`: characters before the part that is shown. */
    outputEnd: (before: number) =>
      `The end of the output, after ${before === 1 ? 'one character' : `${formatCount(before)} characters`}:`,

    revisionTitle: 'Request revision',
    revisionQuestion: (task: string, round: number) => `What should change in ${task} (round ${round})?`,
    feedback: 'Feedback',
    feedbackHint: 'The crew gets this text in full and redoes the task with it.',

    approvalTitle: 'Approve with a note',
    approve: 'Approve',
    approvalQuestion: (task: string, round: number) => `Approve ${task} (round ${round})?`,
    note: 'Note',
    noteSentHint: 'The crew gets this text in full and uses it in its next tasks.',
    noteKeptHint: 'The note stays in the thread: CrewAI would read any text as a revision request.',

    answerFormTitle: 'Other answer',
    answerQuestion: (task: string, round: number) => `Answer ${task} (round ${round}) in your own words.`,
    answer: 'Answer',
    answerUnchangedHint: 'The Flow gets this text unchanged.',
    answerInterpretedHint: 'CrewAI gets this text in full. Its model decides what it means.',
    answerExactHint: "Type one of the Flow's answers, exactly as the Flow names it.",

    choiceTitle: 'Choose with a note',
    choiceNoteHint: 'Shown in the thread. CrewAI gets only the chosen answer.',

    assignTitle: 'Assign to…',
    ask: 'Ask',
    assignQuestion: (task: string, round: number) =>
      `Who should decide on ${task} (round ${round})? Others can still decide.`,
    person: 'Person',

    closeQuestion: (task: string, round: number) => `Close ${task} (round ${round}) without a decision?`,

    startTitle: 'Start a crew',
    next: 'Next',
    crew: 'Crew',
    start: 'Start',
    startCrew: (crew: string) => `Start ${crew}`,
    askingForInputs: (crew: string) => `Asking CrewAI which inputs ${crew} needs…`,
    noInputs: 'There are no inputs to fill in.',
    writeJson: 'Write lists and objects as JSON.',
    inputNeeded: 'CrewAI needs this input.',
    valueTooLong: 'The value is too long to show here.',
    inputsNotReached: "CrewAI couldn't be reached, so the inputs of this crew aren't known.",
    inputsUnknown: "CrewAI didn't say which inputs this crew has.",
    inputs: (names: string) => `Inputs of this crew: ${names}`,
    optionalInput: (name: string) => `${name} (optional)`,
    stateFields: (names: string) =>
      names === ''
        ? "The Flow's state has no fields."
        : `Fields of the Flow's state: ${names}. Fields you leave out keep their defaults.`,
    inputsAsJson: 'Inputs as JSON',
    inputsAsJsonHint: 'A JSON object. It is sent exactly as written here.',
  },

  /** Details and whole outputs. */
  reading: {
    outputTitle: 'Read in full',
    changesTitle: 'What changed',
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
      count === 1 ? 'one paragraph unchanged' : `${formatCount(count)} paragraphs unchanged`,
    emptyOutput: '_The output is empty._',
    hiddenCharacters: (count: number) =>
      count === 1
        ? 'One more character is not shown here.'
        : `${formatCount(count)} more characters are not shown here.`,
    hiddenRows: (count: number) =>
      count === 1 ? 'One more row is not shown here.' : `${formatCount(count)} more rows are not shown here.`,

    /** The names of files, without their extensions. `task`: undefined if it must not be named. */
    outputFile: (task: string | undefined, round: number) => `${task ?? 'output'}-round-${round}`,
    changesFile: (task: string | undefined, round: number) => `${task ?? 'output'}-round-${round}-changes`,
    outputFileTitle: (task: string, round: number) => `${task}, round ${round}`,
    changesFileTitle: (task: string, round: number) => `${task}, what changed in round ${round}`,
    outputOfCrew: (crew: string) => `Output of ${crew}`,

    lastRounds: (shown: number, all: number) => `The last ${shown} of ${all} rounds:`,
    noWebhookUrl: "No webhook URL is known, so CrewAI won't report back.",
    ids: (ids: { crew: string; execution: string; approval: string }) =>
      `Crew ${ids.crew} · execution ${ids.execution} · approval ${ids.approval}`,
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
        attempts === 1 ? 'Sent to CrewAI once' : `Sent to CrewAI ${formatCount(attempts)} times`,
        ...(answered ? [`${answered.accepted ? 'accepted' : 'answered'} ${answered.at}`] : []),
        ...(continued === undefined ? [] : [`the run continued ${continued}`]),
      ].join(', '),
  },

  /** The Home tab, lists, look-ups and figures. */
  lists: {
    count: formatCount,
    startCrew: 'Start a crew',
    yourApprovals: 'Your approvals',
    waitingForYou: (count: number) => {
      if (count === 0) return 'Nothing is waiting for you';
      return count === 1
        ? 'One approval is waiting for you'
        : `${formatCount(count)} approvals are waiting for you`;
    },
    atLeastWaitingForYou: (count: number) =>
      count === 1
        ? 'At least one approval is waiting for you'
        : `At least ${formatCount(count)} approvals are waiting for you`,
    waitingForOthers: (count: number) =>
      count === 1
        ? 'One approval is waiting for other people.'
        : `${formatCount(count)} approvals are waiting for other people.`,
    unchecked: (count: number) =>
      count === 1
        ? "I can't check one more approval right now. You may be able to decide it."
        : `I can't check ${formatCount(count)} more approvals right now. You may be able to decide them.`,
    moreForYou: (count: number, command: string) =>
      count === 1
        ? `One more is waiting for you. Type ${command} to list it.`
        : `${formatCount(count)} more are waiting for you. Type ${command} to list them.`,
    checkedOldest: (count: number, command: string) =>
      `I checked only the ${formatCount(count)} oldest waiting approvals. Type ${command} to check more.`,
    /** `agent`: undefined if it is not known. */
    finished: (agent: string | undefined, task: string) => `${agent ?? 'The crew'} finished ${task}`,
    flowAsks: (task: string) => `The Flow asks: ${task}`,
    ofCrewSince: (crew: string, date: string) => `Crew ${crew} · since ${date}`,
    openCard: 'Open the card',
    recentDecisions: 'Your recent decisions',
    /** A task with its state, and who decided when. */
    taskInState: (task: string, state: string, decided?: { by: string; at: string }) =>
      decided ? `${task}: ${state} · ${decided.by} ${decided.at}` : `${task}: ${state}`,

    open: 'Open',
    readInFull: 'Read in full',
    approve: 'Approve',
    requestRevision: 'Request revision',
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
      return count === 1
        ? `One approval is waiting${inCrew(crew)}:`
        : `${formatCount(count)} approvals are waiting${inCrew(crew)}, oldest first:`;
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
    taskInRound: (task: string, round: number) => (round > 1 ? `${task} (round ${round})` : task),
    rowWaiting: (task: string, age: string) => `${task} · waiting for ${age}`,
    rowInState: (row: { task: string; state: string; by: string | undefined; at: string }) =>
      row.by === undefined
        ? `${row.task} · ${row.state} ${row.at}`
        : `${row.task} · ${row.state} · ${row.by} ${row.at}`,
    rowIds: (ids: { crew: string; run: string; approval: string; hasCard: boolean }) =>
      `${ids.crew} · run ${ids.run} · ${ids.approval}${ids.hasCard ? '' : ' · no card in Slack yet'}`,
    lessThanMinute: 'less than a minute',
    minutes: (count: number) => (count === 1 ? '1 minute' : `${formatCount(count)} minutes`),
    hours: (count: number) => (count === 1 ? '1 hour' : `${formatCount(count)} hours`),
    days: (count: number) => (count === 1 ? '1 day' : `${formatCount(count)} days`),

    approvals: (count: number) => (count === 1 ? 'One approval' : `${formatCount(count)} approvals`),
    notShown: (count: number) =>
      count === 1 ? 'One more is not shown here.' : `${formatCount(count)} more are not shown here.`,

    noRuns: 'No runs were started from Slack.',
    runs: 'Runs started from Slack, newest first:',
    run: (id: string) => `run ${id}`,
    notAsked: "CrewAI wasn't asked about this run.",
    reportOfCrew: (crew: string, report: string) => `${crew}: ${report}`,
    noApprovalsOfRun: 'I found no approvals for this run.',

    /** `more`: more than so many approvals are waiting. */
    summary: (waiting: { count: number; more: boolean }, decisions: { count: number; since: string }) =>
      `${waiting.more ? 'More than ' : ''}${formatCount(waiting.count)} waiting now · ${countDecisions(decisions.count)} since ${decisions.since}`,
    timeToDecide: (median: string, p90: string) =>
      `Time to a decision: median ${median}, 90th percentile ${p90}`,
    revisions: (perApproval: number, approvals: number) =>
      `Revisions per approval: *${perApproval.toFixed(2)}* (${approvals === 1 ? '1 approval' : `${formatCount(approvals)} approvals`})`,
    startedRuns: (count: number) =>
      `Started from Slack: *${count === 1 ? '1 run' : `${formatCount(count)} runs`}*`,
    decisionsPerDay: 'Decisions per day (UTC)',
    decisionsPerWeek: 'Decisions per week (UTC)',
    weekOf: (at: number) => `week of ${formatDayAndMonth(at)}`,
    day: (at: number) => `${new Date(at).toUTCString().slice(0, 3)} ${formatDayAndMonth(at)}`,
    byCrew: 'By crew',
    byApprover: 'By approver',
    figures: (name: string, decisions: number, median: string, p90: string) =>
      `${name}: ${countDecisions(decisions)}, median ${median}, 90th percentile ${p90}`,
    andMore: (count: number) => `… and ${formatCount(count)} more`,
    figuresIncomplete: 'There are more decisions than I could read, so the oldest days are incomplete.',
  },

  /** What the slash command answers. */
  command: {
    helpTitle: 'Commands:',
    helpWaiting: 'approvals that are waiting for a decision, oldest first',
    helpMine: 'the same for one crew, and only those that you can decide',
    helpLookUp: 'one approval, or a run with all its approvals; the first six characters are enough',
    helpFind:
      'approvals that match all of it: task, crew, agent, run, approver, feedback, start of the output',
    helpHistory: 'decisions, newest first',
    helpStatus: 'what CrewAI says about a run',
    helpStats: 'how many decisions, how fast and by whom',
    helpApprove: 'decide without the card; a note is optional',
    helpRevise: 'request a revision; add `.2` to an ID for its second round',
    helpChoose: 'answer a Flow with one of its options, by its text or number',
    helpRun: 'start a run of a crew',
    helpRuns: 'runs that were started from Slack',
    helpHelp: 'this list',
    /** After what was wrong with a command. */
    seeHelp: (command: string) => `Type ${command} to see all commands.`,
    notInThreads: (shortcut: string) =>
      `Slash commands don't work in threads. Use ${shortcut} in the menu of a message there.`,
  },

  /** What operators read in OPS_CHANNEL, and a channel about runs without a card. */
  alerts: {
    store_failed: ({ operation }: { operation: 'read' | 'write' }) =>
      operation === 'write'
        ? 'The database rejects writes. Webhooks get 503 until it recovers.'
        : "The database can't be read. No work is done until it recovers.",
    database_lost: ({ reason }: { reason: string }) =>
      `The bot no longer uses its database. Nothing is stored until you restart the bot. Reason: ${reason}.`,
    clock_set_back: () =>
      'The clock was ahead and has been set back. Work that was due in the meantime is done now.',
    clock_skew: ({ aheadMs }: { aheadMs: number }) => {
      const seconds = formatCount(Math.round(Math.abs(aheadMs) / 1_000));
      return aheadMs > 0
        ? `This machine's clock is ${seconds} s ahead of Slack's. Synchronize it with NTP.`
        : `This machine's clock is ${seconds} s behind Slack's. Synchronize it with NTP.`;
    },
    crew_token_rejected: ({ crew, status }: { crew: string; status: number }) =>
      `CrewAI rejects the bearer token of the crew ${crew} (${status}). Correct it in the settings and restart the bot.`,
    decisions_late: ({ crew }: { crew: string }) =>
      `Decisions for the crew ${crew} have been waiting for over 10 minutes. CrewAI doesn't accept them; the log says why.`,
    callback_host_not_allowed: ({ crew, host }: { crew: string; host: string }) =>
      `A Flow of ${crew} expects its answer at ${host}, which CALLBACK_HOSTS doesn't allow. Answer it in CrewAI, or allow the host.`,
    too_few_deciders: ({ crew, approvals }: { crew: string; approvals: number }) =>
      approvals === 1
        ? `Too few people are left to decide one waiting approval of the crew ${crew}. Change its approvers.`
        : `Too few people are left to decide ${formatCount(approvals)} waiting approvals of the crew ${crew}. Change its approvers.`,
    slack_rate_limit: ({ channel, minutes }: { channel: string; minutes: number }) =>
      `Slack accepts no messages from the bot in the channel ${channel} for ${minutes} min. Its cards wait until then.`,
    slack_token_rejected: ({ reason }: { reason: string }) =>
      `Slack rejects the bot's token (${reason}). Set a valid SLACK_BOT_TOKEN and restart the bot.`,
    channel_blocked: ({ channel, reason }: { channel: string; reason: string }) =>
      `Slack rejects cards in the channel ${channel} (${reason}). Fix the channel or change it in the settings; the bot tries again every hour.`,
    /** `answer`: the message of the response. */
    webhooks_rejected: (rejected: {
      crew: string;
      webhook: string;
      status: number;
      answer: string;
      count: number;
    }) =>
      rejected.count === 1
        ? `A ${rejected.webhook} webhook of the crew ${rejected.crew} was rejected (${rejected.status}): ${rejected.answer} Its run may be waiting for an approval that has no card.`
        : `${formatCount(rejected.count)} ${rejected.webhook} webhooks of the crew ${rejected.crew} were rejected (${rejected.status}): ${rejected.answer} Their runs may be waiting for approvals that have no card.`,
    webhook_url_wrong: ({
      crew,
      wrong,
      address,
    }: {
      crew: string;
      wrong: 'secret' | 'kind' | 'path';
      address: string;
    }) => {
      const why = {
        secret: 'their secret is missing or wrong (401)',
        kind: 'their URL is wrong (404, no such kind of webhook)',
        path: 'their URL is wrong (404, no such endpoint)',
      }[wrong];
      return `Webhooks for the crew ${crew} are rejected: ${why}. The last one came from ${address}. If CrewAI sent it, a run may be waiting for an approval that has no card.`;
    },

    webhook_too_large: ({ crew, webhook }: { crew: string; webhook: string }) =>
      `A ${webhook} webhook of ${crew} was rejected because it is too large. If its run is waiting for an approval, there is no card. Check the run in CrewAI.`,
    pauses_not_visible: ({ crew }: { crew: string }) =>
      `A run of ${crew} may be waiting for approval without us knowing: it was started without \`humanInputWebhookUrl\`. Its webhooks have stopped. Run \`npm run doctor -- --kickoff ${crew}\` to see the fields of a kickoff.`,
  },
};

export type Texts = typeof en;

function formatCount(number: number): string {
  return number.toLocaleString('en-US');
}

function countDecisions(count: number): string {
  return count === 1 ? '1 decision' : `${formatCount(count)} decisions`;
}

function inCrew(crew: string | undefined): string {
  return crew === undefined ? '' : ` in ${crew}`;
}

/** Decisions of a person, of a crew, since a date. */
function limitDecisions({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` by ${by}`;
  return `${person}${inCrew(crew)}${since === undefined ? '' : ` since ${since}`}`;
}

interface DecisionFilter {
  by?: string | undefined;
  crew?: string | undefined;
  since?: string | undefined;
}

/** In UTC. `toUTCString` has one format in every runtime: "Mon, 23 Nov 2026 00:00:00 GMT". */
function formatDayAndMonth(at: number): string {
  const [, day, month] = new Date(at).toUTCString().split(' ');
  return `${Number(day)} ${month}`;
}
