import { hashDecisionTexts } from '../approval/lifecycle/rounds.ts';
import { type Approval, findRound, type RecordedRules } from '../approval/model/approval.ts';
import { type DecidedAs, FACT_NAMES } from '../approval/model/facts.ts';
import type { Field } from '../approval/model/fields.ts';
import { hashOutput, type Output } from '../approval/model/output.ts';
import { type Decision, listOptions, type Round } from '../approval/model/round.ts';
import { writeArguments } from '../approval/model/tool-arguments.ts';
import { HERE, listNotified } from '../approval/notify/mentions.ts';
import type { FoundEntry, HistoryFault, RecordedFact } from '../approval/ports.ts';
import { getOwn } from '../lib/own-member.ts';
import { describeHistoryFault, describeUnreadable } from './describe-check.ts';
import type { Scope } from './gather.ts';
import { html, isolate, join, type Markup } from './html.ts';
import type { Names } from './names.ts';
import { describeRight, describeRules } from './rules.ts';
import { writeTime, writeTimeSpan } from './spans.ts';
import type { TextWriter } from './text-writer.ts';
import { writeSeen } from './write-seen.ts';

/** Everything known about an approval or a start. */
export interface ToldHistory {
  id: string;
  isStart: boolean;
  entries: readonly FoundEntry[];
  faults: readonly HistoryFault[];
  /** Record of the approval; undefined: a start, a record that retention deleted, or one that cannot be read. */
  approval?: Approval | undefined;
  /** Place of a record that cannot be read. */
  damaged?: string | undefined;
  outputs: ReadonlyMap<string, Output>;
  /** The person who asked for the report may read the outputs. */
  isReadable: boolean;
  /** Inputs of a start. */
  inputs?: string | undefined;
}

/** Facts from the entries before this one, by round. */
interface PreviousFacts {
  at?: number;
  asked: Map<number, RecordedRules>;
  received: Map<number, number>;
  /** The last decision, in words. */
  decided: Map<number, string>;
  /** Hashes of the texts that people were shown, and that are drawn above. */
  seen: Set<string>;
}

/** Draws an approval or a start in the order of time: each entry of its history with its texts. */
export function drawTimeline(history: ToldHistory, texts: TextWriter, scope: Scope): Markup {
  const { id, isStart, faults, approval, damaged } = history;
  const entries = history.entries.toSorted(
    (a, b) => (a.said?.seq ?? 0) - (b.said?.seq ?? 0) || (a.place < b.place ? -1 : 1),
  );
  const firstFact = entries.find((entry) => entry.said)?.said;
  const run = entries.find((entry) => entry.said?.execution)?.said?.execution;
  const lastHash = entries.at(-1)?.said?.hash;
  const entryPlaces = new Set(entries.map(({ place }) => place));
  const otherFaults = faults.filter(({ place }) => place === undefined || !entryPlaces.has(place));
  const isBad = damaged !== undefined || faults.length > 0 || entries.some(({ wrong }) => wrong);
  recordStartChannel(entries, texts.names);
  const previous: PreviousFacts = {
    asked: new Map(),
    received: new Map(),
    decided: new Map(),
    seen: new Set(),
  };
  const lines = entries.map((entry) => drawEntry(entry, { ...history, entries }, texts, { scope, previous }));
  const round = approval?.rounds.at(-1);
  return html`<article id="a-${id}"${isBad && html` class="bad"`}><h3>${isStart ? 'Start of a run' : texts.line(firstFact?.task || 'no task name')}</h3>
<p class="meta"><code>${id}</code> · crew ${isolate(firstFact?.crew ?? 'not known')} · run ${texts.line(run || 'not known')}${round && html` · now: ${nameStatus(round)}`} · ${entries.length === 1 ? '1 entry' : `${entries.length} entries`}${lastHash !== undefined && html`, the last with the hash <code>${lastHash}</code>`}</p>
${otherFaults.map(drawFault)}
${damaged !== undefined && html`<p class="fault">${describeUnreadable(damaged)}</p>`}${!isStart && !approval && html`<p class="note">${damaged === undefined ? 'The record of this approval is no longer kept (retention): texts are gone, their hashes remain.' : 'Without its record, texts are not shown here; their hashes remain.'}</p>`}
<ol>${lines}</ol></article>
`;
}

