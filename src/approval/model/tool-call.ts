import type { Approval } from './approval.ts';
import type { Output } from './output.ts';
import type { Decision, Question, Round } from './round.ts';
import { countCharacters, listArguments, writeArguments } from './tool-arguments.ts';

/** Answers to a tool call, in this order. The labels are ours: a program must not label its *allow* option "Block". */
export const TOOL_OPTIONS = [
  { id: 'allow', label: 'Allow', style: 'primary' },
  { id: 'block', label: 'Block', style: 'danger' },
  { id: 'allow', label: 'Allow the same call again in this run', allows: 'call' },
  { id: 'allow', label: 'Allow all calls of this tool in this run', allows: 'tool' },
] as const satisfies NonNullable<Question['options']>;
/** Indexes of these options in a question. */
export const ALLOW = 0;
export const BLOCK = 1;
export const ALLOW_CALL = 2;
export const ALLOW_TOOL = 3;

/** Lists a tool call's options. `ofRun`: the question names a run; `forTool`: people may allow the tool for the rest of a run. */
export function listToolOptions({ ofRun, forTool }: { ofRun: boolean; forTool: boolean }) {
  return TOOL_OPTIONS.filter(
    (option) => !('allows' in option) || (ofRun && (forTool || option.allows === 'call')),
  );
}

/** Longest arguments on a card, in characters. For longer ones, a person must read all pages before allowing the call. */
const LONGEST_ON_CARD = 3_000;

/** The arguments of a call. `isLong`: the call's own card cannot show them; `text`: absent if no list of allowed calls has room. */
export interface WrittenCall {
  isLong: boolean;
  text?: string;
}

export function writeCall(output: Output): WrittenCall {
  const text = writeArguments(output);
  return {
    isLong: countCharacters(listArguments(output)) > LONGEST_ON_CARD,
    ...(text.length <= ALLOWED_TEXT ? { text } : {}),
  };
}

/** True if a decision lets the tool run. */
export function allowsCall({ question }: Round, { option }: Pick<Decision, 'option'>): boolean {
  return question?.tool === true && option !== undefined && question.options?.[option]?.id === 'allow';
}

/** True if only named people may decide: where nobody is named, the members of the channel may not. */
export function needsNamedApprovers(
  question: Pick<Question, 'tool' | 'namedApprovers'> | undefined,
): boolean {
  return question?.tool === true || question?.namedApprovers === true;
}

/** True if only people who were shown all of the round may decide, except for a revision or a block. */
export function mustBeWhole({ question, irreversible }: Pick<Round, 'question' | 'irreversible'>): boolean {
  return question?.requireWhole === true || irreversible === true;
}

/** True if a decision counts only where the person was shown all of the round. */
export function requiresWhole(round: Round, choice: Pick<Decision, 'action' | 'option'>): boolean {
  const isHarmless =
    choice.action === 'request_revision' || (round.question?.tool && !allowsCall(round, choice));
  return mustBeWhole(round) && !isHarmless;
}

/** Most calls that one decision allows, and most characters of their arguments: the card lists them all in full. */
const MAX_ALLOWED = 50;
const ALLOWED_TEXT = 6_000;

/** Reads which further calls of the run a decision still allows, before settings and approvers are checked; undefined: none. */
function readPermission(
  { runEndedAt }: Pick<Approval, 'runEndedAt'>,
  round: Round,
): 'call' | 'tool' | undefined {
  const { question, decision, delivery, givenUpBy, permissionEnded, irreversible } = round;
  const allows = question?.tool && question.options?.[decision?.option ?? -1]?.allows;
  const isOfferedOrAccepted = delivery?.offeredAt !== undefined || delivery?.acceptedAt !== undefined;
  // The status alone is not enough: a program can confirm the answer after a person closed the question.
  const isLasting = givenUpBy === undefined && (round.status === 'sending' || round.status === 'answered');
  if (runEndedAt !== undefined || irreversible) return undefined;
  return allows && isOfferedOrAccepted && isLasting && !permissionEnded ? allows : undefined;
}

/** True if a decision allows further calls of its run. */
export function allowsFurtherCalls(approval: Pick<Approval, 'runEndedAt'>, round: Round): boolean {
  return readPermission(approval, round) !== undefined;
}

/**
 * Finds how an earlier decision allows a further call of its run; undefined: the decision does not allow the call, or its card
 * cannot list the call in full. The question must name the same people as before. `tools`: names of the tools that people may
 * allow for the rest of a run.
 */
export function findAllowance(
  approval: Pick<Approval, 'task' | 'runEndedAt'>,
  round: Round,
  call: { hash: string; call: WrittenCall } & Pick<Question, 'approvers' | 'requestedBy'>,
  tools: readonly string[],
): 'call' | 'tool' | undefined {
  const { question, allowedCalls = [] } = round;
  const allows = readPermission(approval, round);
  if (!question || !allows || allowedCalls.length >= MAX_ALLOWED) return undefined;
  const writePeople = ({ approvers, requestedBy }: typeof call | Question) =>
    JSON.stringify([approvers, requestedBy]);
  if (writePeople(question) !== writePeople(call)) return undefined;
  if (round.hashes[0] === call.hash) return 'call';
  const listedCharacters = allowedCalls.reduce((sum, { text = '' }) => sum + text.length, 0);
  const fitsOnCard = call.call.text !== undefined && listedCharacters + call.call.text.length <= ALLOWED_TEXT;
  return allows === 'tool' && tools.includes(approval.task) && fitsOnCard ? 'tool' : undefined;
}
