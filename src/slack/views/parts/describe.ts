import type { KnownBlock } from '@slack/types';
import type { CardFacts, CardQuestion } from '../../../approval/card-facts.ts';
import { nameField } from '../../../approval/model/fields.ts';
import type { NamedDeciders } from '../../../approval/ports.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Deciders } from '../../texts/words.ts';
import { buildEntered } from '../card/entered.ts';
import { areOptionsCut, labelOptions, listNext, listWholeOptions, writeOption } from '../card/options.ts';
import { type AttentionLine, describeOpenRound, isToolCall, quote } from '../card/state.ts';
import { addHiddenMessage, type Cut, describeUnseen, MESSAGES } from '../output/output-blocks.ts';
import { context, formatDate, plain, plainContext, section } from '../text/elements.ts';
import { cleanLine, escapeLine, escapeText, escapeUrl } from '../text/escape.ts';
import { readsAsOtherHost } from '../text/link-targets.ts';
import { buildDecisionWords, MAX_SHOWN_OPTION, mention, quoteDisplayName } from '../text/names.ts';
import { describeBlockedHost } from '../text/sentences.ts';

const ASKED_MAX = 600;
/** Lines of attention above the output. Further lines go below the output. */
const MAX_ATTENTION = 2;

/** A piece of information about an open round, as blocks. Cards show the parts in the order of their list. */
export interface Part {
  kind:
    | 'attention'
    | 'progress'
    | 'deciders'
    | 'feedback'
    | 'message'
    | 'options'
    | 'next'
    | 'fields'
    | 'blocked'
    | 'without_answer'
    | 'assigned'
    | 'asked_for'
    | 'run'
    | 'edited'
    | 'entered'
    | 'answers'
    | 'unseen'
    | 'further'
    | 'ignored';
  blocks: KnownBlock[];
  /** Lines of the blocks, if a block holds several. */
  lines?: readonly AttentionLine[];
}

/** A round's facts and deciders, as the source of a description. */
export interface DescribedRound {
  facts: CardFacts;
  /** People who can decide, at the time of this drawing. */
  deciders?: Deciders | undefined;
}

/** Describes what people must know before they read the output: the first lines of attention, the deciders, the question. */
export function describeBeforeOutput(texts: Texts, described: DescribedRound): Part[] {
  const { facts } = described;
  const { question, askedFor } = facts;
  const lines = describeOpenRound(texts, facts, isCountSaid(described));
  const parts: Part[] = [
    ...lines.slice(0, MAX_ATTENTION).map(
      ({ text, isProgress }): Part => ({
        kind: isProgress ? 'progress' : 'attention',
        blocks: [section(text)],
      }),
    ),
    { kind: 'deciders', blocks: plainContext(describeDeciders(texts, described)) },
    { kind: 'feedback', blocks: buildFeedback(texts, facts) },
    ...(question ? listQuestionParts(texts, question) : []),
    {
      kind: 'asked_for',
      blocks: context(askedFor && texts.card.askedFor(escapeText(askedFor, ASKED_MAX))),
    },
    { kind: 'run', blocks: context(facts.run && writeRun(texts, facts.run)) },
    { kind: 'edited', blocks: context(facts.editedBy && texts.card.editedBy(mention(facts.editedBy))) },
    { kind: 'entered', blocks: describeAgreed(texts, facts) },
    { kind: 'answers', blocks: context(describeAnswered(texts, facts)) },
    { kind: 'unseen', blocks: describeUnseen(texts, facts.unseen) },
  ];
  return parts.filter(({ blocks }) => blocks.length > 0);
}

/** Describes the rest, which a card shows below the output and the buttons. */
export function describeAfterOutput(texts: Texts, described: DescribedRound): Part[] {
  const { facts } = described;
  const lines = describeOpenRound(texts, facts, isCountSaid(described)).slice(MAX_ATTENTION);
  const ignored = facts.ignored?.length ? `:warning: ${texts.card.ignored(facts.ignored)}` : undefined;
  const parts: Part[] = [
    {
      kind: 'further',
      blocks: context(lines.map(({ text }) => text).join('\n')),
      lines: joinProgress(lines),
    },
    { kind: 'ignored', blocks: context(ignored) },
  ];
  return parts.filter(({ blocks }) => blocks.length > 0);
}

