import type { Block, KnownBlock, Overflow } from '@slack/types';
import { type Approval, currentRound, type Round, type RunFailure } from '../../approval/approval.ts';
import { canBeUndone, runGoesSilent } from '../../approval/card-view.ts';
import type { CardContent } from '../../approval/ports.ts';
import { ACTIONS, MENU } from '../ids.ts';
import { targetOf, writeChoice, writeTarget } from '../target.ts';
import { actions, button, context, plain, section } from './elements.ts';
import { type CardForm, outputBlocks } from './output.ts';
import { attentionLines, quoted, retryHelps, stateLine } from './state.ts';
import { escaped, escapedLine } from './text.ts';
import { urlKindsSent } from './urls.ts';
import { cardLink, decider } from './words.ts';

export interface MessageView {
  /** The notification, and what a screen reader says. */
  text: string;
  blocks: (KnownBlock | Block)[];
}

const ASKED_MAX = 600;

/** What leads from a text to a message of ours, or to a command. */
export interface CardLinks {
  /** `threadTs`: of the message that opens its thread, where it hangs in one. */
  message: (card: { channel: string; ts: string; threadTs?: string | undefined }) => string | undefined;
  /** The slash command, as this workspace calls it. */
  command: string;
}

/** The card of a round: in full while it is open, one line once it is settled. Pure. */
export function cardView(content: CardContent, links: CardLinks, form: CardForm): MessageView {
  const { approval, round } = content;
  const text = notification(approval, round);
  return { text, blocks: isOpen(round) ? openCard(content, form) : settledCard(content, links) };
}

function isOpen({ status }: Round): boolean {
  return ['waiting', 'sending', 'refused', 'undelivered'].includes(status);
}

/** What is asked and what is to be known for it, then the output, and the buttons right below it. */
function openCard({ approval, round, output }: CardContent, form: CardForm): MessageView['blocks'] {
  const shown = outputBlocks(output, form);
  return [
    section(headline(approval, round)),
    ...openLines(approval, round).map(section),
    ...(round.decision && round.decision.feedback !== ''
      ? [section(quoted(round.decision.feedback, 1_000))]
      : []),
    ...context(asked(round)),
    ...context(revisionAnswered(approval, round)),
    ...shown.blocks,
    ...buttons(approval, round, shown.cut),
    ...context(round.status === 'waiting' ? urlKindsSent(approval, round) : undefined),
    ...context(smallPrint(approval)),
  ];
}

/** What has become of an open round, and what has to be known of it. */
export function openLines(approval: Approval, round: Round): string[] {
  const silent = round.status === 'waiting' && runGoesSilent(approval, round);
  return [
    stateLine(round, undefined),
    approval.runFailure ? failureLine(approval.runFailure) : undefined,
    silent ? ':warning: CrewAI will not report back on this run: no task webhook URL is known.' : undefined,
    ...attentionLines(approval, round),
  ].filter((line) => line !== undefined);
}

/** Who, what and when; the output is one click away. */
function settledCard({ approval, round }: CardContent, links: CardLinks): MessageView['blocks'] {
  const current = currentRound(approval);
  const newer = current.number > round.number ? cardLink(approval, current, links) : undefined;
  const name = `*${escapedLine(approval.task, 150)}*${round.number > 1 ? ` (round ${round.number})` : ''}`;
  const { decision } = round;
  const failure =
    approval.runFailure && current.number === round.number ? failureLine(approval.runFailure) : '';
  return [
    section([`${name}\n${stateLine(round, newer) ?? ''}`, failure].filter(Boolean).join('\n')),
    ...(decision && decision.feedback !== '' ? [section(quoted(decision.feedback, 1_000))] : []),
    ...actions(readingButtons(approval, round, true)),
    ...context(smallPrint(approval)),
  ];
}

function failureLine({ reason }: RunFailure): string {
  return `:x: The run failed${reason === undefined ? '' : `: ${escapedLine(reason, 300)}`}.`;
}

