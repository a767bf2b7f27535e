import type { Contract } from '../contract.ts';
import { useTargetsOfRequest, WEBHOOK_TIMEOUT_MS } from '../webhook-targets.ts';
import { buildLiveHumanInputBody } from './human-input.ts';
import { readLiveKickoff } from './kickoff.ts';
import { checkLiveRequest, refuseLive } from './refusals.ts';
import { answerLiveResume } from './resume.ts';
import { answerLiveStatus } from './status.ts';

/** The behaviour of the running platform, observed with crewai 1.15.22 and 1.15.23. */
export const liveContract: Contract = {
  refuse: refuseLive,
  checkRequest: checkLiveRequest,
  readKickoff: readLiveKickoff,
  answerResume: answerLiveResume,
  answerStatus: answerLiveStatus,
  buildHumanInputBody: buildLiveHumanInputBody,
  findTargets: useTargetsOfRequest,
  webhookTimeoutMs: WEBHOOK_TIMEOUT_MS,
};
