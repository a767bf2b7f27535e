import type { KnownBlock } from '@slack/types';
import { type Approval, currentRound } from '../../../approval/model/approval.ts';
import type { Start } from '../../../approval/model/run/start.ts';
import type { RunReport } from '../../../approval/queries/look-up.ts';
import type { Texts } from '../../texts/texts.ts';
import { summarizeState } from '../card/state.ts';
import type { CardLinks, MessageView } from '../message-view.ts';
import { describeStart, IN_LIST } from '../runs/run-message.ts';
import { describeRunStatus } from '../text/crewai.ts';
import { context, formatDate, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { linkTask } from '../text/links.ts';
import { mention, writeRunId } from '../text/names.ts';

/** Slack's limit for a message is 50 blocks and about 11,000 characters. */
const MAX_APPROVALS = 20;

/** Builds the list of runs that were started from Slack, each with a link to its message. Pure. */
export function buildRunList(texts: Texts, starts: readonly Start[], links: CardLinks): MessageView {
  const title = starts.length === 0 ? texts.lists.noRuns : texts.lists.runs;
  const lines = starts.map((start) => {
    const { crew, by, createdAt, message } = start;
    const link = message && links.message(message);
    const name = escapeLine(crew, 64);
    return `• ${link ? `<${link}|${name}>` : name} · ${mention(by)} ${formatDate(texts, createdAt)}\n${describeStart(texts, start, IN_LIST)}`;
  });
  return { text: title, blocks: [section(title), ...lines.map(section)] };
}

/** Builds CrewAI's report about a run and the states of the run's approvals. Pure. */
export function buildRunStatus(
  texts: Texts,
  { executionId, said, approvals }: RunReport,
  links: CardLinks,
): MessageView {
  const hasSeveralCrews = said.length > 1;
  const sentences = said.map(({ crew, status }) => {
    const report = describeRunStatus(texts, status);
    return hasSeveralCrews ? texts.lists.reportOfCrew(escapeLine(crew, 64), report) : report;
  });
  const text = sentences[0] ?? texts.lists.notAsked;
  return {
    text,
    blocks: [
      section(sentences.join('\n') || text),
      ...(approvals ? listApprovalsOfRun(texts, approvals, links) : []),
      ...context(texts.lists.run(writeRunId(executionId, 255) ?? '')),
    ],
  };
}

/** Builds the list of several approvals of one run. Pure. */
export function buildFoundApprovals(
  texts: Texts,
  approvals: readonly Approval[],
  links: CardLinks,
): MessageView {
  const run = writeRunId(approvals[0]?.executionId ?? '', 255);
  return {
    text: texts.lists.approvals(approvals.length),
    blocks: [...listApprovalsOfRun(texts, approvals, links), ...context(run && texts.lists.run(run))],
  };
}

function listApprovalsOfRun(texts: Texts, approvals: readonly Approval[], links: CardLinks): KnownBlock[] {
  if (approvals.length === 0) return [section(texts.lists.noApprovalsOfRun)];
  const lines = approvals.slice(0, MAX_APPROVALS).map((approval) => {
    const state = summarizeState(texts, approval, currentRound(approval));
    return `• ${texts.lists.taskInState(linkTask(texts, approval, links), state)} · \`${approval.id}\``;
  });
  const hiddenCount = approvals.length - lines.length;
  return [...lines.map(section), ...context(hiddenCount > 0 ? texts.lists.notShown(hiddenCount) : undefined)];
}
