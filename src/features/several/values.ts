import { z } from 'zod';
import type { Target } from '../../approval/read-round.ts';
import { readTarget, writeTarget } from '../../slack/app/button-values.ts';

const severalSchema = z.object({ shown: z.array(z.string()).max(20), next: z.string().optional() });
/** The approvals of a form in their order, and the place at which the next page begins. */
export interface SeveralTargets {
  targets: readonly Target[];
  next?: string | undefined;
}

export function writeSeveral({ targets, next }: SeveralTargets): string {
  return JSON.stringify({ shown: targets.map(writeTarget), next });
}

/** Reads text from `writeSeveral`; undefined for any other text. */
export function readSeveral(metadata: string): SeveralTargets | undefined {
  try {
    const { shown, next } = severalSchema.parse(JSON.parse(metadata));
    const targets = shown.map((value) => readTarget(value));
    return targets.every((target) => target !== undefined) ? { targets, next } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the value of a *Next* button: a place in the list of waiting approvals; undefined for any other value. */
export function readPlace(value: string | undefined): string | undefined {
  return value !== undefined && /^\/\d{15}\/[0-9A-Z]{10,16}$/.test(value) ? value : undefined;
}
