import type { FormatStep } from './step.ts';

/** From format 8: format 9 only adds optional fields and new kinds of keys. A missing one means "unknown", so no record changes. */
export const toFormat9: FormatStep = { convertRecord: (_kind, record) => record };
