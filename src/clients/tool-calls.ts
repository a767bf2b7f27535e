import { isAllowedByPerson, type PersonAnswer } from './client.ts';

/** Reads a decision on the call from an answer; undefined: neither a person's allow nor a block. */
export function judgeCall(answer: PersonAnswer): { allowed: boolean; reason: string } | undefined {
  const { option, by, text } = answer;
  if (isAllowedByPerson(answer))
    return { allowed: true, reason: `A person allowed this call (Slack user ${by}).` };
  if (option !== 'block') return undefined;
  const blocked = by ? `a person blocked this call (Slack user ${by})` : 'nobody allowed this call in time';
  const reason = text === '' ? '' : ` Reason: ${text}`;
  return { allowed: false, reason: `The tool was not run: ${blocked}.${reason}` };
}
