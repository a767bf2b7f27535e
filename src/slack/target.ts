import type { Target } from '../approval/service.ts';

/** A button's value and a modal's memory: which round of which approval it decides. */
export function writeTarget(approvalId: string, round: number): string {
  return `${approvalId}.${round}`;
}

/** Reads it back; undefined when it is none of ours. */
export function readTarget(value: string | undefined): Target | undefined {
  const [, approvalId, round] = /^([0-9A-Z]{10})\.(\d{1,6})$/.exec(value ?? '') ?? [];
  return approvalId === undefined ? undefined : { approvalId, round: Number(round) };
}