function headline(approval: Approval, round: Round): string {
  const who = round.agent ? `*${escapedLine(round.agent, 100)}*` : 'The crew';
  const again = round.number > 1 ? ` (round ${round.number}${round.unchanged ? ', unchanged' : ''})` : '';
  const what = escapedLine(approval.task, 150);
  return approval.titleOnly ? `*${what}*${again}` : `${who} finished *${what}*${again}`;
}

function notification(approval: Approval, round: Round): string {
  const task = escapedLine(approval.task, 100);
  const crew = escapedLine(approval.crew, 64);
  const { decision } = round;
  if (round.status === 'waiting') return `${crew}: ${task} waits for a decision`;
  const taken = !['superseded', 'resolved_elsewhere', 'run_ended', 'given_up'].includes(round.status);
  return decision && taken
    ? `${crew}: ${task}, decided by ${decider(decision)}`
    : `${crew}: ${task}, nothing to decide any more`;
}

function asked(round: Round): string | undefined {
  const text = round.expectedOutput ?? round.description;
  return text && `Asked for: ${escaped(text, ASKED_MAX)}`;
}

function revisionAnswered(approval: Approval, round: Round): string | undefined {
  const before = approval.rounds.find((other) => other.number === round.number - 1);
  if (before?.status !== 'revision_requested' || !before.decision) return undefined;
  const answers = round.chained ? 'Probably the answer to the request of' : 'Answers the request of';
  const doubt = round.chainDoubted
    ? '\n:warning: CrewAI has named another task for this output since: it may not be that answer.'
    : '';
  return `${answers} ${decider(before.decision)}:${doubt}\n${quoted(before.decision.feedback, 600)}`;
}

/** What can be done with a round, wherever it is shown. `cut`: not all of its output is there. */
export function buttons(approval: Approval, round: Round, cut: boolean): KnownBlock[] {
  const value = writeTarget(targetOf(approval, round.number));
  const reading = readingButtons(approval, round, cut);
  if (round.number !== currentRound(approval).number) return actions(reading);
  switch (round.status) {
    case 'waiting': {
      const deciding = [
        button(ACTIONS.approve, 'Approve', value, 'primary'),
        button(ACTIONS.requestRevision, 'Request revision', value),
      ];
      return [{ type: 'actions', elements: [...deciding, ...reading, menu(approval, round)] }];
    }
    case 'sending':
      return actions([canBeUndone(round) ? button(ACTIONS.undo, 'Undo', value) : undefined, ...reading]);
    case 'refused':
    case 'undelivered':
      return actions([
        retryHelps(round) ? button(ACTIONS.retry, 'Retry', value, 'primary') : undefined,
        button(ACTIONS.giveUp, 'Give up', value),
        ...reading,
      ]);
    default:
      return actions(reading);
  }
}

function readingButtons(approval: Approval, round: Round, cut: boolean) {
  const value = writeTarget(targetOf(approval, round.number));
  return [
    ...(cut ? [button(ACTIONS.readInFull, 'Read in full', value)] : []),
    ...(round.number > 1 ? [button(ACTIONS.whatChanged, 'What changed', value)] : []),
  ];
}

function menu(approval: Approval, round: Round): Overflow {
  const option = (what: string, label: string) => ({
    text: plain(label),
    value: writeChoice(what, targetOf(approval, round.number)),
  });
  return {
    type: 'overflow',
    action_id: ACTIONS.more,
    options: [
      option(MENU.approveWithNote, 'Approve with a note'),
      round.claim ? option(MENU.release, 'Leave it to others') : option(MENU.claim, "I'm on it"),
      option(MENU.assign, 'Assign to…'),
      option(MENU.giveUp, 'Give up on this'),
    ],
  };
}

function smallPrint(approval: Approval): string {
  const crew = escapedLine(approval.crew, 64);
  const execution = escapedLine(approval.executionId, 255);
  return `Crew ${crew} · execution ${execution} · approval ${approval.id}`;
}
