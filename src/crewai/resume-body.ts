import type { Dialect } from '../approval/model/crew/dialect.ts';
import { buildDocumentedBody, DOCUMENTED_FIELDS } from './dialects/documented.ts';
import { buildDecidingText, buildLiveBody, findRejectedFields, LIVE_FIELDS } from './dialects/live.ts';
import type { ResumeContent } from './resume-request.ts';

/** Builds the body of POST /resume. For an unknown dialect the body has both spellings, so that one request is enough. Pure. */
export function buildResumeBody(content: ResumeContent, dialect: Dialect): Record<string, unknown> {
  switch (dialect) {
    case 'documented':
      return buildDocumentedBody(content);
    case 'live':
      return buildLiveBody(content);
    case 'unknown':
      return { ...buildDocumentedBody(content, buildDecidingText(content)), ...buildLiveBody(content) };
  }
}

/**
 * Finds the dialect that a rejection asks for. The rejection must prove that CrewAI did not handle the request, and name a field
 * of a dialect; undefined: do not repeat the request in another form. Pure.
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
