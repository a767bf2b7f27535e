import type { Answer } from './answers.ts';
import type { Kickoff } from './kickoff-request.ts';
import type { Run } from './run.ts';
import type { BuildHumanInputBody } from './webhook-bodies.ts';
import type { FindTargets } from './webhook-targets.ts';

export type EndpointName = 'inputs' | 'kickoff' | 'resume' | 'status';

/** A request before its endpoint reads it. */
export interface RawRequest {
  endpoint: EndpointName;
  authorization: string | undefined;
  /** Lower case, without parameters. */
  contentType: string | undefined;
  /** Empty if no body was sent. */
  text: string;
}

/** Runs of a platform by their original execution id. */
export type Runs = ReadonlyMap<string, Run>;

/** Behaviour of the platform towards its clients. Each dialect of CrewAI's API has its own. */
export interface Contract {
  /** Builds an error response in the form of this dialect. */
  refuse(status: number, message: string): Answer;
  /** Checks the token and the encoding of the body; undefined if both are valid. */
  checkRequest(request: RawRequest, token: string): Answer | undefined;
  /** Reads the body of POST /kickoff. `needed`: names of the required inputs. */
  readKickoff(body: unknown, needed: readonly string[]): { kickoff: Kickoff } | { refused: Answer };
  answerResume(body: unknown, runs: Runs): Answer;
  answerStatus(id: string, runs: Runs): Answer;
  buildHumanInputBody: BuildHumanInputBody;
  findTargets: FindTargets;
  /** Time that the platform waits for the response to a webhook. */
  webhookTimeoutMs: number;
}
