// Runs the hook with the options of the Claude Code plugin: `hook.mjs tools | questions | plans | forms | end`.
// hook.mjs is bundled from this file: npx vitest run test/clients/claude-plugin.test.ts --update
import { DIALOGS } from '../hook-dialogs.ts';

/** Time to read the input, in seconds. */
const DRAIN_TIMEOUT = 5;
const SETTINGS = ['BOT_URL', 'CREW_NAME', 'ASK_SECRET'];

const readOption = (name: string) => (process.env[`CLAUDE_PLUGIN_OPTION_${name}`] ?? '').trim();
const [, , part = ''] = process.argv;
const missing = SETTINGS.filter((name) => readOption(name) === '');
const isDialog = Object.hasOwn(DIALOGS, part);
if (isDialog && readOption(part.toUpperCase()) !== 'true') await leave();
else if (missing.length > 0)
  await leave(
    `The plugin crew-approvals does not know ${missing.join(', ').toLowerCase()}, so it allows no tool: run /plugin configure crew-approvals@crew-approvals.`,
  );
else {
  // A repository can set the environment of its agents, but not these options.
  for (const name of SETTINGS) process.env[name] = readOption(name);
  const switches = isDialog ? [`--${part}`] : readOption('NO_PROMPT') === 'true' ? ['--no-prompt'] : [];
  process.argv.splice(2, Infinity, ...switches);
  await import('../hook.ts');
}

/** Exits without a decision. A tool is blocked; a dialog of the agent goes on. */
async function leave(reason?: string): Promise<void> {
  if (reason !== undefined) console.error(reason);
  process.exitCode = part === 'tools' ? 2 : 0;
  // Claude Code could ignore the answer of a hook that did not read its input.
  setTimeout(() => process.exit(), DRAIN_TIMEOUT * 1_000).unref();
  for await (const _ of process.stdin);
}
