import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { AppError } from '../../lib/errors.ts';

/** Values of settings, by name. */
export type InitAnswers = Readonly<Record<string, string>>;

/** Puts the answers into the text of .env.example. Throws an AppError that names a setting whose value .env cannot hold. */
export function fillExample(example: string, answers: InitAnswers): string {
  const filled = example.replace(/^([A-Z_]+)=.*$/gm, (line, setting: string) => {
    const answer = answers[setting];
    return answer === undefined ? line : formatEnvLine(setting, answer);
  });
  return requireReadable(filled, answers);
}

/** Writes answers in the format of .env. Throws an AppError that names a setting whose value .env cannot hold. */
export function formatAnswers(answers: InitAnswers): string {
  const lines = Object.entries(answers).map(([setting, answer]) => `${formatEnvLine(setting, answer)}\n`);
  return requireReadable(lines.join(''), answers);
}

function formatEnvLine(setting: string, value: string): string {
  if (/^[\w./:@,-]*$/.test(value)) return `${setting}=${value}`;
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate));
  if (mark === undefined) throw rejectValue(setting);
  return `${setting}=${mark}${value}${mark}`;
}

function rejectValue(setting: string): AppError {
  return new AppError('settings_invalid', `${setting} has characters that a .env file cannot hold.`);
}

function requireReadable(text: string, answers: InitAnswers): string {
  const parsed = parseEnv(text);
  const changedSetting = Object.keys(answers).find((setting) => parsed[setting] !== answers[setting]);
  if (changedSetting !== undefined) throw rejectValue(changedSetting);
  return text;
}

export const ENV_FILE = '.env';
/** File for the answers of an interrupted setup. It contains secrets, so only its owner can read it. */
export const ANSWERS_FILE = '.env.init';

/**
 * Reads the answers to these settings from an interrupted setup in this folder. Throws an AppError if the file cannot be read.
 */
export function readAnswers(settings: readonly string[]): InitAnswers {
  if (!isThere(ANSWERS_FILE)) return {};
  try {
    const saved = parseEnv(readFileSync(ANSWERS_FILE, 'utf8'));
    return Object.fromEntries(
      settings.flatMap((setting) => (setting in saved ? [[setting, saved[setting] ?? '']] : [])),
    );
  } catch (error) {
    throw new AppError(
      'settings_invalid',
      `${ANSWERS_FILE}, which holds earlier answers, cannot be read (${nameFault(error)}): delete it to start over.`,
    );
  }
}

/** Saves the answers so far. Throws an AppError that names the folder if they cannot be written. */
export function saveAnswers(answers: InitAnswers): void {
  const text = formatAnswers(answers);
  writeThrough(text, (temporaryFile) => renameSync(temporaryFile, ANSWERS_FILE));
}

/** Throws an AppError if this folder already has settings: init never overwrites them. */
export function requireNoEnvFile(): void {
  if (isThere(ENV_FILE))
    throw new AppError(
      'settings_invalid',
      `${process.cwd()} already has a ${ENV_FILE}, and init never overwrites it. Check it with the doctor, or move it away and run init again.`,
    );
}

/** Writes the whole .env, unless there is one, and deletes the saved answers. Throws an AppError if .env cannot be written. */
export function writeEnvFile(text: string): void {
  requireNoEnvFile();
  // Unlike a rename, a link never replaces an existing file.
  writeThrough(text, (temporaryFile) => linkSync(temporaryFile, ENV_FILE));
  rmSync(ANSWERS_FILE, { force: true });
}

/** Writes a new file that only its owner can read, and calls `moveIntoPlace` with its path. */
function writeThrough(text: string, moveIntoPlace: (temporaryFile: string) => void): void {
  const temporaryFile = `${ANSWERS_FILE}.${process.pid}`;
  try {
    rmSync(temporaryFile, { force: true });
    writeFileSync(temporaryFile, text, { flag: 'wx', mode: 0o600, flush: true });
    moveIntoPlace(temporaryFile);
  } catch (error) {
    if (nameFault(error) === 'EEXIST') requireNoEnvFile();
    throw new AppError(
      'settings_invalid',
      `The answers cannot be written in ${process.cwd()} (${nameFault(error)}): run init in a folder that you can write to.`,
    );
  } finally {
    rmSync(temporaryFile, { force: true });
  }
}

/** True if the name is taken, even by a link without a target. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function nameFault(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
