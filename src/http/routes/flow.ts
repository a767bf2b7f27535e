import type { IncomingHttpHeaders } from 'node:http';
import { type RequestHandler, type Response, Router } from 'express';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { FlowReview } from '../../approval/model/run/flow-review.ts';
import type { Receipt } from '../../approval/model/run/webhook.ts';
import type { BodyRejection, SentBody } from '../../lib/parse-body.ts';
import { LARGEST_REVIEW, readSentBody, SMALL_BODY } from '../body.ts';
import { authenticateCrew, authenticatedCrew, nameAddressedCrew } from '../crew-secret.ts';
import { type Fault, reject, rejectBody, rejectFields } from '../errors.ts';
import { hasFreshSignature, isSigned } from '../flow-signature.ts';

/** Large bodies that are read at the same time: nobody has proved yet who sent them. */
const MOST_LARGE = 8;
const RETRY_AFTER = '5';

export interface FlowParts {
  /** The crews that take Flow reviews, and the secrets of their webhooks. */
  endpoints: ReadonlyMap<string, { crew: Crew; secrets: readonly string[] }>;
  limitRate: RequestHandler;
  readBody: (mebibytes: number) => RequestHandler;
  parse: (
    body: SentBody,
  ) => Promise<{ review: FlowReview } | { faults: Fault[] } | { rejection: BodyRejection }>;
  receive: (crew: Crew, review: FlowReview) => Promise<Receipt>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * `POST /webhooks/:crew/flow`: a Flow's review. Rejects in this order: an unknown crew, the headers of the signature, too
 * many large ones at once, the body, the signature over its bytes, the fields. CrewAI never sends it again.
 */
export function buildFlowRouter(parts: FlowParts): Router {
  const router = Router();
  router.post(
    '/webhooks/:crew/flow',
    requireFreshSignature(parts),
    limitLarge(MOST_LARGE),
    parts.readBody(LARGEST_REVIEW),
    requireSignature(parts),
    parts.limitRate,
    (_request, response) => receiveReview(parts, response),
  );
  return router;
}

function requireFreshSignature({ endpoints, now }: FlowParts): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const endpoint = endpoints.get(request.params.crew);
    if (!endpoint)
      return reject(
        response,
        404,
        'unknown_crew',
        'There is no crew with this name that takes Flow reviews.',
      );
    nameAddressedCrew(response, endpoint.crew);
    if (!hasFreshSignature(request.headers, now())) return rejectUnsigned(response);
    next();
  };
}

/** Rejects requests with a large body while so many others are being answered. A small one is never lost to them. */
function limitLarge(most: number): RequestHandler {
  let underway = 0;
  return ({ headers }, response, next) => {
    if (isSmall(headers)) return next();
    if (underway >= most) {
      response.set('Retry-After', RETRY_AFTER);
      return reject(
        response,
        503,
        'too_many_bodies',
        'Too many large reviews are being read. Send it again later.',
      );
    }
    underway += 1;
    response.once('close', () => {
      underway -= 1;
    });
    next();
  };
}

/** The length of a compressed body says nothing about its size. */
function isSmall({ 'content-length': length, 'content-encoding': encoding }: IncomingHttpHeaders): boolean {
  return length !== undefined && Number(length) <= SMALL_BODY && encoding === undefined;
}

function requireSignature({ endpoints, now }: FlowParts): RequestHandler<{ crew: string }> {
  return (request, response, next) => {
    const endpoint = endpoints.get(request.params.crew);
    const { bytes: body } = readSentBody(response);
    if (!endpoint || !isSigned({ headers: request.headers, body }, endpoint.secrets, now()))
      return rejectUnsigned(response);
    authenticateCrew(response, endpoint.crew);
    next();
  };
}

function rejectUnsigned(response: Response): void {
  reject(response, 401, 'unauthorized', 'The signature is missing, wrong, or more than five minutes old.');
}

/** Answers 202 only when the review is on disk. */
async function receiveReview({ parse, receive }: FlowParts, response: Response): Promise<void> {
  const read = await parse(readSentBody(response));
  if ('rejection' in read) return rejectBody(response, read.rejection);
  if ('faults' in read) return rejectFields(response, read.faults);
  response.status(202).json(await receive(authenticatedCrew(response), read.review));
}