/** Joins the lines about progress: a place that has no room for some of them would show a wrong "and 2 more". */
function joinProgress(lines: readonly AttentionLine[]): AttentionLine[] {
  const progress = lines.filter(({ isProgress }) => isProgress);
  if (progress.length === 0) return [...lines];
  const text = progress.map((line) => line.text).join('\n');
  return [...lines.filter(({ isProgress }) => !isProgress), { text, isProgress: true }];
}

/** Names the deciders for a place that may be in another channel than the card. */
export function nameDecidersAwayFromCard(deciders: NamedDeciders | undefined): Deciders | undefined {
  return deciders === 'channel' ? 'card_channel' : deciders;
}

/**
 * Names the people who have to decide, in plain text: a mention would notify them. `isCountBeside`: another line says how many
 * people must choose the same answer.
 */
export function describeDeciders(
  texts: Texts,
  { facts, deciders }: DescribedRound,
  isCountBeside = false,
): string | undefined {
  if (!deciders || !facts.waiting) return undefined;
  const { required, votes, isChoice } = facts.waiting;
  const people =
    typeof deciders === 'string' ? deciders : { ...deciders, names: deciders.names.map(quoteDisplayName) };
  if (required <= 1) return texts.card.canDecide(people);
  const approved = votes.filter(({ action }) => action === 'approve').length;
  const missingVotes = isChoice ? required : required - approved;
  const hasVotes = votes.length > 0;
  const names = typeof people === 'string' || people.hasGroup || people.others > 0 ? [] : people.names;
  if ((isChoice && (hasVotes || isCountBeside)) || hasApproverShortage(people, missingVotes))
    return texts.card.canVote(people, hasVotes);
  if (hasVotes) return texts.card.moreApprovalsNeeded(missingVotes, people);
  if (names.length === required)
    return isChoice ? texts.card.allHaveToChoose(names) : texts.card.allHaveToApprove(names);
  return isChoice ? texts.card.choicesNeeded(required, people) : texts.card.approvalsNeeded(required, people);
}

/** True if the sentence about the deciders says how many people must choose the same answer. */
function isCountSaid({ facts: { waiting }, deciders }: DescribedRound): boolean {
  if (!waiting?.isChoice || waiting.required <= 1 || waiting.votes.length > 0 || !deciders) return false;
  return !hasApproverShortage(deciders, waiting.required);
}

function hasApproverShortage(people: Deciders, missing: number): boolean {
  return typeof people !== 'string' && !people.hasGroup && people.names.length + people.others < missing;
}

/** Names the answer that CrewAI uses if nobody answers in time. */
function nameOutcome(
  texts: Texts,
  { options = [], defaultOutcome = '', defaultOption }: CardQuestion,
): string {
  return labelOptions(texts, options)[defaultOption ?? -1] ?? defaultOutcome;
}

/** Builds the details of a decision: a long option, the entered values, the feedback and the edited output. */
export function buildFeedback(texts: Texts, { decision, entered }: CardFacts): KnownBlock[] {
  // The state sentence names the option, but cuts a long one.
  const label = decision?.option === undefined ? '' : writeOption(texts, decision.feedback);
  const feedback = decision && (decision.option === undefined ? decision.feedback : decision.remark);
  // The feedback of a pause already contains the edited output.
  const edited = decision?.action === 'request_revision' ? undefined : decision?.edited;
  return [
    ...(label.length > MAX_SHOWN_OPTION ? [{ type: 'section', text: plain(label) } as const] : []),
    ...(decision ? buildEntered(texts, entered) : []),
    ...(feedback ? [section(quote(feedback, 1_000))] : []),
    ...(edited === undefined ? [] : [section(`${texts.card.editedTo}\n${quote(edited, 1_000)}`)]),
  ];
}

/** Describes the values that one person entered and others have to agree to. */
function describeAgreed(texts: Texts, { enteredBy, entered }: CardFacts): KnownBlock[] {
  if (enteredBy === undefined) return [];
  return [section(texts.fields.enteredBy(mention(enteredBy))), ...buildEntered(texts, entered)];
}

/** Describes which options ask for which fields; empty: none does. */
function describeForm(
  texts: Texts,
  options: readonly string[],
  { opens, fields }: NonNullable<CardQuestion['form']>,
): string {
  const labels = labelOptions(texts, options);
  const names = fields.map(({ required, ...field }) => {
    const name = escapeLine(nameField(field), 75);
    return required ? name : texts.fields.optional(name);
  });
  const askingOptions = opens.flatMap((isAsking, at) =>
    isAsking ? [escapeLine(labels[at] ?? texts.actions.approve, 75)] : [],
  );
  if (askingOptions.length === 0) return '';
  return texts.fields.asked(
    listSome(texts, askingOptions, MAX_ASKING).join(' / '),
    listSome(texts, names, MAX_NAMED),
  );
}

