import type { Block, KnownBlock } from '@slack/types';
import type { CardFacts, CardQuestion } from '../../../approval/card-facts.ts';
import type { Output } from '../../../approval/model/output.ts';
import { isClosed, isOpen } from '../../../approval/model/round.ts';
import type { AgentStep } from '../../../approval/model/run/agent-steps.ts';
import {
  listArguments,
  listWrittenArguments,
  writeArguments,
} from '../../../approval/model/tool-arguments.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import { writeTarget } from '../../app/button-values.ts';
import type { Texts } from '../../texts/texts.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { buildArgumentBlocks, buildArgumentsBeginning, type ShownArgument } from '../output/arguments.ts';
import { splitJson } from '../output/json.ts';
import {
  ALL_HIDDEN,
  addHiddenMessage,
  buildOutputBlocks,
  type CardForm,
  describeEmptyOutput,
  type OutputBlocks,
} from '../output/output-blocks.ts';
import { writeOutput } from '../output/write-output.ts';
import {
  buildFeedback,
  describeAfterOutput,
  describeBeforeOutput,
  describeHidden,
} from '../parts/describe.ts';
import { actions, context, formatDate, formatTime, plain, section } from '../text/elements.ts';
import { clean, escapeLine } from '../text/escape.ts';
import { mentionAll, writeTask } from '../text/names.ts';
import { truncate } from '../text/truncate.ts';
import { buildLastingButtons, buildRoundButtons } from './buttons.ts';
import { ENTERED_MAX } from './entered.ts';
import {
  describeDecision,
  describeProgress,
  describeRunFailure,
  describeState,
  describeTask,
  isToolCall,
  LONGEST_TITLE,
  writeOutcome,
} from './state.ts';

const PREVIEW_MAX = 300;
/** Contents of a card. */
export interface CardParts {
  facts: CardFacts;
  output: Output;
  /** True if the notification may contain the beginning of the output. */
  preview?: boolean | undefined;
  /** Steps of the agent before the output, oldest first. */
  steps?: readonly AgentStep[] | undefined;
  /** People who can decide when the card is drawn. */
  deciders?: NamedDeciders | undefined;
}

/**
 * Version of the card's design. Raise it when waiting cards get other words or blocks from the same facts: the bot then redraws
 * each waiting card once. The redraw for version 2 closes questions that ask for hidden values.
 */
export const CARD_DESIGN_VERSION = 2;

/** Builds the card of a round: in full while the round is open, shorter and without the output after it is settled. Pure. */
export function buildCard(texts: Texts, parts: CardParts, links: CardLinks, form: CardForm): MessageView {
  return {
    text: writeNotification(texts, parts),
    blocks: isOpen(parts.facts)
      ? buildOpenCard(texts, parts, form)
      : buildSettledCard(texts, parts, links, form),
  };
}

/** Builds the card of an open round: the task, what people must know to decide, the output, and the buttons right below. */
function buildOpenCard(texts: Texts, parts: CardParts, form: CardForm): MessageView['blocks'] {
  const { facts, output } = parts;
  const { question, waiting } = facts;
  const steps = buildSteps(texts, parts, form);
  const outputBlocks = question?.tool
    ? buildArguments(texts, output, form, question.tool.isLong === true)
    : question && describeEmptyOutput(texts, output)
      ? buildNoOutput(texts, question)
      : buildOutputBlocks(texts, output, form, {
          reserved: (steps.length > 0 ? STEPS_MAX : 0) + (facts.entered ? ENTERED_MAX : 0),
        });
  const cut = addHiddenMessage(outputBlocks.cut, question?.text);
  return [
    section(writeHeadline(texts, parts)),
    ...describeBeforeOutput(texts, parts).flatMap(({ blocks }) => blocks),
    ...outputBlocks.blocks,
    ...steps,
    ...buildRoundButtons(texts, facts, cut, 'card'),
    ...buildAllowedCalls(texts, facts, form),
    ...describeAfterOutput(texts, parts).flatMap(({ blocks }) => blocks),
    ...context(waiting?.isUnnotified ? `:no_bell: ${texts.card.unnotified}` : undefined),
    ...buildCardFooter(texts, facts),
  ];
}

