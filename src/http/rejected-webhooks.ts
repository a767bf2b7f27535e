import type { Request, RequestHandler, Response } from 'express';
import type { AlertOperators, AnnounceInChannel } from '../approval/alerts.ts';
import type { Clock, Log } from '../approval/ports.ts';
import { isAuthenticated, readAddressedCrew } from './crew-secret.ts';
import { Digest } from './digest.ts';
import { type Rejection, readRejection } from './errors.ts';

const MINUTE = 60_000;
/** Rejections with the right secret are reported once per crew, kind and reason in this time, in milliseconds. */
const REPORTED_EVERY = 10 * MINUTE;
/** A scanner can have any number of addresses. */
const MAX_ADDRESSES = 100;

interface RejectedWebhook extends Rejection {
  /** A configured name, never as the sender wrote it. */
  crew: string | undefined;
  kind: string;
  address: string;
}

export interface RejectedWebhooksOptions {
  crews: ReadonlyMap<string, { channel: string }>;
  kinds: readonly string[];
  log: Log;
  alarm: AlertOperators;
  announce: AnnounceInChannel;
  clock: Clock;
}

/**
 * Reports rejected webhooks, since a run may be waiting without a card. Webhooks with the secret of their crew (413, 422)
 * go to the log and the operators; those without (401, 404) go to the log per address, and hourly to the operators.
 */
export class RejectedWebhooks {
  private readonly options: RejectedWebhooksOptions;
  private readonly authenticated: Digest<RejectedWebhook>;
  private readonly unauthenticated: Digest<RejectedWebhook>;

  constructor(options: RejectedWebhooksOptions) {
    const { clock, log } = options;
    this.options = options;
    this.authenticated = new Digest({
      window: REPORTED_EVERY,
      maxCauses: Number.POSITIVE_INFINITY,
      clock,
      report: (rejected, count) => this.reportAuthenticated(rejected, count),
    });
    this.unauthenticated = new Digest({
      window: MINUTE,
      maxCauses: MAX_ADDRESSES,
      clock,
      report: (rejected, count) => log.warn(buildLogFields(rejected, count), 'webhook rejected'),
    });
  }

  /** Watches the answers to requests. */
  watch: RequestHandler = (request, response, next) => {
    response.once('close', () => {
      const rejected = readRejectedWebhook(request, response, this.options);
      if (rejected) this.add(rejected, isAuthenticated(response));
    });
    next();
  };

  close(): void {
    this.authenticated.close();
    this.unauthenticated.close();
  }

  private add(rejected: RejectedWebhook, hasSecret: boolean): void {
    const { crew, kind, status, error, address } = rejected;
    if (hasSecret && (status === 413 || status === 422))
      this.authenticated.add(`${crew} ${kind} ${error}`, rejected);
    if (status !== 401 && status !== 404) return;
    this.unauthenticated.add(address, rejected);
    if (crew !== undefined) {
      const wrong = status === 401 ? 'secret' : error === 'unknown_kind' ? 'kind' : 'path';
      this.options.alarm({ kind: 'webhook_url_wrong', crew, wrong, address });
    }
  }

  private reportAuthenticated(rejected: RejectedWebhook, count: number): void {
    const { log, alarm, crews, announce } = this.options;
    const { crew = '', kind: webhook, status, message: answer } = rejected;
    log.warn(buildLogFields(rejected, count), 'webhook rejected');
    alarm({ kind: 'webhooks_rejected', crew, webhook, status, answer, count });
    const channel = crews.get(crew)?.channel;
    if (status === 413 && channel !== undefined)
      void announce(channel, { kind: 'webhook_too_large', crew, webhook });
  }
}

/** What was rejected, if the request was meant as a webhook: anything below /webhooks, and a POST to an unknown path. */
function readRejectedWebhook(
  request: Request,
  response: Response,
  { kinds, crews }: Pick<RejectedWebhooksOptions, 'kinds' | 'crews'>,
): RejectedWebhook | undefined {
  const rejection = readRejection(response);
  const [, path, crew = '', kind = ''] = /^\/(webhooks)(?:\/([^/]*)(?:\/([^/]*))?)?/.exec(request.path) ?? [];
  if (!rejection || (path === undefined && request.method !== 'POST')) return undefined;
  return {
    ...rejection,
    crew: readAddressedCrew(response) ?? (crews.has(crew) ? crew : undefined),
    kind: kinds.includes(kind) ? kind : 'unknown',
    address: request.socket.remoteAddress ?? 'unknown',
  };
}

function buildLogFields({ crew, kind, status, error, address }: RejectedWebhook, count: number): object {
  return { ...(crew === undefined ? {} : { crew }), kind, status, reason: error, address, count };
}
