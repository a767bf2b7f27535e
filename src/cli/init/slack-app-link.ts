import { parse } from 'yaml';

/** The link with which Slack creates an app from this manifest. `manifest`: the text of manifest.yml. Pure. */
export function buildSlackAppLink(manifest: string): string {
  const compact = JSON.stringify(parse(manifest));
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(compact)}`;
}
