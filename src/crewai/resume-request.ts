import type { Dialect } from '../approval/model/crew/dialect.ts';
import type { Endpoint } from '../approval/model/crew/endpoint.ts';
import { addTickets, resolveCrewUrls, resolveHumanInput } from '../approval/model/crew/urls-to-send.ts';
import {
  type HumanInputWebhook,
  type WebhookUrls,
  webhookKinds,
} from '../approval/model/crew/webhook-urls.ts';
import type { Decision, Round } from '../approval/model/round.ts';
import type { RunRecord } from '../approval/model/run/run-record.ts';

/** Content of POST /resume, independent of the dialect. */
export interface ResumeContent {
  executionId: string;
  taskId: string;
  approve: boolean;
  /** Text as typed by the person; empty for an approval without a note. */
  feedback: string;
  /** The configured text of an approval. */
  approvalText: string;
  /** Line before the feedback of a revision, for the dialect in which the text alone decides. */
  revisionText: string;
  urls: WebhookUrls;
  humanInput?: HumanInputWebhook;
}

/** Builds the content of POST /resume from the records alone, with all known webhook URLs. `ticket`: of the attempt. */
export function buildResumeContent(
  { crew, secret }: Pick<Endpoint, 'crew' | 'secret'>,
  run: RunRecord,
  round: Round,
  decision: Decision,
  dialect: Dialect,
  ticket?: string,
): ResumeContent {
  const urls: WebhookUrls = {};
  const crewUrls = resolveCrewUrls(crew, run);
  for (const kind of webhookKinds) if (crewUrls[kind]) urls[kind] = crewUrls[kind].url;
  const humanInput = resolveHumanInput(crew, run, dialect, round.humanInput)?.webhook;
  return {
    executionId: run.executionId,
    taskId: round.taskId,
    approve: decision.action === 'approve',
    feedback: decision.feedback,
    approvalText: crew.approvalText,
    revisionText: crew.revisionText,
    ...addTickets({ urls, humanInput }, { crew, secret, ticket }),
  };
}

/** Builds the webhook fields of a kickoff and a resume, which are the same in both dialects. Skips unknown URLs. */
export function buildWebhookFields({ urls, humanInput }: Pick<ResumeContent, 'urls' | 'humanInput'>) {
  const { url, authentication, form = 'object' } = humanInput ?? {};
  return {
    ...(urls.task ? { taskWebhookUrl: urls.task } : {}),
    ...(urls.step ? { stepWebhookUrl: urls.step } : {}),
    ...(urls.crew ? { crewWebhookUrl: urls.crew } : {}),
    ...(url && form === 'string' ? { humanInputWebhookUrl: url } : {}),
    ...(url && form === 'object'
      ? { humanInputWebhook: { url, ...(authentication ? { authentication } : {}) } }
      : {}),
  };
}
