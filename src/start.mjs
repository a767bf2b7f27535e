#!/usr/bin/env node
// Starts the built bot or another command. Never builds, since several processes may run from this folder. Plain
// JavaScript, since it must run without a build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const COMMANDS = {
  start: {
    file: 'main',
    about:
      'start the bot (the default); --restored after a restore from a backup, --upgrade once\n           where an earlier version wrote the Postgres or Redis database',
  },
  init: { file: 'cli/init/init', about: 'ask for the settings, check them and write .env' },
  doctor: {
    file: 'cli/doctor/doctor',
    about: 'check the setup; --kickoff prints the fields of a kickoff, --send-test posts a test card',
  },
  demo: {
    file: 'sandbox/demo',
    about:
      'show the bot in a browser with a simulated Slack and CrewAI; --documented: with the documented\n           dialect; --crewai: also runs the programs of the documents',
  },
  export: { file: 'cli/export', about: 'write the decisions as CSV or JSON lines' },
  verify: {
    file: 'cli/verify',
    about:
      'check that nothing in the history was changed, in the store or in an export; verify receipt FILE checks\n           a signed receipt',
  },
  'receipt-keys': {
    file: 'cli/receipt-keys',
    about: 'print the public keys of receipts; new FILE writes a key, revoke KID ends one',
  },
  report: {
    file: 'cli/report',
    about: 'write what was asked and decided as a page that can be printed, with the check of the history',
  },
  backup: { file: 'cli/backup', about: 'copy a SQLite store into one file while the bot runs' },
  mcp: {
    file: 'clients/mcp',
    about:
      'an MCP server on stdin and stdout: ask_human, get_answer, cancel; --print-config prints the\n           configuration of a client',
  },
  hook: {
    file: 'clients/hook',
    about: "ask about a coding agent's permission request on stdin, and print its decision",
  },
};

const HAVE_OWN_HELP = ['export', 'verify', 'receipt-keys', 'report', 'backup', 'hook'];

const src = dirname(fileURLToPath(import.meta.url));
const dist = join(src, '..', 'dist');
const stamp = join(dist, 'built-from');
// An installed package has no source files.
const packaged = !existsSync(join(src, 'main.ts'));
const [first = 'start'] = process.argv.slice(2);

// For `npm run build` and the tests.
if (first === '--record-build') recordBuild();
else if (first === '--check-build') exitOnFault('start');
// npx makes npm prepare a clone, too. A build of this source is kept, because a bot may be running from it.
else if (first === '--is-built') process.exitCode = findFault('start') === undefined ? 0 : 1;
else if (['help', '--help', '-h'].includes(first)) console.log(describeUsage());
else if (['version', '--version', '-v'].includes(first)) console.log(readVersion());
// Other options are options of the bot.
else if (first.startsWith('--')) await start('start');
else {
  // The command sees only its own arguments.
  process.argv.splice(2, 1);
  const asksForHelp = ['--help', '-h'].includes(process.argv[2]);
  if (asksForHelp && !HAVE_OWN_HELP.includes(first) && first in COMMANDS) console.log(describeUsage());
  else await start(first);
}

async function start(command) {
  exitOnFault(command);
  try {
    // A path with # or %, or on Windows, cannot be used as a URL.
    await import(pathToFileURL(join(dist, `${COMMANDS[command].file}.js`)).href);
  } catch (error) {
    if (isWrongOption(error)) refuseOption(command, error);
    if (!isBrokenInstallation(error)) throw error;
    console.error(
      `A package is missing or is not for ${process.platform} ${process.arch} and Node ${process.version}: ${packaged ? 'install crew-approvals again' : 'run `npm ci` again'}. (${String(error.message).split('\n')[0]})`,
    );
    process.exit(chooseExitCode(command));
  }
}

function exitOnFault(command) {
  const fault = findFault(command);
  if (fault === undefined) return;
  console.error(fault);
  process.exit(chooseExitCode(command));
}

/** Returns 2 for a hook without a prompt: after any other exit code, the coding agent runs the tool without asking anyone. */
function chooseExitCode(command) {
  const options = process.argv.slice(2);
  return command === 'hook' &&
    (options.includes('--no-prompt') || options.some((option) => /^(?:--agent=)?gemini$/.test(option)))
    ? 2
    : 1;
}

/** True if a command was called with an option that it does not have. Commands parse first, and leave the error uncaught. */
function isWrongOption(error) {
  return String(error?.code).startsWith('ERR_PARSE_ARGS_');
}

function refuseOption(command, { message }) {
  // Omits Node's advice about arguments that begin with a dash.
  const [sentence] = message.split(/\.? To specify |\. |\.?\n/);
  console.error(
    `${sentence}. For the options of ${command}, see: npx --no-install crew-approvals ${command} --help`,
  );
  // A hook with a wrong option must block the tool call.
  process.exit(command === 'hook' ? 2 : 1);
}

/** True if packages were deleted, or installed on another system or with another Node. */
function isBrokenInstallation(error) {
  return (
    ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'].includes(error?.code) ||
    /No native build was found/.test(error?.message)
  );
}

function findFault(command) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 12))
    return `Node 20.12 or newer is required; this is ${process.version}.`;
  if (!Object.hasOwn(COMMANDS, command)) return `Unknown command "${command}".\n\n${describeUsage()}`;
  const built = existsSync(join(dist, `${COMMANDS[command].file}.js`));
  if (COMMANDS[command].file.startsWith('sandbox/') && packaged && existsSync(stamp) && !built)
    return `The ${command} is not part of the image: run it from a clone or from the npm package.`;
  if (!existsSync(stamp) || !built) return 'The bot is not built: run `npm ci` (or `npm run build`) first.';
  if (packaged || readFileSync(stamp, 'utf8') === hashSource()) return undefined;
  return 'The build is older than the source: run `npm ci` (or `npm run build`) first.';
}

function describeUsage() {
  const lines = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`);
  return [
    'usage: crew-approvals [command] [options]',
    '',
    ...lines,
    '  help     show this text; --version shows the version',
    '',
    'The settings are read from the environment and from .env in this folder; those of mcp and hook from the environment or --config FILE.',
  ].join('\n');
}

function readVersion() {
  return JSON.parse(readFileSync(join(src, '..', 'package.json'), 'utf8')).version;
}

function hashSource() {
  const hash = createHash('sha256');
  for (const name of readdirSync(src, { recursive: true }).map(String).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(src, name)));
  }
  return hash.digest('hex');
}

function recordBuild() {
  // The compiler does not remove the output of deleted files.
  for (const name of readdirSync(dist, { recursive: true }).map(String)) {
    const isWritten =
      /\.(?:js|d\.ts)$/.test(name) && existsSync(join(src, name.replace(/\.(?:js|d\.ts)$/, '.ts')));
    // An earlier build also wrote source maps.
    if (!isWritten && /\.(?:js(?:\.map)?|d\.ts)$/.test(name)) rmSync(join(dist, name));
  }
  writeFileSync(stamp, hashSource());
}