/** Finds the id of a channel that the settings name by its #name: the entry of a posted card has only the id. */
function recordStartChannel(entries: readonly FoundEntry[], names: Names): void {
  const name = entries.findLast(({ said }) => said?.asked)?.said?.asked?.channel;
  const id = entries.findLast(({ said }) => said?.what === 'posted')?.said?.detail;
  if (name?.startsWith('#') && id !== undefined && /^[CG]/.test(id)) names.recordChannel(name, id);
}

function drawFault(fault: HistoryFault): Markup {
  return html`<p class="fault">${describeHistoryFault(fault)}</p>`;
}

/** Describes the status of a round, in the words of its history. */
function nameStatus({ status, question }: Round): string {
  if (status === 'waiting') return 'waits for a decision';
  if (status === 'sending')
    return question ? 'decided; its program has not fetched the answer' : 'its decision is being sent';
  return FACT_NAMES[nameTaken(status, question !== undefined)];
}

/** Says `answered` if a program reports that it has the answer, even to a question with the two answers of a pause. */
function nameTaken<T extends string>(what: T, byProgram: boolean): T | 'answered' {
  return byProgram && (what === 'approved' || what === 'revision_requested') ? 'answered' : what;
}

function drawEntry(
  entry: FoundEntry,
  history: ToldHistory,
  texts: TextWriter,
  { scope, previous }: { scope: Scope; previous: PreviousFacts },
): Markup {
  const { place, said: fact, wrong } = entry;
  const faults = history.faults.filter((fault) => fault.place === place);
  if (wrong && wrong !== 'unreadable' && faults.length === 0)
    faults.push({ subject: history.id, place, why: wrong });
  const faultNotes = faults.map(drawFault);
  if (!fact) return html`<li class="bad"><p class="fault">${describeUnreadable(place)}</p></li>\n`;
  const { at, by, origin, round } = fact;
  const isBack = previous.at !== undefined && at < previous.at;
  previous.at = at;
  const isOutside = at < scope.since || at >= scope.until;
  const actor = by === undefined ? undefined : html` · by <b>${isolate(texts.names.name(by))}</b>`;
  const source = origin === undefined ? undefined : ` (${origin})`;
  const details = describeDetail(fact, texts);
  return html`<li${faultNotes.length > 0 && html` class="bad"`}><time>${writeTime(at)}</time> ${nameEntry(fact)}${round !== undefined && round > 1 && ` · round ${round}`}${actor}${source}${details && html` · ${details}`}${drawOutcome(fact)}
${isBack && html`<p class="note">This time is earlier than the time of the previous entry: the clock was set back, or two messages arrived at the same moment.</p>`}${isOutside && html`<p class="note">Outside the period of this report.</p>`}${faultNotes}${drawDetails(fact, history, texts, previous)}</li>
`;
}

/** Describes the detail of an entry, after its name. */
function describeDetail(
  { what, detail = '', outcome, decided, option }: RecordedFact,
  { names }: TextWriter,
): Markup | undefined {
  if (decided) return html`${describeDecided(decided, option)}`;
  if (detail === '' || what === 'notified' || (what === 'attempt_ended' && outcome !== undefined))
    return undefined;
  return isolate(what === 'posted' ? names.place(detail) : detail);
}

const ACTIONS: Readonly<Record<string, string>> = {
  approve: 'approve',
  request_revision: 'request a revision',
  choose: 'an answer in free text',
};
const FURTHER = { call: 'the same call again, too', tool: 'all calls of the tool, too' } as const;

/** Describes a decision in words. */
function describeDecided({ action, call, allows }: DecidedAs, option: RecordedFact['option']): string {
  if (call) return [`call ${call}`, allows && FURTHER[allows]].filter(Boolean).join(', ');
  return option ? `option ${option.index + 1}` : (getOwn(ACTIONS, action) ?? action);
}

