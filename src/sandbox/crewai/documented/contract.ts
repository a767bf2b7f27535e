import type { Contract } from '../contract.ts';
import { useTargetsOfRequest, WEBHOOK_TIMEOUT_MS } from '../webhook-targets.ts';
import { buildDocumentedHumanInputBody } from './human-input.ts';
import { readDocumentedKickoff } from './kickoff.ts';
import { checkDocumentedRequest, refuseDocumented } from './refusals.ts';
import { answerDocumentedResume } from './resume.ts';
import { answerDocumentedStatus } from './status.ts';

/** The behaviour that CrewAI's API reference 1.15 describes. Which webhook URLs CrewAI uses is an assumption. */
export const documentedContract: Contract = {
  refuse: refuseDocumented,
  checkRequest: checkDocumentedRequest,
  readKickoff: readDocumentedKickoff,
  answerResume: answerDocumentedResume,
  answerStatus: answerDocumentedStatus,
  buildHumanInputBody: buildDocumentedHumanInputBody,
  findTargets: useTargetsOfRequest,
  webhookTimeoutMs: WEBHOOK_TIMEOUT_MS,
};