const MAX_ASKING = 5;
/** A block holds this many titles of 75 characters, even if all characters are escaped. */
const MAX_NAMED = 20;

function listSome(texts: Texts, names: readonly string[], max: number): string[] {
  const hiddenCount = names.length - max;
  return hiddenCount > 0 ? [...names.slice(0, max), texts.lists.andMore(hiddenCount)] : [...names];
}

export function describeHidden(texts: Texts, cut: Cut | undefined): KnownBlock[] {
  return cut ? context(texts.reading.hiddenCharacters(cut.of - cut.shown)) : [];
}

/** Lists what a Flow or a program asks, the options that buttons may not show whole, and what happens without an answer. */
function listQuestionParts(texts: Texts, question: CardQuestion): Part[] {
  const {
    text,
    options = [],
    canBeAnswered,
    dueAt,
    defaultOutcome,
    assigneeEmail,
    tool,
    next,
    form,
  } = question;
  const optionList =
    canBeAnswered && !tool && areOptionsCut(texts, options) ? listWholeOptions(texts, options) : undefined;
  const deadlineSentences = [
    ...(dueAt === undefined ? [] : [texts.card.answerBy(formatDate(texts, dueAt))]),
    ...(defaultOutcome === undefined
      ? []
      : [texts.card.withoutAnswer(escapeLine(nameOutcome(texts, question), 75))]),
  ];
  const assignment = assigneeEmail && texts.card.assignedByCrewAI(escapeLine(assigneeEmail, 100));
  return [
    {
      kind: 'message',
      blocks: [
        ...(text ? [section(escapeText(text, MESSAGES.card))] : []),
        ...describeHidden(texts, addHiddenMessage(undefined, text)),
      ],
    },
    { kind: 'options', blocks: optionList === undefined ? [] : [section(optionList)] },
    { kind: 'next', blocks: context(describeNext(texts, options, next)) },
    { kind: 'fields', blocks: context(form && describeForm(texts, options, form)) },
    {
      kind: 'blocked',
      blocks: canBeAnswered ? [] : [section(`:lock: ${describeBlockedHost(texts, question.blockedHost)}`)],
    },
    {
      kind: 'without_answer',
      blocks: deadlineSentences.length === 0 ? [] : [section(`:alarm_clock: ${deadlineSentences.join(' ')}`)],
    },
    { kind: 'assigned', blocks: context(assignment) },
  ];
}

/** Describes what the program does after each option. */
function describeNext(texts: Texts, options: readonly string[], next: CardQuestion['next']): string {
  const { shown, more } = listNext(texts, options, next);
  return more > 0 ? `${shown}\n${texts.lists.andMore(more)}` : shown;
}

/** Writes the title and the link that the starter of the run gave it. */
function writeRun(texts: Texts, { title, url }: NonNullable<CardFacts['run']>): string {
  const name = title === undefined ? undefined : escapeLine(title, 150);
  if (url === undefined) return texts.card.run(name ?? '');
  if (name !== undefined && readsAsOtherHost(cleanLine(title ?? '').replace(/[*_~]/g, ''), url))
    return texts.card.run(`${name} (<${escapeUrl(url)}>)`);
  const link = `<${escapeUrl(url)}|${(name ?? texts.card.openRun).replaceAll('|', '¦')}>`;
  return texts.card.run(link);
}

/** Describes the accepted decision that this output follows. */
function describeAnswered(texts: Texts, facts: CardFacts): string | undefined {
  const { answers } = facts;
  if (!answers) return undefined;
  const { decision, optionNumber: number, alsoDecided: others, isLikely, isNamed, isExact } = answers;
  const { by, option } = buildDecisionWords(texts, decision, { isTool: isToolCall(facts), others, number });
  if (option !== undefined) return texts.card.followsOption(option, by);
  const quotedFeedback = quote(decision.feedback, 600);
  if (decision.action === 'choose') return `${texts.card.followsAnswer(by)}\n${quotedFeedback}`;
  const answer = isNamed ? texts.card.answersRequest(by) : texts.card.nextAfterRequest(by, isLikely === true);
  const usageLine =
    isExact === undefined
      ? []
      : [isExact ? texts.card.usedExactly : `:warning: ${texts.card.notUsedExactly}`];
  return [answer, ...usageLine, quotedFeedback].join('\n');
}
