import { classifyFailure } from '../../../approval/lifecycle/delivery.ts';
import type { AnswerFault, Failure } from '../../../approval/model/round.ts';
import type { Report, RunStatus, StartReason } from '../../../approval/model/run/run-status.ts';
import { getOwn } from '../../../lib/own-member.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Reason } from '../../texts/words.ts';
import { escapeLine } from './escape.ts';
import { writeTask } from './names.ts';

/** Describes the latest failure to send a decision, for operators. */
export function describeFailure(texts: Texts, failure: Failure): string {
  const { status, detail } = failure;
  return texts.crewai.failureDetail(classifyFailure(failure), status, prepareDetail(texts, detail));
}

/** Describes the status of a run in one sentence. `detailed`: with CrewAI's HTTP status and error, which operators need. */
export function describeRunStatus(texts: Texts, status: RunStatus, detailed = true): string {
  switch (status.kind) {
    case 'running': {
      const task = status.task === undefined ? undefined : `*${writeTask(texts, status.task, 150)}*`;
      const tasks =
        status.total === undefined ? undefined : { done: status.completed ?? 0, total: status.total };
      return texts.crewai.running(task, tasks);
    }
    case 'completed':
      return texts.crewai.completed;
    case 'failed':
      return texts.crewai.failed(prepareReport(texts, status.error, 200));
    case 'other':
      // While a run waits for a person, CrewAI forgets the run of a crew and reports PAUSED for a Flow.
      if (status.state.toUpperCase() === 'PAUSED') return texts.crewai.waitsForPerson;
      return texts.crewai.otherState(escapeLine(status.state, 200));
    case 'of_program':
      return texts.crewai.programRun(status.state, prepareReason(texts, status.reason, 200));
    case 'not_found':
      return texts.crewai.unknownRun;
    case 'no_access':
      return texts.crewai.statusRejected(detailed ? status.status : undefined);
    case 'no_answer':
      if (status.detail === ('FLOW_REVIEWS_ONLY' satisfies AnswerFault)) return texts.crewai.flowReviewsOnly;
      return texts.crewai.noStatus(detailed ? prepareDetail(texts, status.detail) : undefined);
  }
}

/** Prepares CrewAI's reason for a failure; undefined: it gave none. */
export function prepareReason(
  texts: Texts,
  reason: StartReason | undefined,
  max: number,
): Reason | undefined {
  const text =
    typeof reason === 'string'
      ? prepareWords(reason.replace(FAILED_AGAIN, ''), max)
      : prepareStartReason(texts, reason, max);
  return text === undefined ? undefined : { text, isSentence: /^[^:]{0,150}\bfailed:/i.test(text) };
}

/** Prepares the reason why a run did not start, without the codes that only the log needs ("HTTP 422: …", "(ECONNRESET)"). */
export function prepareStartReason(
  texts: Texts,
  reason: StartReason | undefined,
  max: number,
): string | undefined {
  if (typeof reason === 'string')
    return prepareWords(reason.replace(/^(?:HTTP )?\d{3}(?:: |$)| \([A-Z][A-Z0-9_]*\)$/g, ''), max);
  if (!reason || reason.code === 'apps_not_connected') return prepareReport(texts, reason, max);
  return texts.runs.reasons[reason.code];
}

function prepareReport(texts: Texts, report: Report | undefined, max: number): string | undefined {
  if (typeof report !== 'object') return prepareWords(report, max);
  return texts.crewai.connectApps(prepareWords(report.apps, max), prepareWords(report.said, max));
}

/** Prepares the detail of a failure: the bot's own fault codes in words, other codes and CrewAI's texts unchanged. */
function prepareDetail(texts: Texts, detail: Report | undefined): string | undefined {
  const faultText = typeof detail === 'string' ? getOwn<string>(texts.crewai.faults, detail) : undefined;
  return faultText ?? prepareReport(texts, detail, 200);
}

/** Prepares CrewAI's words for use within a sentence, so without a final full stop; undefined: there are none. */
function prepareWords(words: string | undefined, max: number): string | undefined {
  const text = escapeLine(words ?? '', max).replace(/\.$/, '');
  return text === '' ? undefined : text;
}

/** A beginning such as "Crew execution failed: ": the bot's own sentence already says so. */
const FAILED_AGAIN =
  /^(?:(?:the )?(?:crew|flow|run|kickoff|execution)(?: (?:run|kickoff|execution))? failed:\s*)+/i;
