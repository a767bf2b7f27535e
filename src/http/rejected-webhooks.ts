import type { RequestHandler } from 'express';
import type { AlertOperators, AnnounceInChannel } from '../approval/alerts.ts';
import type { Clock, Log } from '../approval/ports.ts';
import type { Rejection } from './errors.ts';
import { LogDigest } from './log-digest.ts';
import { WEBHOOK_KINDS } from './webhooks.ts';

const MINUTE = 60_000;
/** Rejections with the right secret are reported once per crew, kind and reason in this time, in milliseconds. */
const REPORT_INTERVAL = 10 * MINUTE;
/** A scanner can have any number of addresses. */
const MAX_ADDRESSES = 100;

const WEBHOOK_PATH = /^\/(webhooks)(?:\/([^/]*)(?:\/([^/]*))?)?/;
/** Programs that ask over MCP POST to this path only. These requests are no webhooks. */
const MCP_PATH = /^\/crews\/[^/]+\/mcp\/?$/;

interface RejectedWebhook extends Rejection {
  /** A configured name, never as the sender wrote it. */
  crew: string | undefined;
  kind: string;
  address: string;
}

export interface RejectedWebhooksOptions {
  crews: ReadonlyMap<string, { channel: string }>;
  /** Counts a response to a webhook. */
  count: (answer: { crew: string; kind: string; status: number }) => void;
  log: Log;
  alert: AlertOperators;
  announce: AnnounceInChannel;
  clock: Clock;
}

/**
 * Counts webhooks and reports the rejected ones, since a run may be waiting without a card. Webhooks with the secret of their
 * crew (413, 422) go to the log and the operators; those without (401, 404) go to the log per address, and those for a
 * configured crew to the operators.
 */
export class RejectedWebhooks {
  private readonly options: RejectedWebhooksOptions;
  private readonly authenticated: LogDigest<RejectedWebhook>;
  private readonly unauthenticated: LogDigest<RejectedWebhook>;

  constructor(options: RejectedWebhooksOptions) {
    const { clock, log } = options;
    this.options = options;
    this.authenticated = new LogDigest({
      window: REPORT_INTERVAL,
      maxCauses: Number.POSITIVE_INFINITY,
      clock,
      report: (rejected, count) => this.reportAuthenticated(rejected, count),
    });
    this.unauthenticated = new LogDigest({
      window: MINUTE,
      maxCauses: MAX_ADDRESSES,
      clock,
      report: (rejected, count) => log.warn(buildLogFields(rejected, count), 'webhook rejected'),
    });
  }

  /** Counts the responses to webhooks, and adds the rejected ones to the reports. */
  watch: RequestHandler = ({ path, method, socket }, response, next) => {
    response.once('close', () => {
      const [, webhooksPart, crewName = '', lastPart = ''] = WEBHOOK_PATH.exec(path) ?? [];
      const { endpoint, rejection, crew: authenticatedCrew } = response.locals;
      const kind = WEBHOOK_KINDS.find((webhookKind) => webhookKind === lastPart) ?? 'unknown';
      const { count, crews } = this.options;
      if (lastPart !== '' && response.writableFinished)
        count({ crew: endpoint?.crew.name ?? 'unknown', kind, status: response.statusCode });
      // Requests below /webhooks, and POSTs to unknown paths, were meant as webhooks.
      const isWebhook = webhooksPart !== undefined || (method === 'POST' && !MCP_PATH.test(path));
      if (!rejection || !isWebhook) return;
      const crew = endpoint?.crew.name ?? (crews.has(crewName) ? crewName : undefined);
      const address = socket.remoteAddress ?? 'unknown';
      this.add({ ...rejection, crew, kind, address }, authenticatedCrew !== undefined);
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
      this.options.alert({ kind: 'webhook_url_wrong', crew, wrong: findWrongPart(rejected), address });
    }
  }

  private reportAuthenticated(rejected: RejectedWebhook, count: number): void {
    const { log, alert, crews, announce } = this.options;
    const { crew = '', kind: webhook, status, message: answer } = rejected;
    log.warn(buildLogFields(rejected, count), 'webhook rejected');
    alert({ kind: 'webhooks_rejected', crew, webhook, status, answer, count });
    const channel = crews.get(crew)?.channel;
    if (status === 413 && channel !== undefined)
      void announce(channel, { kind: 'webhook_too_large', crew, webhook });
  }
}

function findWrongPart({ kind, status, error }: RejectedWebhook): 'secret' | 'kind' | 'flow' | 'path' {
  if (status === 401) return 'secret';
  if (error === 'unknown_kind') return 'kind';
  // On the path of Flow reviews, a configured crew that takes none is unknown.
  return kind === 'flow' && error === 'unknown_crew' ? 'flow' : 'path';
}

function buildLogFields({ crew, kind, status, error, address }: RejectedWebhook, count: number): object {
  return { ...(crew === undefined ? {} : { crew }), kind, status, reason: error, address, count };
}
