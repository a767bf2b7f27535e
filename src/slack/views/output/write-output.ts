import { type Output, outputText } from '../../../approval/model/output.ts';
import { texts } from '../../texts/texts.ts';

/** An output as text, or that the store lost it. */
export function writeOutput(output: Output): string {
  return output.kind === 'lost' ? texts.reading.lostOutput : outputText(output);
}
