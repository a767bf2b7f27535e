import { type Output, outputText } from '../../../approval/model/output.ts';
import { en as texts } from '../../texts/en.ts';

/** An output as text, or that the store lost it. */
export function writeOutput(output: Output): string {
  return output.kind === 'lost' ? texts.reading.lostOutput : outputText(output);
}