function nameEntry({ what, output, detail, origin }: RecordedFact): Markup {
  if (what === 'received' && output !== undefined)
    return html`<b>${detail === 'tool call' ? 'A tool call was requested' : 'An output arrived and opened a round'}</b>`;
  const meaning = getOwn(FACT_NAMES, nameTaken(what, origin === 'program'));
  return meaning === undefined
    ? html`<b>an entry with a word that this version does not know: ${isolate(String(what))}</b>`
    : html`<b>${meaning}</b>`;
}

function drawOutcome({ outcome, status }: RecordedFact): Markup | undefined {
  if (outcome === undefined && status === undefined) return undefined;
  return html` · answer: ${outcome ?? 'none'}${status !== undefined && `, HTTP ${status}`}`;
}

/** Draws the part below the line of an entry. */
function drawDetails(
  fact: RecordedFact,
  history: ToldHistory,
  texts: TextWriter,
  previous: PreviousFacts,
): Markup | undefined {
  const { what, round: number = 0, at } = fact;
  const round = history.approval && findRound(history.approval, number);
  switch (what) {
    case 'received':
      if (fact.output === undefined) return undefined;
      if (fact.asked) previous.asked.set(number, fact.asked);
      previous.received.set(number, at);
      return drawOpening(fact, round, history, texts);
    case 'voted':
    case 'decided':
      if (what === 'decided' && fact.decided)
        previous.decided.set(number, describeDecided(fact.decided, fact.option));
      return drawDecision(fact, round, history, { texts, previous });
    case 'attempt':
      return drawSent(previous.decided.get(number));
    case 'approved':
    case 'revision_requested':
    case 'answered':
      return html`<p>Received: ${nameDecision(previous.decided.get(number))}.</p>`;
    case 'notified':
      return html`<p>Notified: ${drawNotified(fact.detail?.split(', ') ?? [], texts.names)}.</p>`;
    case 'attempt_ended':
      return round && drawAnswer(fact, round, history, texts);
    case 'call_allowed':
      return drawCall(fact, round, history, texts);
    case 'run_starting':
      return history.inputs === undefined
        ? texts.drawAbsent('Its inputs are not shown here, or no longer kept.', fact.texts)
        : texts.block('Inputs, hidden ones without their values', history.inputs, fact.texts);
    default:
      return fact.texts === undefined
        ? undefined
        : html`<p class="note">Texts, by their hash: <code>${fact.texts}</code></p>`;
  }
}

/** Draws what a round showed, and to whom. */
function drawOpening(
  fact: RecordedFact,
  round: Round | undefined,
  history: ToldHistory,
  texts: TextWriter,
): Markup {
  const rules = fact.asked
    ? html`<p>Asked: ${describeRules(fact.asked, texts.names)}.</p>`
    : html`<p class="note">This entry has an earlier format: it does not record who was asked or which rules applied.</p>`;
  // A question can reveal as much as an output.
  const readableRound = history.isReadable ? round : undefined;
  const options = readableRound && listOptions(readableRound);
  const details = round && [
    round.agent !== undefined && html`<p>Agent: ${texts.line(round.agent)}</p>`,
    readableRound?.description !== undefined &&
      html`<p>${readableRound.question || readableRound.review ? 'Message' : 'Task'}: ${texts.line(readableRound.description)}</p>`,
    readableRound?.expectedOutput !== undefined &&
      html`<p>Expected: ${texts.line(readableRound.expectedOutput)}</p>`,
    options !== undefined &&
      options.length > 0 &&
      html`<p>Options: ${join(
        options.map((option) => texts.line(option)),
        ' · ',
      )}</p>`,
    readableRound?.question?.fields &&
      html`<p>Asked for values: ${join(
        readableRound.question.fields.map((field) => drawField(field, texts)),
        ' · ',
      )}</p>`,
    round.card &&
      html`<p>Notified by the card: ${drawNotified(listNotified(history.approval?.channel ?? '', round.mentioned ?? []), texts.names)}. <span class="note">As the record says: no hash covers this.</span></p>`,
    round.unseen !== undefined && html`<p>The card warned of ${round.unseen} invisible characters.</p>`,
  ];
  return html`${rules}${details}${drawOutput(fact, round, history, texts)}`;
}

