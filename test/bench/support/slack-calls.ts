import type { Call } from '../../sandbox/slack/calls.ts';
import { figure } from './report.ts';

export interface Tally {
  total: number;
  refused: number;
  /** Percentage of the calls that were answered 429. */
  share: number;
  /** The counts per method, for the table. */
  text: string;
}

/** Counts calls of the Web API, and calls that were refused because of their rate. */
export function tallyOf(calls: readonly Call[]): Tally {
  const methods = new Map<string, Call[]>();
  for (const call of calls) methods.set(call.method, [...(methods.get(call.method) ?? []), call]);
  const parts = [...methods]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([method, made]) => `${figure(made.length)} ${method} (${figure(refusedOf(made))} refused)`);
  const refused = refusedOf(calls);
  const share = calls.length === 0 ? 0 : (refused / calls.length) * 100;
  return { total: calls.length, refused, share, text: parts.join(', ') };
}

function refusedOf(calls: readonly Call[]): number {
  return calls.filter(({ answer }) => answer?.error === 'ratelimited').length;
}
