import type { Approval, Note } from '../../approval/approval.ts';
import type { Output } from '../../approval/output.ts';
import { context, type MessageView, section } from './card.ts';
import { missingWords, outputMarkdown, outputPlain } from './output.ts';
import { failureWords } from './sentences.ts';
import { escapedLine, mention } from './text.ts';

const RESULT_MAX = 7_000;

/** A message for the thread of an approval's cards. `plain`: without Markdown, when Slack refused it so. Pure. */
export function noteView(
  approval: Approval,
  note: Note,
  result: Output | undefined,
  plain: boolean,
): MessageView {
  switch (note.kind) {
    case 'run_result':
      return resultView(approval, result ?? { kind: 'text', text: '' }, plain);
    case 'not_sent': {
      const why = note.why === 'superseded' ? 'a newer output came first' : 'the run ended first';
      return sentence(`${mention(note.decision.by)}, your decision was not sent to CrewAI: ${why}.`);
    }
    case 'not_taken':
      return sentence(
        `${mention(note.decision.by)}, CrewAI did not take your decision: it was not waiting for it any more, so this was resolved elsewhere.`,
      );
    case 'not_delivered': {
      const what = note.unsure ? 'may have reached CrewAI, but no answer came' : 'did not reach CrewAI';
      return sentence(
        `${mention(note.decision.by)}, your decision ${what}: ${failureWords(note.failure)}. The card above has *Retry* and *Give up*.`,
      );
    }
    case 'ignored':
      return sentence(
        `Left out of what the run asked for: ${note.warnings.map((text) => escapedLine(text, 300)).join('; ')}.`,
      );
  }
}

function resultView(approval: Approval, result: Output, plain: boolean): MessageView {
  const text = `The run of ${escapedLine(approval.crew, 64)} has finished`;
  const { shown, missing } = plain ? outputPlain(result, 2_500) : outputMarkdown(result, RESULT_MAX);
  return {
    text,
    blocks: [
      section(`:checkered_flag: ${text}. Its result:`),
      plain
        ? { type: 'section', text: { type: 'plain_text', text: shown, emoji: false } }
        : { type: 'markdown', text: shown },
      ...context(missingWords(missing)),
    ],
  };
}

function sentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
