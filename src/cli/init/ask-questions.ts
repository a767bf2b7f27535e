import { formatResult } from '../doctor/result.ts';
import { ANSWER_CHECKS } from './check-answers.ts';
import type { InitAnswers } from './env-files.ts';
import type { InitQuestion } from './questions.ts';
import type { Terminal } from './terminal.ts';

/** A question has no answer, or a wrong one from a pipe, which cannot answer again. */
export class AnswerError extends Error {}

/**
 * Asks every question without an answer, in order, and again while the answer is wrong. Calls `save` with all answers after each
 * right one. Rejects with an AnswerError.
 */
export async function askQuestions(
  terminal: Terminal,
  questions: readonly InitQuestion[],
  answered: InitAnswers,
  { environment, save }: { environment: InitAnswers; save: (answers: InitAnswers) => void },
): Promise<InitAnswers> {
  let answers = answered;
  const lastAnswers: Record<string, string> = {};
  for (;;) {
    const question = questions.find(
      ({ setting, needs }) => !(setting in answers) && (needs === undefined || answers[needs] !== ''),
    );
    if (!question) return answers;
    const { setting, backTo = setting } = question;
    const answer = await askOnce(terminal, question, lastAnswers[setting]);
    lastAnswers[setting] = answer;
    if (terminal.interactive) terminal.say('Checking…');
    const { results, value } = await ANSWER_CHECKS[setting](answer, { ...environment, ...answers });
    for (const result of results) terminal.say(formatResult(result));
    if (results.every(({ status }) => status !== 'failed')) {
      answers = { ...answers, [setting]: value };
      save(answers);
    } else if (terminal.interactive) {
      const { [backTo]: _, ...otherAnswers } = answers;
      answers = otherAnswers;
    } else throw new AnswerError(`The answer to "${question.question}" is wrong, see above.`);
  }
}

/** Asks until there is an answer. `previous`: the wrong answer before; an empty answer repeats it. */
async function askOnce(
  terminal: Terminal,
  question: InitQuestion,
  previous: string | undefined,
): Promise<string> {
  const { explanation, question: prompt, secret = false } = question;
  const optional = question.optional === true || (question.optional === 'first' && previous === undefined);
  if (previous === undefined && explanation !== '') terminal.say(explanation);
  const hint = previous === undefined || optional ? '' : ' (Enter: keep the previous answer)';
  for (;;) {
    const typed = await terminal.ask(`${prompt}${hint}`, { secret });
    if (typed === undefined) throw new AnswerError(`There was no answer to "${prompt}".`);
    const answer = typed === '' && !optional ? previous : typed;
    if (answer !== undefined) return answer;
    if (!terminal.interactive) throw new AnswerError(`The answer to "${prompt}" is empty.`);
    terminal.say('This question needs an answer. Ctrl-C stops init and keeps the answers so far.');
  }
}
