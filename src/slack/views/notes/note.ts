import { classifyFailure, isWorthRetrying } from '../../../approval/lifecycle/delivery.ts';
import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import { type Approval, currentRound, findRound } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { Note } from '../../../approval/model/note.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { NoteContent } from '../../../approval/ports.ts';
import { en as texts } from '../../texts/en.ts';
import { quote, summarizeState } from '../card/state.ts';
import { buildSentence, type CardLinks, type MessageView } from '../message-view.ts';
import { buildOutputBlocks, type CardForm, describeBlank, RESULT_MAX } from '../output/output-blocks.ts';
import { describeRunStatus, prepareReason } from '../text/crewai.ts';
import { section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { mention, mentionAll, nameAgent, prepareDecision } from '../text/people.ts';
import { describeIgnored } from '../text/sentences.ts';
import { formatDate } from '../text/text.ts';

/** A note that asks people to decide. */
interface Request {
  approval: Approval;
  /** Who is asked. */
  people: string | undefined;
  /** The approval's name; undefined in the thread of its card, where it is clear what "this" is. */
  what: string | undefined;
  command: string;
}

/** A message for the thread of an approval's cards, in a plainer form if Slack rejected the full one. Pure. */
export function buildNote(
  approval: Approval,
  note: Note,
  { result, mentions = [], elsewhere }: NoteContent,
  form: CardForm,
  links: CardLinks,
): MessageView {
  const what = elsewhere === undefined ? undefined : nameApproval(approval);
  const request: Request = { approval, people: mentionAll(mentions), what, command: links.command };
  switch (note.kind) {
    case 'run_result':
      return buildResult(approval, result ?? { kind: 'text', text: '' }, form);
    case 'direct':
      return buildDirectMessage(approval, note, links);
    case 'to_requester':
      return buildRequesterMessage(approval, note, links);
    case 'mention':
      return buildRequest(
        { ...request, what: undefined },
        `:bell: ${texts.notes.mention(nameApproval(approval), request.people)}`,
      );
    case 'assigned':
      return buildRequest(request, `:point_right: ${texts.notes.assigned(what, request.people)}`);
    case 'reminder':
      return buildRequest(
        request,
        `:alarm_clock: ${texts.notes.reminder(formatWait(approval), what, request.people)}`,
      );
    case 'escalated':
      return buildRequest(
        request,
        `:rotating_light: ${texts.notes.escalated(formatWait(approval), what, request.people)}`,
      );
    case 'expired':
      return buildExpiry(request, note);
    default:
      return buildSentence(describeNote(approval, note));
  }
}

type OneSentence = Exclude<
  Note['kind'],
  'run_result' | 'direct' | 'to_requester' | 'mention' | 'assigned' | 'reminder' | 'escalated' | 'expired'
>;

function describeNote(approval: Approval, note: Extract<Note, { kind: OneSentence }>): string {
  switch (note.kind) {
    case 'not_sent':
      return texts.notes.notSent(decider(note.decision), note.why, note.by && mention(note.by));
    case 'not_taken':
      return `${texts.notes.notTaken(decider(note.decision))} ${texts.card.resolved(note.via)}`;
    case 'not_delivered':
      return describeUndelivered(note);
    case 'answered_otherwise': {
      const { decision, says } = note;
      const action = decision.action === 'approve' ? decision.action : 'request_revision';
      return `:warning: ${texts.notes.answeredOtherwise(action, escapeLine(says, 40), decider(decision))}`;
    }
    case 'task_does_not_wait':
      return texts.notes.taskDoesNotWait(decider(note.decision));
    case 'task_done':
      return texts.notes.taskDone(nameAgent(note.agent), `*${escapeLine(note.task, 150)}*`);
    case 'task_failed':
      return `:x: ${texts.notes.taskFailed(`*${escapeLine(note.task, 150)}*`, prepareReason(note.reason, 300))}`;
    case 'run_silent': {
      const { by } = prepareDecision(note.decision);
      const said = describeRunStatus(note.status, false);
      return `:warning: ${texts.notes.runSilent(formatDate(note.since), by)} ${said}`;
    }
    case 'run_failed': {
      const person = note.decision && decider(note.decision);
      const failed = `:x: ${texts.notes.runFailed(person, prepareReason(note.reason, 500))}`;
      return note.unsure ? `${failed} ${texts.notes.lastMayBeAccepted}` : failed;
    }
    case 'for_people':
      return `:speech_balloon: ${texts.notes.forPeople(mention(note.by))}\n${quote(note.text, 2_500)}`;
    case 'whole_output':
      return texts.notes.wholeOutput;
    case 'whole_changes':
      return texts.notes.wholeChanges;
    case 'file_refused':
      return note.of === 'changes' ? texts.notes.changesFileRefused : texts.notes.outputFileRefused;
    case 'tied':
      return `:scales: ${texts.notes.tied(mentionAll(note.voters), note.required)}`;
    case 'card_frozen': {
      const round = findRound(approval, note.round);
      return texts.notes.cardFrozen(note.round, round && summarizeState(approval, round));
    }
    case 'ignored':
      return describeIgnored(note.warnings);
  }
}

/** Who is told of a decision; undefined if a rule made it. */
function decider({ rule, by }: Decision): string | undefined {
  return rule ? undefined : mention(by);
}

/**
 * Task and crew. The title of a task without a name is the beginning of its output, which neither lock screens nor
 * requesters may see.
 */
function nameApproval({ titleOnly, task, crew }: Approval): string {
  return texts.card.name(titleOnly ? undefined : `*${escapeLine(task, 150)}*`, escapeLine(crew, 64));
}

function formatWait(approval: Approval): string {
  return formatDate(currentRound(approval).receivedAt);
}

/** The notification also names the crew and the task. */
function buildRequest({ approval, what, command }: Request, text: string): MessageView {
  const { crew, task, titleOnly, id } = approval;
  const all = what === undefined ? text : `${text} ${texts.notes.shownBy(`\`${command} ${id}\``)}`;
  const name = titleOnly ? undefined : escapeLine(task, 150);
  return { ...buildSentence(all), text: texts.card.notify(escapeLine(crew, 64), name, all) };
}

/** The deadline of a round passed: people can still decide, or a rule did. */
function buildExpiry(request: Request, { round, decision }: Extract<Note, { kind: 'expired' }>): MessageView {
  if (decision) {
    const { action, option } = prepareDecision(decision);
    return buildSentence(`:alarm_clock: ${texts.notes.decidedByRule(action, option)}`);
  }
  const text = `:alarm_clock: ${texts.notes.expired(request.what, request.people)}`;
  const exhausted = isExpiryRuleExhausted(request.approval, { number: round });
  return buildRequest(request, exhausted ? `${text} ${texts.card.ruleExhausted}` : text);
}

function describeUndelivered({
  decision,
  failure,
  unsure,
}: Extract<Note, { kind: 'not_delivered' }>): string {
  const person = decider(decision);
  const reason = classifyFailure(failure);
  const why = texts.crewai.failures[reason];
  const buttons = isWorthRetrying(failure) ? texts.notes.retryOrClose : texts.notes.close;
  if (unsure && reason === 'no_answer') return `${texts.notes.mayHaveArrivedUnanswered(person)} ${buttons}`;
  const rejected = failure.kind === 'refused' ? texts.notes.notAccepted : texts.notes.notArrived;
  return `${(unsure ? texts.notes.mayHaveArrived : rejected)(person)} ${why} ${buttons}`;
}

/** The result of a run. */
export function buildResult({ crew }: { crew: string }, result: Output, form: CardForm): MessageView {
  const name = escapeLine(crew, 64);
  const text = `:checkered_flag: ${texts.notes.runFinished(name)}`;
  if (describeBlank(result) || form === 'bare') return buildSentence(text);
  const title = section(`:checkered_flag: ${texts.notes.result(name)}`);
  return {
    text: texts.notes.runFinished(name),
    blocks: [title, ...buildOutputBlocks(result, form, RESULT_MAX).blocks],
  };
}

/** To one person who is not in the channel. */
function buildDirectMessage(
  approval: Approval,
  { why }: Extract<Note, { kind: 'direct' }>,
  links: CardLinks,
): MessageView {
  const open = texts.notes.howToOpen(`\`${links.command} ${approval.id}\``, linkCurrentCard(approval, links));
  return buildSentence(`:bell: ${texts.notes.toYou(why, nameApproval(approval))} ${open}`);
}

function linkCurrentCard(approval: Approval, links: CardLinks): string | undefined {
  const link = buildCardLink(approval, currentRound(approval), links);
  return link && `<${link}|${texts.actions.openCard}>`;
}

/** To the person who started the run: the state, never an output. */
function buildRequesterMessage(
  approval: Approval,
  { round: number, what }: Extract<Note, { kind: 'to_requester' }>,
  links: CardLinks,
): MessageView {
  const name = nameApproval(approval);
  const round = findRound(approval, number) ?? currentRound(approval);
  const ended = approval.runFailure ? texts.notes.yourRunFailed : texts.notes.yourRunFinished;
  const text =
    what === 'ended' ? ended(name) : texts.notes.fromYourRun(name, summarizeState(approval, round));
  const link = linkCurrentCard(approval, links);
  return buildSentence([`:information_source: ${text}`, ...(link ? [link] : [])].join(' '));
}
