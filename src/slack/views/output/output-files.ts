import { type Approval, isTitleOnly } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { Texts } from '../../texts/texts.ts';
import { clean, cleanLine, sanitizeText } from '../text/escape.ts';
import { humanizeName } from '../text/names.ts';
import { splitText, truncate } from '../text/truncate.ts';
import { writeOutput } from './write-output.ts';

export interface FileToPost {
  filename: string;
  title: string;
  content: string;
}

/** Builds a file of a whole output. Pure. */
export function buildOutputFile(texts: Texts, approval: Approval, round: Round, output: Output): FileToPost {
  const content = writeOutput(texts, output).toWellFormed();
  return {
    filename: `${texts.reading.outputFile(nameFile(approval), round.number)}.${output.kind === 'json' ? 'json' : 'md'}`,
    title: texts.reading.outputFileTitle(titleFile(texts, approval), round.number),
    // Slack rejects an empty file.
    content: content === '' ? ' ' : content,
  };
}

/** Builds the name of the file; undefined: only a title from the output is known, which a notification must not show. */
function nameFile(approval: Approval): string | undefined {
  return isTitleOnly(approval)
    ? undefined
    : splitText(clean(humanizeName(approval.task)).replace(/[^\p{L}\p{N}_-]+/gu, '-'), 60)[0];
}

function titleFile(texts: Texts, approval: Approval): string {
  return isTitleOnly(approval)
    ? texts.reading.outputOfCrew(approval.crew)
    : truncate(sanitizeText(cleanLine(humanizeName(approval.task))), 150);
}
