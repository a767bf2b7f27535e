import type { MessageMetadata } from '@slack/types';
import { UNDECIDABLE } from '../../../approval/intake/build-approval.ts';
import { runGoesSilent } from '../../../approval/lifecycle/card-key.ts';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { RunFailure } from '../../../approval/model/run/run-status.ts';
import type { CardContent } from '../../../approval/ports.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildOutputBlocks, type CardForm } from '../output/output-blocks.ts';
import { actions, context, section } from '../text/elements.ts';
import { escapeLine, escapeText } from '../text/escape.ts';
import { buildCardLink } from '../text/links.ts';
import { mentionAny, nameDecider } from '../text/people.ts';
import { capitalize } from '../text/text.ts';
import { buildReadingButtons, buildRoundButtons } from './buttons.ts';
import { writeNotification } from './notification.ts';
import { describeAttention, describeState, quote } from './state.ts';

const ASKED_MAX = 600;

/** The card of a round: in full while it is open, one line once it is settled. Pure. */
export function buildCard(content: CardContent, links: CardLinks, form: CardForm): MessageView {
  return {
    text: writeNotification(content),
    blocks: isOpen(content.round) ? buildOpenCard(content, form) : buildSettledCard(content, links),
    metadata: buildMetadata(content),
  };
}

/** https://docs.slack.dev/messaging/message-metadata */
function buildMetadata({ approval, round }: CardContent): MessageMetadata {
  const { id, crew, executionId } = approval;
  return {
    event_type: 'crew_approval',
    event_payload: { approval: id, crew, execution_id: executionId, round: round.number },
  };
}

function isOpen({ status }: Round): boolean {
  return ['waiting', 'sending', 'refused', 'undelivered'].includes(status);
}

/** What is asked and what is to be known for it, then the output, and the buttons right below it. */
function buildOpenCard({ approval, round, output }: CardContent, form: CardForm): MessageView['blocks'] {
  const shown = buildOutputBlocks(output, form);
  return [
    section(writeHeadline(approval, round)),
    ...describeOpenRound(approval, round).map(section),
    ...(round.decision && round.decision.feedback !== ''
      ? [section(quote(round.decision.feedback, 1_000))]
      : []),
    ...context(describeTask(round)),
    ...context(describeAnsweredRevision(approval, round)),
    ...shown.blocks,
    ...buildRoundButtons(approval, round, shown.cut),
    ...context(describeIgnored(approval)),
    ...context(round.status === 'waiting' && round.unnotified ? UNNOTIFIED : undefined),
    ...context(writeFooter(approval)),
  ];
}

/** What has become of an open round, and what has to be known of it. */
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

/** Who, what and when; the output is one click away. */
function buildSettledCard({ approval, round }: CardContent, links: CardLinks): MessageView['blocks'] {
  const current = currentRound(approval);
  const newer = current.number > round.number ? buildCardLink(approval, current, links) : undefined;
  const name = `*${escapeLine(approval.task, 150)}*${round.number > 1 ? ` (round ${round.number})` : ''}`;
  const { decision } = round;
  const failure =
    approval.runFailure && current.number === round.number ? describeRunFailure(approval.runFailure) : '';
  return [
    section([`${name}\n${describeState(round, newer) ?? ''}`, failure].filter(Boolean).join('\n')),
    ...(decision && decision.feedback !== '' ? [section(quote(decision.feedback, 1_000))] : []),
    ...actions(buildReadingButtons(approval, round, true)),
    ...context(writeFooter(approval)),
  ];
}

function describeRunFailure({ reason }: RunFailure): string {
  return `:x: The run failed${reason === undefined ? '' : `: ${escapeLine(reason, 300)}`}.`;
}

/** Desktop notifications show the beginning of the blocks: the mention names task and crew. */
function writeHeadline(approval: Approval, round: Round): string {
  const who = round.agent ? `*${escapeLine(round.agent, 100)}*` : 'The crew';
  const again = round.number > 1 ? ` (round ${round.number}${round.unchanged ? ', unchanged' : ''})` : '';
  const what = escapeLine(approval.task, 150);
  const said = approval.titleOnly ? `*${what}*${again}` : `${who} finished *${what}*${again}`;
  const { mentioned = [] } = round;
  if (mentioned.length === 0 || round.status !== 'waiting') return said;
  const of = escapeLine(approval.crew, 64);
  const waits = approval.titleOnly
    ? `an output of ${of} is waiting for your decision: *${what}*`
    : `*${what}* of ${of} is waiting for your decision.`;
  return `${mentioned.map(mentionAny).join(' ')}: ${waits}${approval.titleOnly ? again : `\n${said}`}`;
}

const UNNOTIFIED = ':no_bell: Nobody was notified of this card. Ask whoever runs this bot to set NOTIFY.';

/** What the run asked for and does not get. */
function describeIgnored({ ignored: warnings = [] }: Approval): string | undefined {
  if (warnings.length === 0) return undefined;
  return `:warning: Ignored from the run's settings: ${warnings.map((text) => escapeLine(text, 300)).join('; ')}.`;
}

function describeTooFew({ tooFew }: Approval): string | undefined {
  if (!tooFew) return undefined;
  const { able, required, why } = tooFew;
  if (why === 'unnamed') return `:warning: ${capitalize(UNDECIDABLE)}.`;
  const left =
    able === 0
      ? 'Nobody is left who can decide this.'
      : `${required} people have to approve this, and only ${able} can.`;
  return `:warning: ${left} Ask whoever runs this bot to change the approvers, or close it.`;
}

function describeTask(round: Round): string | undefined {
  const text = round.expectedOutput ?? round.description;
  return text && `Asked for: ${escapeText(text, ASKED_MAX)}`;
}

function describeAnsweredRevision(approval: Approval, round: Round): string | undefined {
  const before = approval.rounds.find((other) => other.number === round.number - 1);
  if (before?.status !== 'revision_requested' || !before.decision) return undefined;
  const answers = round.chained ? 'Probably the answer to the request of' : 'Answers the request of';
  const doubt = round.chainDoubted
    ? '\n:warning: CrewAI has named another task for this output since: it may not be that answer.'
    : '';
  return `${answers} ${nameDecider(before.decision)}:${doubt}\n${quote(before.decision.feedback, 600)}`;
}

/** Ids of CrewAI are in *Approval details*. */
function writeFooter(approval: Approval): string {
  return `Crew ${escapeLine(approval.crew, 64)} · approval ${approval.id}`;
}