function drawNotified(ids: readonly string[], names: Names): Markup {
  const people = ids.map((id) => (id === HERE ? 'everyone active in the channel' : isolate(names.name(id))));
  return html`${people.length === 0 ? 'nobody' : join(people, ', ')}`;
}

function drawField(
  { name, title, description, required, hidden, choices = [], default: filledIn }: Field,
  texts: TextWriter,
) {
  // A choice as the form shows it, with the program's own value.
  const nameValue = (value: unknown) => {
    const { label = value } = choices.find((choice) => choice.value === value) ?? {};
    return label === value ? String(value) : `${label} (${value})`;
  };
  const value = filledIn === undefined ? '' : [filledIn].flat().map(nameValue).join(', ');
  return html`${texts.line(title ?? name)}${!required && ' (optional)'}${hidden && ' (hidden)'}${description !== undefined && html` – ${texts.line(description)}`}${value !== '' && html`, filled in: ${texts.line(value)}`}`;
}

function drawOutput(
  fact: RecordedFact,
  round: Round | undefined,
  { id, outputs, isReadable }: ToldHistory,
  texts: TextWriter,
): Markup {
  const hash = fact.output ?? '';
  const output = outputs.get(hash);
  if (!isReadable)
    return texts.drawAbsent(
      'You cannot read this output: only people in its channel, and those who can decide, can.',
      hash,
    );
  if (!output) return texts.drawAbsent('The output is no longer kept.', hash);
  const isTool = round?.question?.tool === true;
  const block = texts.block(
    isTool ? 'Arguments of the tool' : 'Output',
    isTool ? writeArguments(output) : output.text,
    hash,
  );
  if (hashOutput(output) === hash) return block;
  return html`${drawFault({ subject: id, place: `The output ${hash}`, why: 'output_changed' })}${block}`;
}

function drawDecision(
  fact: RecordedFact,
  round: Round | undefined,
  { isReadable, outputs }: ToldHistory,
  { texts, previous }: { texts: TextWriter; previous: PreviousFacts },
): Markup {
  const { what, at, by, round: number = 0, rule, votes, option } = fact;
  const rules = previous.asked.get(number);
  const since = previous.received.get(number);
  const delay = since !== undefined && at >= since ? `, ${writeTimeSpan(at - since)} after the output` : '';
  const ruleText =
    by === undefined
      ? html`No person decided: the rule of the ${rule === undefined || rule === 'expiry' ? 'deadline' : rule} did`
      : html`Rule: ${describeRight(by, rules, texts.names)}`;
  const decisions = what === 'voted' ? (round?.votes ?? []) : round?.decision ? [round.decision] : [];
  const decision = decisions.find((candidate) => candidate.at === at && (candidate.by || undefined) === by);
  return html`<p>${ruleText}${delay}.${
    votes &&
    html` Votes of ${join(
      votes.map((voter) => isolate(texts.names.name(voter))),
      ', ',
    )}.`
  }</p>${drawSeen(fact, { outputs, texts, drawn: previous.seen })}${drawOption(option, round, { texts, isReadable })}${drawWritten(fact, decision, texts, isReadable)}`;
}

/** Draws what the person was shown. `drawn`: hashes of the texts that an earlier entry shows. */
function drawSeen(
  { by, seen }: RecordedFact,
  { outputs, texts, drawn }: { outputs: ToldHistory['outputs']; texts: TextWriter; drawn: Set<string> },
): Markup {
  if (by === undefined) return html`<p>Nobody was shown anything.</p>`;
  if (!seen)
    return html`<p>What the person was shown was not recorded: this entry was written by an earlier version.</p>`;
  const { hash = '', changedSince } = seen;
  const output = changedSince ? undefined : outputs.get(hash);
  const isFirst = !drawn.has(hash);
  if (output) drawn.add(hash);
  const isChanged = output !== undefined && hashOutput(output) !== hash;
  return html`<p>${writeSeen(seen)}</p>${
    changedSince &&
    html`<p class="note">It was another text when the person decided, so the text that was shown is not stored. Its hash begins with <code>${hash}</code>.</p>`
  }${isFirst && isChanged && html`<p class="fault">The text below is not the one that was recorded: it was changed.</p>`}${
    output && isFirst && texts.block('Shown besides the output', output.text, hash)
  }${output && !isFirst && html`<p class="note">The text beside it is shown above: <code>${hash}</code>.</p>`}${
    !output &&
    !changedSince &&
    hash !== '' &&
    texts.drawAbsent('The text beside it is not shown here, or no longer kept.', hash)
  }`;
}

