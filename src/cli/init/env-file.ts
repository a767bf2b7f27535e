import { parseEnv } from 'node:util';
import { AppError } from '../../lib/errors.ts';

/** Settings by their names. */
export type Answers = Readonly<Record<string, string>>;

/** Puts the answers into the text of .env.example. Throws an AppError that names a setting whose value .env cannot hold. */
export function fillExample(example: string, answers: Answers): string {
  const filled = example.replace(/^([A-Z_]+)=.*$/gm, (line, setting: string) => {
    const answer = answers[setting];
    return answer === undefined ? line : `${setting}=${quote(answer)}`;
  });
  return requireReadable(filled, answers);
}

/** Answers as a file in the format of .env. Throws an AppError that names a setting whose value .env cannot hold. */
export function formatAnswers(answers: Answers): string {
  const lines = Object.entries(answers).map(([setting, answer]) => `${setting}=${quote(answer)}\n`);
  return requireReadable(lines.join(''), answers);
}

function quote(value: string): string {
  if (/^[\w./:@,-]*$/.test(value)) return value;
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? '';
  return `${mark}${value}${mark}`;
}

function requireReadable(text: string, answers: Answers): string {
  const read = parseEnv(text);
  const lost = Object.keys(answers).find((setting) => read[setting] !== answers[setting]);
  if (lost !== undefined)
    throw new AppError('settings_invalid', `${lost} has characters that a .env file cannot hold.`);
  return text;
}
