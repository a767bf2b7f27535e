import { currentRound } from '../../../approval/model/approval.ts';
import type { RunReport } from '../../../approval/queries/look-ups.ts';
import { stateWord } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { statusWords } from '../text/crewai.ts';
import { context, section } from '../text/elements.ts';
import { escapedLine } from '../text/escape.ts';
import { linkedTask } from '../text/links.ts';

const MOST_APPROVALS = 20;

/** What CrewAI says of a run, beside what is known of its approvals. Pure. */
export function runStatusView({ executionId, said, approvals }: RunReport, links: CardLinks): MessageView {
  const several = said.length > 1;
  const sentences = said.map(({ crew, status }) =>
    several ? `${escapedLine(crew, 64)}: ${statusWords(status)}` : statusWords(status),
  );
  const lines = approvals
    .slice(0, MOST_APPROVALS)
    .map((approval) => `• ${linkedTask(approval, links)}: ${stateWord(approval, currentRound(approval))}`);
  return {
    text: sentences[0] ?? 'CrewAI was not asked.',
    blocks: [
      section(sentences.join('\n')),
      section(lines.length > 0 ? lines.join('\n') : 'I know of no approval of this execution.'),
      ...context(`execution ${escapedLine(executionId, 255)}`),
    ],
  };
}
