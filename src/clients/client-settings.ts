// Settings of the clients: all from the environment, or all from a file that `--config` names. Never from `.env` in the working
// directory: an agent that works there could name another bot in it.
import { accessSync, constants, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BotAddress } from './bot-calls.ts';

const NAMES = ['BOT_URL', 'CREW_NAME', 'ASK_SECRET'] as const;
type Name = (typeof NAMES)[number];

/** Limit on links that lead to links, the same as in Linux. */
const MAX_LINKS = 40;

/** A mistake that a person can correct; the message is one sentence. */
export class ClientSettingsError extends Error {}

/** Returns the settings by name, without those that are empty. `file`: path as given on the command line. */
export function readClientSettings(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Partial<Record<Name, string>> {
  // Without checked certificates, anyone on the network could answer in place of the bot.
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED?.trim() === '0')
    throw new ClientSettingsError('NODE_TLS_REJECT_UNAUTHORIZED is 0, so the bot could be anyone: unset it.');
  const values = file === undefined ? environment : readConfigFile(file);
  return Object.fromEntries(
    NAMES.map((name) => [name, values[name]?.trim()] as const).filter(([, value]) => value),
  );
}

/** Throws a ClientSettingsError that names the missing settings. */
export function requireBotAddress(
  settings: Partial<Record<Name, string>>,
  file: string | undefined,
): BotAddress {
  const missing = NAMES.filter((name) => settings[name] === undefined);
  if (missing.length > 0) {
    const [verb, pronoun] = missing.length > 1 ? ['are', 'them'] : ['is', 'it'];
    const place = file === undefined ? 'the environment or in a file that --config names' : resolve(file);
    throw new ClientSettingsError(`${missing.join(', ')} ${verb} not set: set ${pronoun} in ${place}.`);
  }
  const { BOT_URL: url = '', CREW_NAME: crew = '', ASK_SECRET: secret = '' } = settings;
  return { url, crew, secret };
}

/** True if this process's user can change or replace the file. Always false on Windows and for a file that cannot be read. */
export function canReplaceFile(file: string): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  try {
    return [...listLinkedPaths(resolve(file))].some((path) => {
      const stat = lstatSync(path);
      // The owner can change the mode. In a folder with the sticky bit, only owners can replace files.
      const isOpen = !stat.isSymbolicLink() && !(stat.mode & 0o1000) && isWritable(path);
      return stat.uid === user || isOpen;
    });
  } catch {
    return false;
  }
}

/** Lists a file and the folders above it. For a link, also lists its target and the folders above the target. */
function* listLinkedPaths(path: string, links = MAX_LINKS): Generator<string> {
  yield path;
  if (lstatSync(path).isSymbolicLink() && links > 0)
    yield* listLinkedPaths(resolve(dirname(path), readlinkSync(path)), links - 1);
  if (path !== dirname(path)) yield* listLinkedPaths(dirname(path), links);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads lines of the form NAME=value; a value can be quoted. Skips empty lines and lines that begin with #. */
function readConfigFile(file: string): Partial<Record<Name, string>> {
  const path = resolve(file);
  let text: string;
  try {
    if (process.platform !== 'win32' && statSync(path).mode & 0o022)
      throw new ClientSettingsError(`${path} can be written by others: run chmod go-w on it.`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ClientSettingsError) throw error;
    throw new ClientSettingsError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const settings: Partial<Record<Name, string>> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, key = '', value = ''] = /^\s*([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const name = NAMES.find((setting) => setting === key);
    if (name === undefined)
      throw new ClientSettingsError(
        `${path}, line ${index + 1}: ${key === '' ? 'a line is NAME=value' : `${key} is not a setting`}; the settings are ${NAMES.join(', ')}.`,
      );
    settings[name] = /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
  }
  return settings;
}
