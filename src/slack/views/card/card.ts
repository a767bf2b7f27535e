import type { KnownBlock } from '@slack/types';
import { UNDECIDABLE } from '../../../approval/intake/build-approval.ts';
import { runGoesSilent } from '../../../approval/lifecycle/card-key.ts';
import { type Approval, currentRound, findAgent } from '../../../approval/model/approval.ts';
import { isBlank } from '../../../approval/model/output.ts';
import type { Review } from '../../../approval/model/review.ts';
import type { Round } from '../../../approval/model/round.ts';
import { isOpen } from '../../../approval/model/round-status.ts';
import type { RunFailure } from '../../../approval/model/run/run-status.ts';
import type { CardContent } from '../../../approval/ports.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { nameApproval } from '../notes/names.ts';
import { buildOutputBlocks, type CardForm, type OutputBlocks } from '../output/output-blocks.ts';
import { actions, context, section } from '../text/elements.ts';
import { escapeLine, escapeText } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { mentionAny, nameAgent, nameDecider } from '../text/people.ts';
import { describeBlockedHost, describeIgnored, writeReason } from '../text/sentences.ts';
import { capitalize, formatDate, formatLaterRound } from '../text/text.ts';
import { buildReadingButtons, buildRoundButtons, labelOptions } from './buttons.ts';
import { hidesTitle, writeNotification } from './notification.ts';
import { describeAttention, describeDecision, describeState, quote } from './state.ts';

const ASKED_MAX = 600;
const QUESTION_MAX = 1_500;

/** The card of a round: in full while the round is open, one line after it is settled. Pure. */
export function buildCard(content: CardContent, links: CardLinks, form: CardForm): MessageView {
  return {
    text: writeNotification(content),
    blocks: isOpen(content.round) ? buildOpenCard(content, form) : buildSettledCard(content, links),
  };
}

/** The task and what a decision needs to know, then the output with the buttons right below. */
function buildOpenCard(content: CardContent, form: CardForm): MessageView['blocks'] {
  const { approval, round, output } = content;
  const shown =
    round.review && isBlank(output) ? buildNoOutput(round.review) : buildOutputBlocks(output, form);
  return [
    section(writeHeadline(content)),
    ...describeOpenRound(approval, round).map(section),
    ...buildFeedback(round),
    ...(round.review ? buildQuestion(round, round.review) : context(describeTask(round))),
    ...context(describeAnsweredRevision(approval, round)),
    ...shown.blocks,
    ...buildRoundButtons(approval, round, shown.cut),
    ...context(approval.ignored?.length ? `:warning: ${describeIgnored(approval.ignored)}` : undefined),
    ...context(round.status === 'waiting' && round.unnotified ? UNNOTIFIED : undefined),
    ...context(writeFooter(approval)),
  ];
}

/** A Flow can ask without an output. */
function buildNoOutput({ stateHash }: Review): OutputBlocks {
  const line = stateHash === undefined ? undefined : '*Details* in the menu shows the state of the Flow.';
  return { blocks: context(line), cut: false };
}

/** The state of an open round, and what a decision needs to know. */
export function describeOpenRound(approval: Approval, round: Round): string[] {
  const silent = round.status === 'waiting' && runGoesSilent(approval, round);
  return [
    describeState(round, undefined),
    approval.runFailure ? describeRunFailure(approval.runFailure) : undefined,
    silent ? ':warning: CrewAI will not report back on this run: no task webhook URL is known.' : undefined,
    round.status === 'waiting' ? describeTooFew(approval) : undefined,
    ...describeAttention(approval, round),
  ].filter((line) => line !== undefined);
}

/** Who decided what and when. A button shows the output. */
function buildSettledCard(content: CardContent, links: CardLinks): MessageView['blocks'] {
  const { approval, round } = content;
  const current = currentRound(approval);
  const newer = current.number > round.number ? buildCardLink(approval, current, links) : undefined;
  const title = escapeLine(approval.task, 150);
  const untitled = hidesTitle(content);
  const name = `*${untitled ? capitalize(nameApproval(approval)) : title}*${formatLaterRound(round.number)}`;
  const failure =
    approval.runFailure && current.number === round.number ? describeRunFailure(approval.runFailure) : '';
  return [
    section([`${name}\n${describeState(round, newer) ?? ''}`, failure].filter(Boolean).join('\n')),
    ...context(untitled ? title : undefined),
    ...buildFeedback(round),
    ...actions(buildReadingButtons(approval, round, true)),
    ...context(writeFooter(approval)),
  ];
}

function buildFeedback({ decision }: Round): KnownBlock[] {
  // The state names an option.
  const isShown = decision?.feedback === '' || decision?.option !== undefined;
  return decision && !isShown ? [section(quote(decision.feedback, 1_000))] : [];
}

