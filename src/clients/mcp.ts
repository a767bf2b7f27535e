// The command `crew-approvals mcp`.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BotAddress, type CallOptions, CrewApprovals, type ProgramQuestion } from './client.ts';
import { ClientSettingsError, readClientSettings, requireBotAddress } from './client-settings.ts';
import { serveMcp } from './mcp-stdio.ts';

type Effect = NonNullable<ProgramQuestion['effect']>;

/** A client whose questions all have this effect: the agent cannot change it. */
class EffectClient extends CrewApprovals {
  readonly #effect: Effect;

  constructor(address: BotAddress, effect: Effect) {
    super(address);
    this.#effect = effect;
  }

  override put(id: string, question: ProgramQuestion, options?: CallOptions): Promise<void> {
    return super.put(id, { ...question, effect: this.#effect }, options);
  }
}

const { values } = parseArgs({
  options: { config: { type: 'string' }, effect: { type: 'string' }, 'print-config': { type: 'boolean' } },
});

try {
  const { config, 'print-config': printsConfig } = values;
  const effect = readEffect(values.effect);
  const settings = readClientSettings(config, process.env);
  if (printsConfig) console.log(JSON.stringify(buildMcpClientConfig(config, effect, settings), null, 2));
  else await serve(requireBotAddress(settings, config), effect);
} catch (error) {
  // A TypeError is from CrewApprovals: an address, crew or secret that cannot be used.
  const isSettingsMistake = error instanceof ClientSettingsError || error instanceof TypeError;
  console.error(isSettingsMistake ? error.message : error);
  process.exitCode = 1;
}

function readEffect(effect: string | undefined): Effect | undefined {
  if (effect === undefined || effect === 'reversible' || effect === 'irreversible') return effect;
  throw new ClientSettingsError('--effect must be reversible or irreversible');
}

async function serve(address: BotAddress, effect: Effect | undefined): Promise<void> {
  const client = effect === undefined ? new CrewApprovals(address) : new EffectClient(address, effect);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await serveMcp(process.stdin, process.stdout, {
    client,
    secret: address.secret,
    version: readPackageVersion(),
    stop: stop.signal,
    onError: (error) => console.error(error),
  });
  // The input may still be open and would keep the process running.
  process.exit(0);
}

/** Builds the configuration with which an MCP client starts the server from this installation, not from a package registry. */
function buildMcpClientConfig(
  config: string | undefined,
  effect: string | undefined,
  settings: Record<string, string | undefined>,
): object {
  const startScript = fileURLToPath(new URL('../../src/start.mjs', import.meta.url));
  const configOption = config === undefined ? [] : ['--config', resolve(config)];
  const effectOption = effect === undefined ? [] : ['--effect', effect];
  const {
    BOT_URL = 'http://localhost:3000',
    CREW_NAME = 'crew',
    ASK_SECRET = 'the ask secret of the crew',
  } = settings;
  const env = config === undefined ? { env: { BOT_URL, CREW_NAME, ASK_SECRET } } : {};
  const server = {
    command: process.execPath,
    args: [startScript, 'mcp', ...configOption, ...effectOption],
    ...env,
  };
  return { mcpServers: { 'crew-approvals': server } };
}

function readPackageVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