/** Characters of all steps on a card together. */
const STEPS_MAX = 2_400;
const STEP_MAX = 400;
/** Slack's limit for the blocks in a container. */
const MAX_STEPS = 10;

/** Builds the last steps of the agent, folded, as plain text. Returns nothing for forms without containers. */
function buildSteps(texts: Texts, { facts, steps = [] }: CardParts, form: CardForm): MessageView['blocks'] {
  if (form !== 'whole' || steps.length === 0) return [];
  const stepTexts: string[] = [];
  let room = STEPS_MAX;
  for (const { tool, input, result } of steps.toReversed().slice(0, MAX_STEPS)) {
    const text = truncate(clean(texts.card.step(tool, input, result)).trim(), STEP_MAX);
    room -= text.length;
    if (room < 0) break;
    stepTexts.unshift(text);
  }
  const child_blocks = stepTexts.map((text) => ({ type: 'section', text: plain(text), expand: true }));
  const title = plain(
    texts.card.steps(
      facts.stepsOfRun || !facts.agent ? undefined : truncate(clean(facts.agent), 80),
      stepTexts.length,
      steps.length,
    ),
  );
  return [{ type: 'container', title, is_collapsible: true, default_collapsed: true, child_blocks } as Block];
}

/** Characters shown of arguments that do not fit on the card. Also the length of a block of plain text. */
const ARGUMENTS_MAX = 2_000;

/** Builds the exact arguments of a tool: all of them, or their beginning if they are long. Lost arguments cannot be allowed. */
function buildArguments(texts: Texts, output: Output, form: CardForm, isLong: boolean): OutputBlocks {
  if (output.kind === 'lost') return buildOutputBlocks(texts, output, form);
  if (isPlain(form)) return buildPlainArguments(texts, writeArguments(output), isLong);
  if (!isLong) return { blocks: buildArgumentBlocks(texts, listArguments(output)), cut: undefined };
  const { blocks, cut } = buildArgumentsBeginning(texts, output, ARGUMENTS_MAX);
  return { blocks: [...blocks, ...describeHidden(texts, cut)], cut: cut ?? ALL_HIDDEN };
}

const isPlain = (form: CardForm) => form === 'plain' || form === 'bare';

function buildPlainArguments(texts: Texts, text: string, isLong: boolean): OutputBlocks {
  const shownText = isLong ? truncate(text, ARGUMENTS_MAX) : text;
  const cut = isLong ? { shown: shownText.length - 1, of: text.length } : undefined;
  return { blocks: [...buildPlainBlocks(shownText), ...describeHidden(texts, cut)], cut };
}

function buildPlainBlocks(text: string): KnownBlock[] {
  return splitJson(text, ARGUMENTS_MAX).map((part) => ({ type: 'section', text: plain(part) }));
}

/** Builds the list of further calls that a decision allowed, with their arguments. */
function buildAllowedCalls(texts: Texts, { allowedCalls = [] }: CardFacts, form: CardForm): KnownBlock[] {
  const lastCall = allowedCalls.at(-1);
  if (!lastCall) return [];
  const { sameArguments } = texts.card;
  const shownArguments = allowedCalls.flatMap(({ text }, index): ShownArgument[] => {
    const number = `${index + 1}. `;
    if (text === undefined) return [{ number: `${number}${sameArguments}` }];
    return listWrittenArguments(text).map((argument, at) => (at === 0 ? { number, ...argument } : argument));
  });
  const plainLines = allowedCalls.map(({ text = sameArguments }, index) => `${index + 1}. ${text}`);
  return [
    section(texts.card.allowedCalls(allowedCalls.length, formatDate(texts, lastCall.at))),
    ...(isPlain(form) ? buildPlainBlocks(plainLines.join('\n')) : buildArgumentBlocks(texts, shownArguments)),
  ];
}

/** Builds the blocks in place of a missing output. If the Flow sent its state, they say where people find the state. */
function buildNoOutput(texts: Texts, { hasState }: CardQuestion): OutputBlocks {
  return { blocks: context(hasState ? texts.card.stateInMenu : undefined), cut: undefined };
}

