import { isExpiryRuleExhausted } from '../../../approval/lifecycle/timers.ts';
import { type Approval, currentRound, findRound } from '../../../approval/model/approval.ts';
import type { Decision } from '../../../approval/model/decision.ts';
import type { Note } from '../../../approval/model/note.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { NoteContent } from '../../../approval/ports.ts';
import { quote, summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildOutputBlocks, type CardForm, describeBlank, RESULT_MAX } from '../output/output-blocks.ts';
import { canRetryHelp, describeFailure, describeRunStatus } from '../text/crewai.ts';
import { section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { mention, mentionAny, nameDecider } from '../text/people.ts';
import { EXPIRY_RULE_EXHAUSTED } from '../text/sentences.ts';
import { formatDate } from '../text/text.ts';

/** A message for the thread of an approval's cards, in a plainer form when Slack refused it. Pure. */
export function buildNote(
  approval: Approval,
  note: Note,
  { result, mentions: calls = [], elsewhere }: NoteContent,
  form: CardForm,
  links: CardLinks,
): MessageView {
  const name = nameApproval(approval);
  /** In the thread it is clear what is meant. */
  const what = elsewhere === undefined ? 'this' : name;
  /** At the beginning of the sentence, after those whom it mentions. */
  const subject = elsewhere === undefined && calls.length === 0 ? 'This' : what;
  const where = elsewhere === undefined ? '' : `: \`${links.command} ${approval.id}\` shows it`;
  /** The notification says of what, too. */
  const calling = (text: string) => ({ ...sentence(text), text: `${nameInNotification(approval)}. ${text}` });
  switch (note.kind) {
    case 'run_result':
      return buildResult(approval, result ?? { kind: 'text', text: '' }, form);
    case 'not_sent': {
      const why = {
        superseded: 'a newer output came first',
        run_ended: 'the run ended first',
        given_up: `${note.by ? mention(note.by) : 'someone'} gave up on this first`,
      }[note.why];
      return sentence(`${addressDecider(note.decision)} was not sent to CrewAI: ${why}.`);
    }
    case 'not_taken':
      return sentence(
        `${note.decision.rule ? '' : `${mention(note.decision.by)}, `}CrewAI did not take ${note.decision.rule ? "the rule's" : 'your'} decision: it was not waiting for it any more, so this was resolved elsewhere.`,
      );
    case 'not_delivered': {
      const rejected = note.failure.kind === 'refused' ? 'was not accepted' : 'did not reach CrewAI';
      const what = note.unsure ? 'may have reached CrewAI, but no answer came' : rejected;
      const buttons = canRetryHelp(note.failure) ? '*Retry* and *Give up*' : '*Give up*';
      return sentence(
        `${addressDecider(note.decision)} ${what}: ${describeFailure(note.failure)}. The card above has ${buttons}.`,
      );
    }
    case 'task_done': {
      const who = note.agent ? `*${escapeLine(note.agent, 100)}*` : 'The crew';
      return sentence(`${who} finished *${escapeLine(note.task, 150)}*, which needs no approval.`);
    }
    case 'for_people':
      return sentence(
        `:speech_balloon: ${mention(note.by)} notes, for people only:\n${quote(note.text, 2_500)}`,
      );
    case 'assigned':
      return calling(`:point_right: ${mentionAll(calls)}you were asked to decide on ${what}${where}.`);
    case 'reminder':
      return calling(
        `:alarm_clock: ${mentionAll(calls)}${subject} is still waiting for a decision, since ${formatDate(currentRound(approval).receivedAt)}${where}.`,
      );
    case 'escalated':
      return calling(
        `:rotating_light: ${mentionAll(calls)}${subject} has been waiting for a decision since ${formatDate(currentRound(approval).receivedAt)}; you may decide on it now${where}.`,
      );
    case 'expired': {
      if (!note.decision) {
        const spent = isExpiryRuleExhausted(approval, { number: note.round })
          ? ` ${EXPIRY_RULE_EXHAUSTED}`
          : '';
        return calling(
          `:alarm_clock: ${mentionAll(calls)}${subject} has passed its deadline; you can still decide${where}.${spent}`,
        );
      }
      const did = note.decision.action === 'approve' ? 'Approved' : 'Revision requested';
      return sentence(`:alarm_clock: ${did} automatically: nobody decided before the deadline.`);
    }
    case 'whole_output':
      return sentence('The whole output is in the file.');
    case 'whole_changes':
      return sentence('All that changed is in the file.');
    case 'file_refused':
      return sentence(
        note.of === 'changes'
          ? 'Slack took no file of all that changed here; *What changed* shows it.'
          : 'Slack took no file of the whole output here; *Read in full* shows it.',
      );
    case 'run_silent':
      return sentence(
        `:warning: Nothing was heard of this run since the decision of ${nameDecider(note.decision)} was sent to CrewAI (${formatDate(note.since)}). ${describeRunStatus(note.status)}`,
      );
    case 'run_failed': {
      const why = note.reason === undefined ? '' : `: ${escapeLine(note.reason, 500)}`;
      const decision = note.decision && !note.decision.rule ? `${mention(note.decision.by)}, the` : 'The';
      const taken = note.unsure ? ' CrewAI may have taken the last decision before.' : '';
      return sentence(`:x: ${decision} run failed${why}.${taken}`);
    }
    case 'answered_otherwise': {
      const did = note.decision.action === 'approve' ? 'approval' : 'request for a revision';
      const meaning =
        note.says === 'retrying' ? 'it does the task again' : `the run is ${escapeLine(note.says, 40)}`;
      return sentence(
        `:warning: ${note.decision.rule ? '' : `${mention(note.decision.by)}, `}CrewAI accepted the ${did} and says that ${meaning}.`,
      );
    }
    case 'task_failed':
      return sentence(
        `:x: The task *${escapeLine(note.task, 150)}* failed${note.reason === undefined ? '' : `: ${escapeLine(note.reason, 300)}`}.`,
      );
    case 'card_frozen': {
      const round = findRound(approval, note.round);
      const now = round ? summarizeState(approval, round) : 'changed';
      return sentence(
        `The card of round ${note.round} can no longer be updated in Slack. It is now: ${now}.`,
      );
    }
    case 'task_does_not_wait':
      return sentence(
        `${addressDecider(note.decision)} had no effect: this task does not wait for one. CrewAI announces the pauses of this crew separately.`,
      );
    case 'mention':
      return calling(`:bell: ${mentionAll(calls)}${name} is waiting for your decision.`);
    case 'direct':
      return buildDirectMessage(approval, note, links);
    case 'to_requester':
      return buildRequesterMessage(approval, note, links);
    case 'ignored':
      return sentence(
        `Ignored from the run's settings: ${note.warnings.map((text) => escapeLine(text, 300)).join('; ')}.`,
      );
  }
}

function buildResult(approval: Approval, result: Output, form: CardForm): MessageView {
  const text = `The run of ${escapeLine(approval.crew, 64)} has finished`;
  const blank = describeBlank(result);
  if (blank || form === 'bare') return sentence(`:checkered_flag: ${text}.`);
  const title = section(`:checkered_flag: ${text}. Its result:`);
  return { text, blocks: [title, ...buildOutputBlocks(result, form, RESULT_MAX).blocks] };
}

/** To one person, who is not in the channel. */
function buildDirectMessage(
  approval: Approval,
  { why }: Note & { kind: 'direct' },
  links: CardLinks,
): MessageView {
  const what = nameApproval(approval);
  const subject = capitalized(what);
  const said = {
    waiting: `${subject} is waiting for your decision.`,
    reminder: `${subject} is still waiting for your decision.`,
    escalated: `${subject} has been waiting for a long time; you may decide now.`,
    assigned: `You were asked to decide on ${what}.`,
    expired: `The deadline of ${what} has passed; you can still decide.`,
  }[why];
  return sentence(`:bell: ${said} ${describeHowToOpen(approval, links)}`);
}

/** To whoever started the run: the state, and never an output. */
function buildRequesterMessage(
  approval: Approval,
  { round: number, what }: Note & { kind: 'to_requester' },
  links: CardLinks,
): MessageView {
  const task = nameApproval(approval);
  const round = findRound(approval, number) ?? currentRound(approval);
  const ended = approval.runFailure ? 'has failed' : 'has finished';
  const said =
    what === 'ended'
      ? `Your run with ${task} ${ended}.`
      : `${capitalized(task)}, from your run: ${summarizeState(approval, round)}.`;
  const link = buildCardLink(approval, currentRound(approval), links);
  return sentence(`:information_source: ${said}${link ? ` <${link}|Open the card>` : ''}`);
}

/** The title of a task without a name is the beginning of its output: neither lock screens nor requesters see it. */
function nameApproval(approval: Approval): string {
  const crew = escapeLine(approval.crew, 64);
  return approval.titleOnly ? `an output of ${crew}` : `*${escapeLine(approval.task, 150)}* of ${crew}`;
}

/** The same, at the beginning of a notification. */
function nameInNotification(approval: Approval): string {
  const task = approval.titleOnly ? 'an output' : escapeLine(approval.task, 150);
  return `${escapeLine(approval.crew, 64)}: ${task}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describeHowToOpen(approval: Approval, links: CardLinks): string {
  const link = buildCardLink(approval, currentRound(approval), links);
  const command = `\`${links.command} ${approval.id}\` shows it here`;
  return link ? `<${link}|Open the card>; ${command}.` : `${command}.`;
}

function sentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}

function addressDecider(decision: Decision): string {
  return decision.rule
    ? 'The decision of the rule for expired approvals'
    : `${mention(decision.by)}, your decision`;
}

function mentionAll(ids: readonly string[]): string {
  return ids.length === 0 ? '' : `${ids.map(mentionAny).join(' ')}, `;
}
