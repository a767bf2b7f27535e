import { isAllowedByPerson, type PersonAnswer } from './client.ts';

interface CallToAsk {
  tool: string;
  agent: string;
  run: string;
  /** JSON. */
  argumentsText: string;
  message?: string | undefined;
}

/** The question whether a tool may be called, as JSON: its arguments stay as they were written. */
export function writeCallQuestion({ tool, argumentsText, ...fields }: CallToAsk): string {
  const question = JSON.stringify({ kind: 'tool', title: tool, ...fields, lease: true });
  return `${question.slice(0, -1)},"output":${argumentsText}}`;
}

/** What an answer makes of the call; undefined: neither allow nor block. */
export function judgeCall(answer: PersonAnswer): { allowed: boolean; reason: string } | undefined {
  const { option, by, text } = answer;
  if (isAllowedByPerson(answer))
    return { allowed: true, reason: `A person allowed this call (Slack user ${by}).` };
  if (option !== 'block') return undefined;
  const blocked = by ? `a person blocked this call (Slack user ${by})` : 'nobody allowed this call in time';
  const reason = text === '' ? '' : ` Reason: ${text}`;
  return { allowed: false, reason: `The tool was not run: ${blocked}.${reason}` };
}
