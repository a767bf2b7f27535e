import { formatOutput, type Output } from '../../../approval/model/output.ts';
import type { Texts } from '../../texts/texts.ts';

/** Writes an output as text, or the sentence that the store lost it. */
export function writeOutput(texts: Texts, output: Output): string {
  return output.kind === 'lost' ? texts.reading.lostOutput : formatOutput(output);
}
