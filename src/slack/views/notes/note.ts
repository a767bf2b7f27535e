import { classifyFailure, isWorthRetrying } from '../../../approval/lifecycle/delivery.ts';
import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import { type Approval, currentRound, findRound, isTitleOnly } from '../../../approval/model/approval.ts';
import type { Note } from '../../../approval/model/note.ts';
import type { Output } from '../../../approval/model/output.ts';
import { type Decision, findOptionNumber } from '../../../approval/model/round.ts';
import type { NoteContent } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import { quote, summarizeState } from '../card/state.ts';
import { buildSentence, type CardLinks, type MessageView } from '../message-view.ts';
import {
  buildOutputBlocks,
  type CardForm,
  describeEmptyOutput,
  RESULT_MAX,
} from '../output/output-blocks.ts';
import { describeRunStatus, prepareReason } from '../text/crewai.ts';
import { formatDate, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { buildDecisionWords, mention, mentionAll, nameAgent, writeTask } from '../text/names.ts';

/**
 * Builds the message of a note: most go to the thread of the approval's cards, some to one person. `form`: a plainer one if
 * Slack rejected the full message. Pure.
 */
export function buildNote(
  texts: Texts,
  approval: Approval,
  note: Note,
  { result, mentions = [], elsewhere }: NoteContent,
  form: CardForm,
  links: CardLinks,
): MessageView {
  const { notes } = texts;
  const people = mentionAll(mentions);
  // Outside the thread of the card, the message must name the approval.
  const [isNamed, howToShow] =
    elsewhere === undefined ? [false] : [true, notes.shownBy(`\`${links.command} ${approval.id}\``)];
  switch (note.kind) {
    case 'run_result':
      return buildResult(texts, approval, result ?? { kind: 'text', text: '' }, form);
    case 'direct':
      return buildSentence(
        `${writeRequestToDecide(texts, approval, note.why, { isNamed: true })} ${describeHowToOpen(texts, approval, links)}`,
      );
    case 'to_requester':
      return buildRequesterMessage(texts, approval, note, links);
    case 'mention':
      return buildRequestToDecide(texts, approval, [
        writeRequestToDecide(texts, approval, 'waiting', { people, isNamed: true }),
      ]);
    case 'assigned':
    case 'reminder':
    case 'escalated':
      return buildRequestToDecide(texts, approval, [
        writeRequestToDecide(texts, approval, note.kind, { people, isNamed }),
        howToShow,
      ]);
    case 'expired': {
      if (note.decision) {
        const round = findRound(approval, note.round);
        const number = round && findOptionNumber(round, note.decision);
        const isTool = round?.question?.tool === true;
        const { action, option } = buildDecisionWords(texts, note.decision, { isTool, number });
        return buildSentence(`:alarm_clock: ${notes.decidedByRule(action, option)}`);
      }
      const isExhausted = isExpiryRuleExhausted(approval, { number: note.round });
      return buildRequestToDecide(texts, approval, [
        writeRequestToDecide(texts, approval, note.kind, { people, isNamed }),
        isExhausted ? texts.state.ruleExhausted : undefined,
        howToShow,
      ]);
    }
    case 'not_sent':
      return buildSentence(
        notes.notSent(mentionDecider(note.decision), note.why, {
          by: note.by && mention(note.by),
          mayBeRead: note.unsure && currentRound(approval).question !== undefined,
        }),
      );
    case 'hidden_fields':
      return buildSentence(texts.refusals.hiddenFields);
    case 'not_taken':
      return buildSentence(
        `${notes.notTaken(mentionDecider(note.decision))} ${texts.state.resolved(note.via)}`,
      );
    case 'not_delivered':
      return buildSentence(describeUndelivered(texts, note));
    case 'answered_otherwise': {
      const { decision, says } = note;
      const action = decision.action === 'approve' ? decision.action : 'request_revision';
      return buildSentence(
        `:warning: ${notes.answeredOtherwise(action, escapeLine(says, 40), mentionDecider(decision))}`,
      );
    }
    case 'task_does_not_wait':
      return buildSentence(notes.taskDoesNotWait(mentionDecider(note.decision)));
    case 'task_done':
      return buildSentence(notes.taskDone(nameAgent(note.agent), `*${writeTask(texts, note.task, 150)}*`));
    case 'task_failed':
      return buildSentence(
        `:x: ${notes.taskFailed(`*${writeTask(texts, note.task, 150)}*`, prepareReason(texts, note.reason, 300))}`,
      );
    case 'run_silent': {
      const { by } = buildDecisionWords(texts, note.decision, { isTool: false });
      const statusSentence = describeRunStatus(texts, note.status, false);
      return buildSentence(
        `:warning: ${notes.runSilent(formatDate(texts, note.since), by)} ${statusSentence}`,
      );
    }
    case 'run_failed': {
      const person = note.decision && mentionDecider(note.decision);
      const failureSentence = `:x: ${notes.runFailed(person, prepareReason(texts, note.reason, 500))}`;
      return buildSentence(note.unsure ? `${failureSentence} ${notes.lastMayBeAccepted}` : failureSentence);
    }
    case 'for_people':
      return buildSentence(
        `:speech_balloon: ${notes.forPeople(mention(note.by))}\n${quote(note.text, 2_500)}`,
      );
    case 'whole_output':
      return buildSentence(notes.wholeOutput);
    case 'file_refused':
      return buildSentence(notes.outputFileRefused);
    case 'tied':
      return buildSentence(`:scales: ${notes.tied(mentionAll(note.voters), note.required)}`);
    case 'claimed':
      return buildSentence(`:eyes: ${texts.state.claimed(mention(note.by))}`);
    case 'card_frozen': {
      const round = findRound(approval, note.round);
      return buildSentence(notes.cardFrozen(note.round, round && summarizeState(texts, approval, round)));
    }
    case 'ignored':
      return buildSentence(texts.card.ignored(note.warnings));
  }
}

const REQUEST_ICONS = {
  waiting: ':bell:',
  assigned: ':point_right:',
  reminder: ':alarm_clock:',
  escalated: ':rotating_light:',
  expired: ':alarm_clock:',
} as const;

/** Writes the sentence that asks people to decide. `isNamed`: names the approval, for readers outside the card's thread. */
function writeRequestToDecide(
  texts: Texts,
  approval: Approval,
  why: keyof typeof REQUEST_ICONS,
  { people, isNamed }: { people?: string | undefined; isNamed: boolean },
): string {
  const since = formatDate(texts, currentRound(approval).receivedAt);
  const { task, crew } = writeNames(texts, approval);
  const names = isNamed ? { what: texts.card.name(task, crew), subject: texts.card.subject(task, crew) } : {};
  return `${REQUEST_ICONS[why]} ${texts.notes.asks[why]({ people, ...names, since })}`;
}

/** Builds a message that asks people to decide. Its notification also names the crew and the task. */
function buildRequestToDecide(
  texts: Texts,
  approval: Approval,
  sentences: readonly (string | undefined)[],
): MessageView {
  const text = sentences.filter(Boolean).join(' ');
  const { crew, task } = approval;
  const name = isTitleOnly(approval) ? undefined : writeTask(texts, task, 150);
  return { ...buildSentence(text), text: texts.card.notify(escapeLine(crew, 64), name, text) };
}

/** Mentions the person who decided; undefined: a rule decided. */
function mentionDecider({ rule, by }: Decision): string | undefined {
  return rule ? undefined : mention(by);
}

/**
 * Writes the names of the crew and the task. Omits a task name that is only a title from the output: it must not appear on lock
 * screens or in messages to requesters.
 */
function writeNames(texts: Texts, approval: Approval): { crew: string; task: string | undefined } {
  const task = isTitleOnly(approval) ? undefined : `*${writeTask(texts, approval.task, 150)}*`;
  return { crew: escapeLine(approval.crew, 64), task };
}

function nameApproval(texts: Texts, approval: Approval): string {
  const { crew, task } = writeNames(texts, approval);
  return texts.card.name(task, crew);
}

function describeUndelivered(
  texts: Texts,
  { decision, failure, unsure }: Extract<Note, { kind: 'not_delivered' }>,
): string {
  const person = mentionDecider(decision);
  const reason = classifyFailure(failure);
  const cause = texts.crewai.failures[reason];
  const buttonHint = isWorthRetrying(failure) ? texts.notes.retryOrClose : texts.notes.close;
  if (unsure && reason === 'no_answer')
    return `${texts.notes.mayHaveArrivedUnanswered(person)} ${buttonHint}`;
  const writeProblem = failure.kind === 'refused' ? texts.notes.notAccepted : texts.notes.notArrived;
  return `${(unsure ? texts.notes.mayHaveArrived : writeProblem)(person)} ${cause} ${buttonHint}`;
}

/** Builds the message with the result of a run. */
export function buildResult(
  texts: Texts,
  { crew }: { crew: string },
  result: Output,
  form: CardForm,
): MessageView {
  const name = escapeLine(crew, 64);
  const text = `:checkered_flag: ${texts.notes.runFinished(name)}`;
  if (describeEmptyOutput(texts, result) || form === 'bare') return buildSentence(text);
  const title = section(`:checkered_flag: ${texts.notes.result(name)}`);
  return {
    text: texts.notes.runFinished(name),
    blocks: [title, ...buildOutputBlocks(texts, result, form, { max: RESULT_MAX }).blocks],
  };
}

/** Tells one person outside the thread how to open the approval: by command or by link. */
function describeHowToOpen(texts: Texts, approval: Approval, links: CardLinks): string {
  return texts.notes.howToOpen(
    `\`${links.command} ${approval.id}\``,
    linkCurrentCard(texts, approval, links),
  );
}

function linkCurrentCard(texts: Texts, approval: Approval, links: CardLinks): string | undefined {
  const link = buildCardLink(approval, currentRound(approval), links);
  return link && `<${link}|${texts.actions.openCard}>`;
}

/** Builds the message to the person who started the run: the state, never an output. */
function buildRequesterMessage(
  texts: Texts,
  approval: Approval,
  { round: number, what }: Extract<Note, { kind: 'to_requester' }>,
  links: CardLinks,
): MessageView {
  const { crew, task } = writeNames(texts, approval);
  const round = findRound(approval, number) ?? currentRound(approval);
  const writeRunEnd = approval.runFailure ? texts.notes.yourRunFailed : texts.notes.yourRunFinished;
  const text =
    what === 'ended'
      ? writeRunEnd(crew, task)
      : texts.notes.decidedInYourRun(nameApproval(texts, approval), summarizeState(texts, approval, round));
  const link = linkCurrentCard(texts, approval, links);
  return buildSentence([`:information_source: ${text}`, ...(link ? [link] : [])].join(' '));
}
