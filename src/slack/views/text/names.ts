import type { Approval } from '../../../approval/model/approval.ts';
import { maskUrl, type ResolvedUrl, webhookKinds } from '../../../approval/model/crew/webhook-urls.ts';
import type { Decision, Round } from '../../../approval/model/round.ts';
import { nameRun } from '../../../approval/model/run/program-run.ts';
import { TOOL_OPTIONS } from '../../../approval/model/tool-call.ts';
import { HERE } from '../../../approval/notify/mentions.ts';
import type { Texts } from '../../texts/texts.ts';
import type { DecisionWords } from '../../texts/words.ts';
import { formatDate } from './elements.ts';
import { cleanLine, escapeLine, sanitizeText } from './escape.ts';
import { truncate } from './truncate.ts';

/** Names who decided: a person, or a rule of the settings. */
export function nameDecider(texts: Texts, decision: Decision): string {
  return decision.rule === 'expiry' ? texts.card.rule : mention(decision.by);
}

/** Mentions a user or a user group by its ID, or everyone who is active in the channel. */
function mentionAny(id: string): string {
  if (id === HERE) return '<!here>';
  return id.startsWith('S') ? `<!subteam^${id}>` : mention(id);
}

/** Mentions all of them; undefined if there are none. */
export function mentionAll(ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : ids.map(mentionAny).join(' ');
}

/** Names who produced an output; undefined if it is not known. */
export function nameAgent(agent: string | undefined): string | undefined {
  return agent ? `*${escapeLine(agent, 100)}*` : undefined;
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}

/** Characters of an option in a sentence. */
export const OPTION_SHOWN = 75;

export interface DecisionContext {
  /** A call of a tool is decided on: its options have our own labels, in the language that is spoken. */
  isTool: boolean;
  dated?: boolean;
  others?: readonly string[] | undefined;
  number?: number | undefined;
}

/**
 * A decision for a sentence; without its time for a line that has it elsewhere. `others`: who decided before the last; `number`:
 * of the option, where others look the same.
 */
export function prepareDecision(
  texts: Texts,
  { action, option, feedback, rule, by, at }: Decision,
  { isTool, dated = true, others = [], number }: DecisionContext,
): DecisionWords {
  const chosen = (isTool && nameToolOption(texts, feedback)) || feedback;
  const label = number === undefined ? chosen : `${number}. ${chosen}`;
  return {
    action,
    option: option === undefined ? undefined : `*${escapeLine(label, OPTION_SHOWN)}*`,
    by: rule ? undefined : texts.people([...others, by].map(mention)),
    ...(dated ? { when: formatDate(texts, at) } : {}),
  };
}

const DISPLAY_NAME_SHOWN = 80;
/**
 * The end of a sentence or of a label, what joins two names in one of our languages, what a line of a card can begin with, or so
 * many words that they can be a sentence.
 */
const READS_AS_LINE =
  /[.!?:;](?=\s|$)|[…。！？：；,，、&]|\s(?:and|or|e|ou|y|o|u)\s|^[\p{Extended_Pictographic}\p{So}\p{Nd}]|(?:\S+\s+){3}\S/iu;

/** The display name of a person or group, in plain text. It is in quotes if it could be read as more than a name. */
export function quoteDisplayName(name: string): string {
  const line = truncate(sanitizeText(cleanLine(name)), DISPLAY_NAME_SHOWN);
  return READS_AS_LINE.test(line) ? `“${line.replaceAll(/["“”„]/g, "'")}”` : line;
}

/** A name as people write it: `first_payment` is First payment. Others stay as they are. */
export function humanizeName(name: string): string {
  if (!/^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/.test(name)) return name;
  const words = name.replace(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * What a call of a tool is answered with, in the language that is spoken. Only for tools: an option of a program can have the
 * same label.
 */
export function nameToolOption(texts: Texts, label: string): string | undefined {
  const at = TOOL_OPTIONS.findIndex((option) => option.label === label);
  return (['allow', 'block', 'allowCall', 'allowTool'] as const).map((name) => texts.actions[name])[at];
}

/** What people call the task of an approval. It is blank where its output has nothing to name it by. */
export function writeTask(texts: Texts, task: string, max: number): string {
  return escapeLine(humanizeName(task), max) || texts.card.unnamed;
}

/** The webhook URLs that are sent with a decision and the origin of each, without secrets; undefined if there are none. */
export function describeUrls(texts: Texts, approval: Approval, round: Round): string | undefined {
  const known: ['task' | 'step' | 'crew' | 'humanInput', ResolvedUrl | undefined][] = [
    ...webhookKinds.map((kind) => [kind, approval.urls[kind]] as [typeof kind, ResolvedUrl | undefined]),
    ['humanInput', round.humanInput ? approval.humanInputUrl : undefined],
  ];
  const urls = known.flatMap(([kind, sent]) => {
    if (!sent) return [];
    const url = escapeLine(maskUrl(sent.url, sent.from === 'bot'), 150);
    return [texts.reading.webhookUrl(kind, url, sent.from)];
  });
  return urls.length > 0 ? texts.reading.sentUrls(urls) : undefined;
}

/** A run by the id that people know, at most so many characters; undefined: a question without a run. */
export function writeRunId(executionId: string, max: number): string | undefined {
  const name = nameRun(executionId);
  return name === undefined ? undefined : escapeLine(name, max);
}
