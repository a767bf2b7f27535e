import type { Dialect } from '../approval/model/crew/dialect.ts';
import { buildDocumentedBody, DOCUMENTED_FIELDS } from './dialects/documented.ts';
import { buildDecidingText, buildLiveBody, findRejectedFields, LIVE_FIELDS } from './dialects/live.ts';
import type { ResumeOrder } from './resume-request.ts';

/** Writes POST /resume in a dialect. While that is unknown one request carries both spellings: it cannot act twice. Pure. */
export function buildResumeBody(order: ResumeOrder, dialect: Dialect): Record<string, unknown> {
  switch (dialect) {
    case 'documented':
      return buildDocumentedBody(order);
    case 'live':
      return buildLiveBody(order);
    case 'unknown':
      return { ...buildDocumentedBody(order, buildDecidingText(order)), ...buildLiveBody(order) };
  }
}

/**
 * The dialect that a refusal asks for, where it proves that the request was never handled and names a field of a dialect;
 * undefined for every other answer: nothing else may be sent again in another form. Pure.
 */
export function findRequestedDialect(
  status: number,
  json: Readonly<Record<string, unknown>>,
): 'documented' | 'live' | undefined {
  const fields = findRejectedFields(status, json);
  if (!fields) return undefined;
  const { missing, unknown } = fields;
  const live =
    missing.some((name) => LIVE_FIELDS.has(name)) || unknown.some((name) => DOCUMENTED_FIELDS.has(name));
  const documented =
    missing.some((name) => DOCUMENTED_FIELDS.has(name)) || unknown.some((name) => LIVE_FIELDS.has(name));
  if (live === documented) return undefined;
  return live ? 'live' : 'documented';
}
