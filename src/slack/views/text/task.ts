import { en as texts } from '../../texts/en.ts';
import { escapeLine } from './escape.ts';

/** What people call the task of an approval. It is blank where its output has nothing to name it by. */
export function writeTask(task: string, max: number): string {
  return escapeLine(task, max) || texts.card.unnamed;
}
