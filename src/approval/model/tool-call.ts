import { indentJson } from '../../lib/json-text.ts';
import { isUnseenAnywhere, showEveryUnseen } from '../../lib/unseen.ts';
import type { Approval } from './approval.ts';
import { isBlankText, type Output } from './output.ts';
import type { Decision, Question, Round } from './round.ts';

/** What a call of a tool is answered with, in this order. The labels are ours: a program must not call its *allow* Block. */
export const TOOL_OPTIONS = [
  { id: 'allow', label: 'Allow', style: 'primary' },
  { id: 'block', label: 'Block', style: 'danger' },
  { id: 'allow', label: 'Allow the same call again in this run', allows: 'call' },
  { id: 'allow', label: 'Allow all calls of this tool in this run', allows: 'tool' },
] as const satisfies NonNullable<Question['options']>;
/** The places of these options among those of a question. */
export const ALLOW = 0;
export const BLOCK = 1;
export const ALLOW_CALL = 2;
export const ALLOW_TOOL = 3;

/** `forTool`: the operator lets people allow the tool for the rest of a run. */
export function listToolOptions({ ofRun, forTool }: { ofRun: boolean; forTool: boolean }) {
  return TOOL_OPTIONS.filter(
    (option) => !('allows' in option) || (ofRun && (forTool || option.allows === 'call')),
  );
}

/** Characters of the arguments that stand on a card. Longer ones are allowed where all their pages were read. */
const LONGEST_ON_CARD = 3_000;

/** A call as it is known without writing its arguments again. `text`: them, where a card can list them. */
export interface WrittenCall {
  isLong: boolean;
  text?: string;
}

export function writeCall(output: Output): WrittenCall {
  const text = writeArguments(output);
  return { isLong: text.length > LONGEST_ON_CARD, ...(text.length <= ALLOWED_TEXT ? { text } : {}) };
}

/** The last long ones: page after page of them is turned. */
let written: { of: string; text: string } | undefined;
const LONG = 64_000;

/** The arguments of a call as people read them, character by character: what cannot be seen is written as an escape. */
export function writeArguments(output: Output): string {
  if (output.text.length < LONG) return escapeArguments(output);
  const of = `${output.kind}:${output.text}`;
  if (written?.of !== of) written = { of, text: escapeArguments(output) };
  return written.text;
}

function escapeArguments(output: Output): string {
  if (output.kind === 'json') return showEveryUnseen(indentJson(output.text));
  if (isBlankText(output.text) || output.text.startsWith('"'))
    return showEveryUnseen(JSON.stringify(output.text));
  // Backslashes before an escape, and before what looks like one, are doubled: no two texts look the same.
  const doubled = output.text.replace(/(\\+)([^\\]?)/gu, (as, slashes: string, next: string) =>
    next === 'u' || isUnseenAnywhere(next) ? `${slashes}${as}` : as,
  );
  return showEveryUnseen(doubled);
}

/** Whether a decision lets the tool run. */
export function allowsCall({ question }: Round, { option }: Pick<Decision, 'option'>): boolean {
  return question?.tool === true && option !== undefined && question.options?.[option]?.id === 'allow';
}

/** Calls that one decision lets through, and characters of their arguments: its card lists them whole. */
const MOST_ALLOWED = 50;
const ALLOWED_TEXT = 6_000;

/** Which further calls of its run a decision lets through from now on; undefined: none. */
function readPermission(round: Round): 'call' | 'tool' | undefined {
  const { question, decision, delivery, givenUpBy, permissionEnded } = round;
  const allows = question?.tool && question.options?.[decision?.option ?? -1]?.allows;
  const isMade = delivery?.offeredAt !== undefined || delivery?.acceptedAt !== undefined;
  // A program can say that it had the answer after a person closed the question.
  const isLasting = givenUpBy === undefined && (round.status === 'sending' || round.status === 'answered');
  return allows && isMade && isLasting && !permissionEnded ? allows : undefined;
}

/** Whether a decision lets further calls of its run through, as far as its approval knows. */
export function hasPermission({ runEndedAt }: Pick<Approval, 'runEndedAt'>, round: Round): boolean {
  return runEndedAt === undefined && readPermission(round) !== undefined;
}

/**
 * How an earlier decision allows a further call of its run; undefined: it does not, or its card could not list the call whole.
 * Whom the question names has to be as it was. `tools`: those that may be allowed for the rest of a run.
 */
export function findAllowance(
  round: Round,
  call: { hash: string; call: WrittenCall } & Pick<Question, 'approvers' | 'requestedBy'>,
  tool: string,
  tools: readonly string[],
): 'call' | 'tool' | undefined {
  const { question, allowedCalls = [] } = round;
  const allows = readPermission(round);
  if (!question || !allows || allowedCalls.length >= MOST_ALLOWED) return undefined;
  const names = ({ approvers, requestedBy }: typeof call | Question) =>
    JSON.stringify([approvers, requestedBy]);
  if (names(question) !== names(call)) return undefined;
  if (round.hashes[0] === call.hash) return 'call';
  const listed = allowedCalls.reduce((sum, { text = '' }) => sum + text.length, 0);
  const fits = call.call.text !== undefined && listed + call.call.text.length <= ALLOWED_TEXT;
  return allows === 'tool' && tools.includes(tool) && fits ? 'tool' : undefined;
}