function describeRunFailure({ reason }: RunFailure): string {
  return `:x: The run failed${writeReason(reason, 300)}.`;
}

/** Mentions come with task and crew, since desktop notifications show the beginning of the blocks. */
function writeHeadline(content: CardContent): string {
  const { approval, round } = content;
  const again = round.number > 1 ? ` (round ${round.number}${round.unchanged ? ', unchanged' : ''})` : '';
  const what = escapeLine(approval.task, 150);
  const { mentioned = [] } = round;
  const asks = mentioned.length > 0 && round.status === 'waiting';
  const to = asks ? `${mentioned.map(mentionAny).join(' ')}: ` : '';
  if (approval.titleOnly) {
    const untitled = hidesTitle(content);
    if (!untitled && !asks) return `*${what}*${again}`;
    const waits = round.status === 'waiting' ? ` is waiting for ${asks ? 'your' : 'a'} decision` : '';
    const sentence = `${nameApproval(approval)}${waits}${untitled ? '' : `: *${what}*`}${again}`;
    return asks ? to + sentence : capitalize(sentence);
  }
  const finished = round.review
    ? `The Flow asks: *${what}*${again}`
    : `${nameAgent(findAgent(approval, round))} finished *${what}*${again}`;
  return asks ? `${to}${nameApproval(approval)} is waiting for your decision.\n${finished}` : finished;
}

const UNNOTIFIED =
  ':no_bell: Nobody was notified of this card. Ask the person who runs this bot to set NOTIFY.';

function describeTooFew({ tooFew }: Approval): string | undefined {
  if (!tooFew) return undefined;
  const { able, required, why } = tooFew;
  if (why === 'unnamed') return `:warning: ${capitalize(UNDECIDABLE)}.`;
  const left =
    able === 0
      ? 'Nobody is left who can decide this.'
      : `${required} people have to approve this, and only ${able} can.`;
  return `:warning: ${left} Ask the person who runs this bot to change the approvers, or close this without a decision.`;
}

function describeTask(round: Round): string | undefined {
  const text = round.expectedOutput ?? round.description;
  return text && `Asked for: ${escapeText(text, ASKED_MAX)}`;
}

/** What a Flow asks, its options where a button cannot hold them, and what happens without an answer. */
function buildQuestion({ description, assignee }: Round, review: Review): KnownBlock[] {
  const { options, dueAt, assigneeEmail, callbackUrl } = review;
  const defaultOutcome = review.outcomesOnly ? undefined : review.defaultOutcome;
  const unknownAssignee = assignee === undefined ? assigneeEmail : undefined;
  const cut = labelOptions(options).some((label, index) => label !== options[index]);
  const listed = options.map((option, index) => `${index + 1}. ${escapeLine(option, 250)}`).slice(0, 10);
  const facts = [
    dueAt === undefined ? undefined : `Answer by ${formatDate(dueAt)}`,
    defaultOutcome === undefined ? undefined : `Without an answer: ${escapeLine(defaultOutcome, 75)}`,
    unknownAssignee === undefined ? undefined : `CrewAI assigned it to ${escapeLine(unknownAssignee, 100)}`,
  ].filter((fact) => fact !== undefined);
  return [
    ...(description ? [section(escapeText(description, QUESTION_MAX))] : []),
    ...(callbackUrl !== undefined && cut && options.length <= 10 ? [section(listed.join('\n'))] : []),
    ...(callbackUrl === undefined ? [section(`:lock: ${describeBlockedHost(review.blockedHost)}`)] : []),
    ...context(facts.length > 0 ? facts.join(' · ') : undefined),
  ];
}

function describeAnsweredRevision(approval: Approval, round: Round): string | undefined {
  const before = approval.rounds.find((other) => other.number === round.number - 1);
  if (!before?.decision || !['revision_requested', 'answered'].includes(before.status)) return undefined;
  if (before.status === 'answered') {
    const { decision } = before;
    return decision.option === undefined
      ? `After the answer of ${nameDecider(decision)}:\n${quote(decision.feedback, 600)}`
      : `After ${describeDecision(decision)}.`;
  }
  const answers = round.chained ? 'Probably the answer to the request of' : 'Answers the request of';
  const doubt = round.chainDoubted
    ? '\n:warning: CrewAI later named another task for this output, so it may not be that answer.'
    : '';
  return `${answers} ${nameDecider(before.decision)}:${doubt}\n${quote(before.decision.feedback, 600)}`;
}

/** CrewAI's IDs are in *Approval details*. */
function writeFooter(approval: Approval): string {
  return `Crew ${escapeLine(approval.crew, 64)} · approval ${approval.id}`;
}
