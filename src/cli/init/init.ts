import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError, summarizeError } from '../../lib/errors.ts';
import { openBrowser } from '../../lib/open-browser.ts';
import { loadSettings, readEnvironment } from '../../settings/load-settings.ts';
import { runChecks } from '../doctor/checks.ts';
import { printKickoff } from '../doctor/print-kickoff.ts';
import { printResults } from '../doctor/result.ts';
import { AnswerError, askQuestions } from './ask-questions.ts';
import {
  ANSWERS_FILE,
  ENV_FILE,
  fillExample,
  type InitAnswers,
  readAnswers,
  requireNoEnvFile,
  saveAnswers,
  writeEnvFile,
} from './env-files.ts';
import { buildSlackAppLink, heading, listQuestions } from './questions.ts';
import { Terminal } from './terminal.ts';

// `npx --no-install crew-approvals init`: asks for the settings, checks each at once and writes .env.
const INTERRUPTED = 130;
/** Settings that init uses from the environment. HOST and PORT are also written to .env. */
const FROM_ENVIRONMENT = ['SLACK_API_URL', 'HOST', 'PORT'];

/** Advice for the person if init stops before its end. */
let advice = '';

// init has no options and no arguments.
parseArgs();

try {
  process.exitCode = await init();
} catch (error) {
  console.error(`\n${describeStop(error)}`);
  process.exitCode = 1;
}

async function init(): Promise<number> {
  const appLink = buildSlackAppLink(readPackageFile('manifest.yml'));
  const questions = listQuestions(appLink, findPackageFile('manifest.yml'), process.env.PORT || undefined);
  const settings = [...questions.map(({ setting }) => setting), 'WEBHOOK_SECRET', 'ASK_SECRET'];
  requireFree(settings);
  const answered = prepareAnswers(settings);
  process.on('SIGINT', interrupt);
  const terminal = new Terminal(process.stdin, process.stdout, interrupt);
  try {
    terminal.say(
      `This sets up the bot in ${process.cwd()}. Each answer is checked at once; nothing is overwritten.`,
    );
    for (const { setting } of questions) if (setting in answered) terminal.say(`kept     ${setting}`);
    if (!('SLACK_BOT_TOKEN' in answered)) openBrowser(appLink);
    const environment = pick(process.env, FROM_ENVIRONMENT);
    const answers = await askQuestions(terminal, questions, answered, { environment, save: keepAnswers });
    const envValues = { ...pick(environment, ['HOST', 'PORT']), ...completeAnswers(answers) };
    writeEnvFile(fillExample(readPackageFile('.env.example'), envValues));
    advice = `The settings are in ${ENV_FILE}: check them with npx --no-install crew-approvals doctor.`;
    terminal.say(
      `\nThe settings are in ${ENV_FILE}, which only you can read. The doctor checks them once more:\n`,
    );
    return await finish(terminal);
  } finally {
    terminal.close();
  }
}

/** Throws an AppError if settings exist already, in a file or in the environment, which has priority over the file. */
function requireFree(settings: readonly string[]): void {
  requireNoEnvFile();
  const set = settings.filter((setting) => process.env[setting]);
  if (set.length > 0)
    throw new AppError(
      'settings_invalid',
      `${set.join(', ')} in the environment would win over ${ENV_FILE}: unset ${set.length === 1 ? 'it' : 'them'} and run init again.`,
    );
}

/** Returns the answers of an interrupted setup and a secret for the webhooks. Saving them shows if the folder is writable. */
function prepareAnswers(settings: readonly string[]): InitAnswers {
  const answered = { WEBHOOK_SECRET: randomBytes(24).toString('hex'), ...readAnswers(settings) };
  keepAnswers(answered);
  return answered;
}

function keepAnswers(answers: InitAnswers): void {
  saveAnswers(answers);
  // The secret alone is not an answer.
  if (Object.keys(answers).length > 1)
    advice = `Your answers so far are in ${ANSWERS_FILE}: run init again to continue. Delete a line of that file to answer it again, or the file to start over.`;
}

/**
 * Adds an ask secret if only the person's own programs ask, and leaves the token and the webhook secret empty: nothing uses them.
 */
function completeAnswers(answers: InitAnswers): InitAnswers {
  if (answers.CREWAI_BASE_URL !== '') return answers;
  return {
    ...answers,
    CREWAI_BEARER_TOKEN: '',
    WEBHOOK_SECRET: '',
    ASK_SECRET: randomBytes(24).toString('hex'),
  };
}

async function finish(terminal: Terminal): Promise<number> {
  const settings = loadSettings(readEnvironment(process.env));
  const code = await printResults(runChecks(settings, false));
  terminal.say('\nNow start the bot, and leave it running: npx --no-install crew-approvals');
  const [crew] = settings.crews;
  if (crew?.baseUrl === '') {
    terminal.say(
      `${heading(4)}let your program ask, with the address of this bot, the crew ${crew.name} and the ASK_SECRET in ${ENV_FILE}. docs/ask.md has programs to paste, and docs/self-hosted.md those for CrewAI.`,
    );
    return code;
  }
  if (!settings.publicUrl)
    terminal.say(`\nRuns need PUBLIC_URL: set it in ${ENV_FILE}, and restart the bot if it is running.`);
  terminal.say(
    `${heading(4)}start a run of your crew: type ${settings.slack.command} run in Slack. Its first pause becomes a card.`,
  );
  const elsewhere = '\nA run that is started outside Slack needs';
  terminal.say(
    settings.publicUrl
      ? `${elsewhere} these fields, with your own inputs.`
      : `${elsewhere} fields that npx --no-install crew-approvals doctor --kickoff prints once PUBLIC_URL is set.`,
  );
  if (settings.publicUrl) await printKickoff(settings, undefined);
  return code;
}

function pick(environment: NodeJS.ProcessEnv | InitAnswers, settings: readonly string[]): InitAnswers {
  return Object.fromEntries(
    settings.flatMap((setting) => (environment[setting] ? [[setting, environment[setting]]] : [])),
  );
}

function readPackageFile(name: string): string {
  return readFileSync(findPackageFile(name), 'utf8');
}

function findPackageFile(name: string): string {
  return fileURLToPath(new URL(`../../../${name}`, import.meta.url));
}

function interrupt(): void {
  console.error(`\n${`Stopped. ${advice}`.trim()}`);
  process.exit(INTERRUPTED);
}

function describeStop(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof AnswerError) return `${error.message} ${advice}`.trim();
  return `init failed: ${summarizeError(error)}. ${advice}`.trim();
}
