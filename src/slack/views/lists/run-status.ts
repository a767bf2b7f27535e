import { currentRound } from '../../../approval/model/approval.ts';
import type { RunReport } from '../../../approval/queries/look-up.ts';
import { summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { describeRunStatus } from '../text/crewai.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';

const MOST_APPROVALS = 20;

/** What CrewAI reports about a run, and the states of its approvals. Pure. */
export function buildRunStatus({ executionId, said, approvals }: RunReport, links: CardLinks): MessageView {
  const several = said.length > 1;
  const sentences = said.map(({ crew, status }) =>
    several ? `${escapeLine(crew, 64)}: ${describeRunStatus(status)}` : describeRunStatus(status),
  );
  const lines = approvals
    ?.slice(0, MOST_APPROVALS)
    .map((approval) => `• ${linkTask(approval, links)}: ${summarizeState(approval, currentRound(approval))}`);
  return {
    text: sentences[0] ?? 'CrewAI was not asked.',
    blocks: [
      section(sentences.join('\n')),
      ...(lines ? [section(lines.length > 0 ? lines.join('\n') : 'I found no approval of this run.')] : []),
      ...context(`execution ${escapeLine(executionId, 255)}`),
    ],
  };
}
