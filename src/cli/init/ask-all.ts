import { formatResult } from '../doctor/result.ts';
import { ANSWER_CHECKS } from './check-answers.ts';
import type { Answers } from './env-file.ts';
import type { Question } from './questions.ts';
import type { Terminal } from './terminal.ts';

/** An answer from a pipe was wrong: nobody can be asked again. */
export class WrongAnswerError extends Error {}

/**
 * Asks every question that has no answer yet, in their order, and again while the answer is wrong. `save` is called with all answers after
 * each right one. Rejects with a WrongAnswerError when nobody can answer again, and with a NoAnswerError when the input
 * has ended.
 */
export async function askAll(
  terminal: Terminal,
  questions: readonly Question[],
  answered: Answers,
  { environment, save }: { environment: Answers; save: (answers: Answers) => void },
): Promise<Answers> {
  let answers = answered;
  const given: Record<string, string> = {};
  for (;;) {
    const question = questions.find(({ setting }) => !(setting in answers));
    if (!question) return answers;
    const { setting, backTo = setting } = question;
    const answer = await ask(terminal, question, given[setting]);
    given[setting] = answer;
    if (terminal.interactive) terminal.say('Checking…');
    const { results, value } = await ANSWER_CHECKS[setting](answer, { ...environment, ...answers });
    for (const result of results) terminal.say(formatResult(result));
    if (results.every(({ status }) => status !== 'failed')) {
      answers = { ...answers, [setting]: value };
      save(answers);
    } else if (terminal.interactive) {
      const { [backTo]: _, ...others } = answers;
      answers = others;
    } else {
      throw new WrongAnswerError(question.question);
    }
  }
}

/** Asks until there is an answer; `previous`: the wrong answer of before, which an empty one repeats. */
async function ask(terminal: Terminal, question: Question, previous: string | undefined): Promise<string> {
  const { explanation, question: asked, secret = false, optional = false } = question;
  if (previous === undefined && explanation !== '') terminal.say(explanation);
  const again = previous === undefined || optional ? '' : ' (Enter: the same again)';
  for (;;) {
    const answer = await terminal.ask(`${asked}${again}`, { secret });
    if (answer !== '' || optional) return answer;
    if (previous !== undefined) return previous;
    terminal.say('An answer is needed here; Ctrl-C stops, and the answers so far are kept.');
    if (!terminal.interactive) throw new WrongAnswerError(asked);
  }
}