function drawOption(
  option: RecordedFact['option'],
  round: Round | undefined,
  { texts, isReadable }: { texts: TextWriter; isReadable: boolean },
): Markup | undefined {
  if (!option) return undefined;
  const label = isReadable && round ? listOptions(round)?.[option.index] : undefined;
  return html`<p>Option ${option.index + 1}${option.id !== undefined && html` (${texts.line(option.id)})`}: ${label === undefined ? html`its text by its hash <code>${option.label}</code>` : texts.line(label)}</p>`;
}

/** Draws the texts of a vote or a decision. The text of an option or a rule does not count as written by a person. */
function drawWritten(
  { texts: hash, what, by, option }: RecordedFact,
  decision: Decision | undefined,
  texts: TextWriter,
  isReadable: boolean,
): Markup | undefined {
  if (!decision)
    return hash === undefined
      ? texts.drawAbsent('This entry has an earlier format: it has no hash of the written text.')
      : texts.drawAbsent('The written text was not found: it was taken back, deleted or changed.', hash);
  if (!isReadable) return texts.drawAbsent('You do not have access to the written text.', hash);
  const { feedback, remark, edited, values } = decision;
  const isSame = hash === undefined || hash === hashDecisionTexts(decision);
  return html`${
    !isSame &&
    html`<p class="fault">The text below is not the one that was recorded with this ${what === 'voted' ? 'vote' : 'decision'}: the record was changed.</p>`
  }${feedback === '' ? html`<p>Without a text.</p>` : texts.block(by !== undefined && option === undefined ? 'Written' : 'Text of the answer', feedback, hash)}${values !== undefined && texts.block('Entered into the fields', values)}${remark !== undefined && texts.block('Note', remark)}${edited !== undefined && texts.block('Text as edited by the person', edited)}`;
}

/** Names the last decision, as its entry describes it. */
function nameDecision(decided: string | undefined): string {
  if (decided === undefined) return 'a decision that is not in this history';
  return `the decision above (${decided}), with its texts`;
}

function drawSent(decided: string | undefined): Markup {
  return html`<p>Sent: ${nameDecision(decided)}.${decided === ACTIONS.approve && ' An approval without a text is sent with the approval text configured at that time, which is not in the history.'}</p>`;
}

/** Draws CrewAI's report. The record stores only the report on the last attempt that CrewAI accepted. */
function drawAnswer(
  entry: RecordedFact,
  { delivery }: Round,
  { entries }: ToldHistory,
  texts: TextWriter,
): Markup | undefined {
  const isAccepted = ({ what, outcome = 'accepted' }: RecordedFact) =>
    what === 'attempt_ended' && outcome === 'accepted';
  const lastAnswer = entries.findLast(({ said }) => said && isAccepted(said) && said.round === entry.round);
  return delivery?.says !== undefined && lastAnswer?.said === entry
    ? html`<p>CrewAI says: ${texts.line(delivery.says)}.</p>`
    : undefined;
}

/** Draws a call that a permission allowed, with its arguments. */
function drawCall(
  fact: RecordedFact,
  round: Round | undefined,
  { outputs, isReadable }: ToldHistory,
  texts: TextWriter,
): Markup {
  if (!isReadable) return texts.drawAbsent('You cannot read the arguments of this call.', fact.output);
  const call = round?.allowedCalls?.find(({ at }) => at === fact.at);
  const output = round && outputs.get(round.hashes[0] ?? '');
  const text = call?.text ?? (call && output ? writeArguments(output) : undefined);
  return text === undefined
    ? texts.drawAbsent('The arguments of this call are no longer kept.', fact.output)
    : texts.block('Arguments of the call', text, fact.output);
}
