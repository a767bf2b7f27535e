import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const manifestSchema = z.object({
  features: z
    .object({
      app_home: z.object({ home_tab_enabled: z.boolean().default(false) }).optional(),
      shortcuts: z
        .array(z.object({ type: z.string(), name: z.string(), callback_id: z.string() }))
        .default([]),
      slash_commands: z
        .array(z.object({ command: z.string(), should_escape: z.boolean().default(false) }))
        .default([]),
    })
    .prefault({}),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z
    .object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).optional(),
      interactivity: z.object({ is_enabled: z.boolean() }).optional(),
    })
    .prefault({}),
});

/** The parts of an app's manifest that the workspace honours. */
export interface Manifest {
  scopes: string[];
  commands: string[];
  /** Commands with `should_escape`: Slack sends mentions in their text as ids, and special characters as entities. */
  escapedCommands: string[];
  /** Message shortcuts only; the workspace has no global ones. */
  shortcuts: { name: string; callbackId: string }[];
  events: string[];
  homeTab: boolean;
  interactive: boolean;
}

export async function readManifest(path: string): Promise<Manifest> {
  const manifest = manifestSchema.parse(parse(await readFile(path, 'utf8')));
  return {
    scopes: manifest.oauth_config.scopes.bot,
    commands: manifest.features.slash_commands.map(({ command }) => command),
    escapedCommands: manifest.features.slash_commands.flatMap(({ command, should_escape }) =>
      should_escape ? [command] : [],
    ),
    shortcuts: manifest.features.shortcuts
      .filter(({ type }) => type === 'message')
      .map(({ name, callback_id }) => ({ name, callbackId: callback_id })),
    events: manifest.settings.event_subscriptions?.bot_events ?? [],
    homeTab: manifest.features.app_home?.home_tab_enabled ?? false,
    interactive: manifest.settings.interactivity?.is_enabled ?? false,
  };
}