/** Builds the card of a settled round: the decision in one line. A button shows the output. */
function buildSettledCard(
  texts: Texts,
  { facts, output, preview }: CardParts,
  links: CardLinks,
  form: CardForm,
): MessageView['blocks'] {
  const title = writeTask(texts, facts.task, 150);
  const isUntitled = hidesTitle(facts, preview);
  const name = isUntitled ? texts.card.untitled(escapeLine(facts.crew, 64)) : title;
  const lines = [
    texts.card.inRound(`*${name}*`, facts.round),
    describeState(texts, facts, facts.newer && links.message(facts.newer)),
    facts.runFailure && describeRunFailure(texts, facts.runFailure),
    facts.outcome && writeOutcome(texts, facts.outcome, isToolCall(facts)),
  ];
  return [
    section(lines.filter(Boolean).join('\n')),
    ...context(isUntitled ? title : undefined),
    ...(facts.ofTool ? buildDecidedArguments(texts, output, form) : []),
    ...buildFeedback(texts, facts),
    ...buildAllowedCalls(texts, facts, form),
    ...actions(buildLastingButtons(texts, facts, true)),
    ...buildCardFooter(texts, facts),
  ];
}

function buildDecidedArguments(texts: Texts, output: Output, form: CardForm): KnownBlock[] {
  return isPlain(form) && output.kind !== 'lost'
    ? buildPlainBlocks(truncate(writeArguments(output), PREVIEW_MAX))
    : buildArgumentsBeginning(texts, output, PREVIEW_MAX).blocks;
}

/** True if the title must be hidden: it is the beginning of the output, which a notification must not contain. */
function hidesTitle({ titleOnly }: CardFacts, preview: boolean | undefined): boolean {
  return titleOnly === true && !preview;
}

/** Writes the text for phones and screen readers, which do not get the blocks: task, crew, state and what a person can do. */
function writeNotification(texts: Texts, { facts, output, preview }: CardParts): string {
  const { round, decision, alsoDecided: others, optionNumber: number, waiting } = facts;
  const crew = escapeLine(facts.crew, 64);
  const task = hidesTitle(facts, preview)
    ? undefined
    : texts.card.inRound(writeTask(texts, facts.task, 100), round);
  if (waiting) {
    const subject = { crew, task, isChoice: waiting.isChoice };
    const request = texts.card.notifyWaiting(subject, mentionAll(waiting.mentioned));
    return preview ? `${request} ${escapeLine(writeOutput(texts, output), PREVIEW_MAX)}` : request;
  }
  const state =
    decision && !isClosed(facts)
      ? `${describeDecision(texts, decision, { isTool: isToolCall(facts), others, number })}. ${describeDelivery(texts, facts)}`
      : texts.card.nothingLeft;
  return texts.card.notify(crew, task, state);
}

function describeDelivery(
  texts: Texts,
  { status, accepted, undelivered, decision, push }: CardFacts,
): string {
  if (accepted) return describeProgress(texts, accepted, decision);
  if (undelivered?.undoUntil !== undefined)
    return texts.state.canBeUndone(formatTime(texts, undelivered.undoUntil));
  if (undelivered?.isForProgram)
    return push === 'not_taken' ? texts.state.pushFailed[push] : texts.state.notFetched;
  if (status === 'sending') return texts.state.sending;
  return status === 'refused' ? texts.state.rejected : texts.state.notDelivered;
}

/** Writes the request. The mentions come first, because desktop notifications show the beginning of the blocks. */
function writeHeadline(texts: Texts, { facts, preview }: CardParts): string {
  const people = facts.waiting && mentionAll(facts.waiting.mentioned);
  const request = describeTask(texts, facts, { hidesTitle: hidesTitle(facts, preview), max: LONGEST_TITLE });
  return people === undefined ? request : texts.card.addressed(people, request);
}

/** Builds the footer. Its block id lets *Approval details* find the approval, because not every card has a button. */
function buildCardFooter(texts: Texts, facts: CardFacts): KnownBlock[] {
  const footer = context(texts.card.footer(escapeLine(facts.crew, 64)));
  return footer.map((block) => ({ ...block, block_id: writeTarget(facts) }));
}
