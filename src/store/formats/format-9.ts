import type { FormatStep } from './step.ts';

/** From format 8: only optional fields and new kinds of keys, whose absence means "unknown". Records need no change. */
export const toFormat9: FormatStep = { convertRecord: (_kind, record) => record };
