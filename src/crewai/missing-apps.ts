const CODE = 'apps_not_connected';
/** The names of apps, as a list or after the code: no source shows the body. */
const LISTED = /"\w*(?:apps|integrations|not_connected)"\s*:\s*\[("[^[\]{}]+")\]/i;
const WRITTEN = /apps_not_connected\s*:\s*([^"\\]+)/;

/**
 * The sentence for an answer that has the code `apps_not_connected` anywhere; undefined for any other answer. `said`: the
 * message of the answer. Pure.
 */
export function describeMissingApps(body: string, said: string | undefined): string | undefined {
  if (!body.includes(CODE)) return undefined;
  const [, listed = ''] = LISTED.exec(body) ?? [];
  const [, written = ''] = WRITTEN.exec(body) ?? [];
  const names = new Set([...listed.matchAll(/"([^"\\]+)"/g)].map(([, name]) => name?.trim()));
  const apps = [...names].join(', ') || written.trim();
  if (apps !== '') return `Connect these apps in CrewAI: ${apps}`;
  const rest = said === undefined || said.trim() === CODE ? '' : ` (${said})`;
  return `Connect the apps of this crew in CrewAI${rest}`;
}
