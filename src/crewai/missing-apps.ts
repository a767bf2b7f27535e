import type { MissingApps } from '../approval/model/run/run-status.ts';

const CODE = 'apps_not_connected';
/** The names of apps, as a list or after the code: no source shows the body. */
const LISTED = /"\w*(?:apps|integrations|not_connected)"\s*:\s*\[("[^[\]{}]+")\]/i;
const WRITTEN = /apps_not_connected\s*:\s*([^"\\]+)/;

/**
 * The apps of an answer that has the code `apps_not_connected` anywhere; undefined for any other answer. `said`: the message
 * of the answer; `shorten`: makes a text fit to be shown. Pure.
 */
export function readMissingApps(
  body: string,
  said: string | undefined,
  shorten: (text: string) => string,
): MissingApps | undefined {
  if (!body.includes(CODE)) return undefined;
  const [, listed = ''] = LISTED.exec(body) ?? [];
  const [, written = ''] = WRITTEN.exec(body) ?? [];
  const names = new Set([...listed.matchAll(/"([^"\\]+)"/g)].map(([, name]) => name?.trim()));
  const apps = [...names].join(', ') || written.trim();
  if (apps !== '') return { code: CODE, apps: shorten(apps) };
  return said === undefined || said.trim() === CODE ? { code: CODE } : { code: CODE, said: shorten(said) };
}
