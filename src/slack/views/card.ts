import type { Block, KnownBlock } from '@slack/types';
import { type Approval, currentRound, type Round } from '../../approval/approval.ts';
import { runGoesSilent } from '../../approval/card-view.ts';
import type { CardContent } from '../../approval/ports.ts';
import { ACTIONS } from '../ids.ts';
import { writeTarget } from '../target.ts';
import { blankWords, missingWords, outputMarkdown, outputPlain } from './output.ts';
import { quoted, stateLines } from './state.ts';
import { escaped, escapedLine, mention } from './text.ts';
import { urlsSent } from './urls.ts';

export interface MessageView {
  /** The notification, and what a screen reader says. */
  text: string;
  blocks: (KnownBlock | Block)[];
}

/** How much a card shows: Slack refuses some outputs at any length that it allows (SLACK.md), so each form is plainer. */
export const CARD_FORMS = ['full', 'plain', 'bare'] as const;
export type CardForm = (typeof CARD_FORMS)[number];

// All blocks of a message together: https://docs.slack.dev/reference/block-kit and a measured 11,300 characters.
const OUTPUT_MAX = 6_500;
const PLAIN_MAX = { plain: 2_500, bare: 200 } as const;
const ASKED_MAX = 600;

export interface CardLinks {
  /** To a message of ours. */
  message: (card: { channel: string; ts: string }) => string | undefined;
}

/** The card of a round. Pure. */
export function cardView(
  { approval, round, output }: CardContent,
  links: CardLinks,
  form: CardForm,
): MessageView {
  const current = currentRound(approval);
  const newer = current.number > round.number && current.card ? links.message(current.card) : undefined;
  const state = stateLines(round, newer);
  return {
    text: notification(approval, round),
    blocks: [
      section(headline(approval, round)),
      ...context(asked(round)),
      ...context(revisionAnswered(approval, round)),
      ...outputBlocks(output, form),
      ...state.map(section),
      ...(round.decision?.action === 'request_revision'
        ? [section(quoted(round.decision.feedback, 1_000))]
        : []),
      ...buttons(approval, round),
      ...context(urlLine(approval, round)),
      ...context(smallPrint(approval, round)),
    ],
  };
}

function headline(approval: Approval, round: Round): string {
  const who = round.agent ? `*${escapedLine(round.agent, 100)}*` : 'The crew';
  const again = round.number > 1 ? ` (round ${round.number}${round.unchanged ? ', unchanged' : ''})` : '';
  return `${who} finished *${escapedLine(approval.task, 150)}*${again}`;
}

function notification(approval: Approval, round: Round): string {
  const task = escapedLine(approval.task, 100);
  const crew = escapedLine(approval.crew, 64);
  const { decision } = round;
  if (round.status === 'waiting') return `${crew}: ${task} waits for a decision`;
  return decision
    ? `${crew}: ${task}, decided by ${mention(decision.by)}`
    : `${crew}: ${task}, nothing to decide any more`;
}

function asked(round: Round): string | undefined {
  const text = round.expectedOutput ?? round.description;
  return text && `Asked for: ${escaped(text, ASKED_MAX)}`;
}

function revisionAnswered(approval: Approval, round: Round): string | undefined {
  const before = approval.rounds.find((other) => other.number === round.number - 1);
  if (before?.status !== 'revision_requested' || !before.decision) return undefined;
  return `Answers the request of ${mention(before.decision.by)}:\n${quoted(before.decision.feedback, 600)}`;
}

export function outputBlocks(output: CardContent['output'], form: CardForm): KnownBlock[] {
  const blank = blankWords(output);
  if (blank) return [section(blank)];
  const { shown, missing } =
    form === 'full' ? outputMarkdown(output, OUTPUT_MAX) : outputPlain(output, PLAIN_MAX[form]);
  const block: KnownBlock =
    form === 'full'
      ? { type: 'markdown', text: shown }
      : { type: 'section', text: { type: 'plain_text', text: shown, emoji: false } };
  return [block, ...context(missingWords(missing))];
}

/** The buttons of a round, whatever shows it: none where nothing is to be decided. */
export function buttons(approval: Approval, round: Round): KnownBlock[] {
  if (round.number !== currentRound(approval).number) return [];
  const value = writeTarget(approval.id, round.number);
  const button = (action: string, label: string, style?: 'primary') => ({
    type: 'button' as const,
    action_id: action,
    text: { type: 'plain_text' as const, text: label, emoji: false },
    value,
    ...(style ? { style } : {}),
  });
  if (round.status === 'waiting') {
    const elements = [
      button(ACTIONS.approve, 'Approve', 'primary'),
      button(ACTIONS.requestRevision, 'Request revision'),
    ];
    return [{ type: 'actions', elements }];
  }
  if (round.status === 'refused' || round.status === 'undelivered') {
    return [
      {
        type: 'actions',
        elements: [button(ACTIONS.retry, 'Retry', 'primary'), button(ACTIONS.giveUp, 'Give up')],
      },
    ];
  }
  return [];
}

/** Where CrewAI will be told to report after the decision, as it will be sent; a run that would go silent says so. */
function urlLine(approval: Approval, round: Round): string | undefined {
  if (round.status !== 'waiting') return undefined;
  const silent = runGoesSilent(approval, round)
    ? ':warning: CrewAI will not report back on this run: no task webhook URL is known.'
    : undefined;
  const lines = [silent, urlsSent(approval, round)].filter((line) => line !== undefined);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

function smallPrint(approval: Approval, round: Round): string {
  const crew = escapedLine(approval.crew, 64);
  const execution = escapedLine(approval.executionId, 255);
  const waiting =
    round.status === 'waiting' && round.votes.length > 0 ? ` · ${round.votes.length} approved so far` : '';
  return `Crew ${crew} · execution ${execution} · approval ${approval.id}${waiting}`;
}

export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

export function context(text: string | undefined): KnownBlock[] {
  return text ? [{ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }] : [];
}
