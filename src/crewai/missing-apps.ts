import type { MissingApps } from '../approval/model/run/run-status.ts';

const CODE = 'apps_not_connected';
/** Match the names of apps, in a list or after the code. No source documents the body. */
const LISTED = /"\w*(?:apps|integrations|not_connected)"\s*:\s*\[("[^[\]{}]+")\]/i;
const WRITTEN = /apps_not_connected\s*:\s*([^"\\]+)/;

/**
 * Reads which apps are not connected from a response that contains `apps_not_connected`; undefined: any other response.
 * `message`: of the response, used if no app is named. `shorten`: removes secrets and shortens a text. Pure.
 */
export function readMissingApps(
  body: string,
  message: string | undefined,
  shorten: (text: string) => string,
): MissingApps | undefined {
  if (!body.includes(CODE)) return undefined;
  const [, listed = ''] = LISTED.exec(body) ?? [];
  const [, inlineNames = ''] = WRITTEN.exec(body) ?? [];
  const names = new Set([...listed.matchAll(/"([^"\\]+)"/g)].map(([, name]) => name?.trim()));
  const apps = [...names].join(', ') || inlineNames.trim();
  if (apps !== '') return { code: CODE, apps: shorten(apps) };
  return message === undefined || message.trim() === CODE
    ? { code: CODE }
    : { code: CODE, said: shorten(message) };
}
