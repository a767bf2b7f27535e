import { parseEnv } from 'node:util';
import { AppError } from '../../lib/errors.ts';

/** Settings by their names. */
export type Answers = Readonly<Record<string, string>>;

/** Puts the answers into the text of .env.example. Throws an AppError that names a setting whose value .env cannot hold. */
export function fillExample(example: string, answers: Answers): string {
  const filled = example.replace(/^([A-Z_]+)=.*$/gm, (line, setting: string) => {
    const answer = answers[setting];
    return answer === undefined ? line : formatLine(setting, answer);
  });
  return requireReadable(filled, answers);
}

/** Answers as a file in the format of .env. Throws an AppError that names a setting whose value .env cannot hold. */
export function formatAnswers(answers: Answers): string {
  const lines = Object.entries(answers).map(([setting, answer]) => `${formatLine(setting, answer)}\n`);
  return requireReadable(lines.join(''), answers);
}

function formatLine(setting: string, value: string): string {
  if (/^[\w./:@,-]*$/.test(value)) return `${setting}=${value}`;
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate));
  if (mark === undefined) throw rejectValue(setting);
  return `${setting}=${mark}${value}${mark}`;
}

function rejectValue(setting: string): AppError {
  return new AppError('settings_invalid', `${setting} has characters that a .env file cannot hold.`);
}

function requireReadable(text: string, answers: Answers): string {
  const read = parseEnv(text);
  const lost = Object.keys(answers).find((setting) => read[setting] !== answers[setting]);
  if (lost !== undefined) throw rejectValue(lost);
  return text;
}
