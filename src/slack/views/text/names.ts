import type { Approval } from '../../../approval/model/approval.ts';
import { maskUrl, type ResolvedUrl, webhookKinds } from '../../../approval/model/crew/webhook-urls.ts';
import type { Decision, Round } from '../../../approval/model/round.ts';
import { findShownRunId } from '../../../approval/model/run/program-run.ts';
import { TOOL_OPTIONS } from '../../../approval/model/tool-call.ts';
import { HERE } from '../../../approval/notify/mentions.ts';
import { escapeAllUnseen } from '../../../lib/unseen.ts';
import type { Texts } from '../../texts/texts.ts';
import type { DecisionWords } from '../../texts/words.ts';
import { formatDate } from './elements.ts';
import { cleanLine, escapeLine, sanitizeText } from './escape.ts';
import { truncate } from './truncate.ts';

/** Names the person or the rule of the settings that decided. */
export function nameDecider(texts: Texts, decision: Decision): string {
  return decision.rule === 'expiry' ? texts.card.rule : mention(decision.by);
}

/** Mentions a user or a user group by its id, or all active members of the channel (`HERE`). */
function mentionAny(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** Mentions all users and groups; undefined: there are none. */
export function mentionAll(ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.map(mentionAny).join(' ');
}

/** Names the agent that produced an output; undefined: it is not known. */
export function nameAgent(agent: string | undefined): string | undefined {
  return agent ? `*${escapeLine(agent, 100)}*` : undefined;
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}

/** Longest text of an option in a sentence, in characters. */
export const MAX_SHOWN_OPTION = 75;

export interface DecisionContext {
  /** True if the decision is on a tool call: the bot's own labels, in the reader's language, replace its options. */
  isTool: boolean;
  dated?: boolean;
  others?: readonly string[] | undefined;
  number?: number | undefined;
}

/**
 * Builds the parts of a sentence about a decision. `dated`: false for a line that shows the time elsewhere. `others`: the people
 * who decided before the last one. `number`: the option's number, if other options look the same.
 */
export function buildDecisionWords(
  texts: Texts,
  { action, option, feedback, rule, by, at }: Decision,
  { isTool, dated = true, others = [], number }: DecisionContext,
): DecisionWords {
  const optionText = (isTool && nameToolOption(texts, feedback)) || feedback;
  const label = number === undefined ? optionText : `${number}. ${optionText}`;
  return {
    action,
    option: option === undefined ? undefined : `*${escapeLine(label, MAX_SHOWN_OPTION)}*`,
    by: rule ? undefined : texts.people([...others, by].map(mention)),
    ...(dated ? { when: formatDate(texts, at) } : {}),
  };
}

const DISPLAY_NAME_SHOWN = 80;
/**
 * Signs that a name reads as more than a name: the end of a sentence or a label, a comma or an "and" or "or" in one of the bot's
 * languages, a symbol or a digit at the beginning as in a line of a card, or four words, which can be a sentence.
 */
const READS_AS_LINE =
  /[.!?:;](?=\s|$)|[…。！？：；,，、&]|\s(?:and|or|e|ou|y|o|u)\s|^[\p{Extended_Pictographic}\p{So}\p{Nd}]|(?:\S+\s+){3}\S/iu;

/** Writes the display name of a person or group as plain text, in quotes if people could read more than a name into it. */
export function quoteDisplayName(name: string): string {
  const line = truncate(sanitizeText(cleanLine(name)), DISPLAY_NAME_SHOWN);
  return READS_AS_LINE.test(line) ? `“${line.replaceAll(/["“”„]/g, "'")}”` : line;
}

/** Writes a snake_case or kebab-case name as people do: `first_payment` as "First payment". Other names stay unchanged. */
export function humanizeName(name: string): string {
  if (!/^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/.test(name)) return name;
  const words = name.replace(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Translates the option of a tool call into the reader's language; undefined: not such an option. Only for tools: an option of a
 * program can have the same label.
 */
export function nameToolOption(texts: Texts, label: string): string | undefined {
  const at = TOOL_OPTIONS.findIndex((option) => option.label === label);
  return (['allow', 'block', 'allowCall', 'allowTool'] as const).map((name) => texts.actions[name])[at];
}

/** Writes the name of an approval's task, or the word for an unnamed task if the name is blank. */
export function writeTask(texts: Texts, task: string, max: number): string {
  return escapeLine(humanizeName(task), max) || texts.card.unnamed;
}

/** Writes the name of a task, or the exact name of a tool. */
export function writeSubject(texts: Texts, task: string, isTool: boolean, max: number): string {
  return isTool ? escapeLine(escapeAllUnseen(task), max) : writeTask(texts, task, max);
}

/** Lists the webhook URLs that the bot sends with a decision and the origin of each, without secrets; undefined: none. */
export function describeUrls(texts: Texts, approval: Approval, round: Round): string | undefined {
  const urlsByKind: ['task' | 'step' | 'crew' | 'humanInput', ResolvedUrl | undefined][] = [
    ...webhookKinds.map((kind) => [kind, approval.urls[kind]] as [typeof kind, ResolvedUrl | undefined]),
    ['humanInput', round.humanInput ? approval.humanInputUrl : undefined],
  ];
  const urls = urlsByKind.flatMap(([kind, resolvedUrl]) => {
    if (!resolvedUrl) return [];
    const url = escapeLine(maskUrl(resolvedUrl.url, resolvedUrl.from === 'bot'), 150);
    return [texts.reading.webhookUrl(kind, url, resolvedUrl.from)];
  });
  return urls.length > 0 ? texts.reading.sentUrls(urls) : undefined;
}

/** Writes the id that people know a run by, at most `max` characters; undefined: a question without a run. */
export function writeRunId(executionId: string, max: number): string | undefined {
  const name = findShownRunId(executionId);
  return name === undefined ? undefined : escapeLine(name, max);
}
