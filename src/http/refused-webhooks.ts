import type { Request, RequestHandler, Response } from 'express';
import type { AlertOperators, Clock, Log } from '../approval/ports.ts';
import { isAuthenticated, readAddressedCrew } from './crew-secret.ts';
import { createDigest } from './digest.ts';
import { type Refusal, readRefusal } from './errors.ts';

const MINUTE = 60_000;
/** Refusals with the right secret are reported once per crew, kind and reason in this time, in milliseconds. */
const REPORTED_EVERY = 10 * MINUTE;
/** A scanner can have any number of addresses. */
const MOST_ADDRESSES = 100;

interface Refused extends Refusal {
  /** Of the settings, never as the sender wrote it. */
  crew: string | undefined;
  kind: string;
  address: string;
}

/**
 * Reports refused webhooks, since a run may be waiting without a card: those that carry the secret of their crew (413,
 * 422) to the log and the operators, with those without it (401, 404) to the log per address, and hourly to the operators.
 */
export function createRefusedWebhooks({
  crews,
  kinds,
  log,
  alarm,
  announce,
  clock,
}: {
  crews: ReadonlyMap<string, { channel: string }>;
  kinds: readonly string[];
  log: Log;
  alarm: AlertOperators;
  /** Says a sentence in a channel. */
  announce: (channel: string, sentence: string) => Promise<void>;
  clock: Clock;
}) {
  const authenticated = createDigest<Refused>({
    window: REPORTED_EVERY,
    mostCauses: Number.POSITIVE_INFINITY,
    clock,
    report(refused, count) {
      log.warn(fieldsOf(refused, count), 'webhook refused');
      alarm(`refused ${refused.crew} ${refused.kind} ${refused.error}`, operatorsSentence(refused, count), 0);
      const channel = crews.get(refused.crew ?? '')?.channel;
      if (refused.status === 413 && channel !== undefined) void announce(channel, channelSentence(refused));
    },
  });
  const unauthenticated = createDigest<Refused>({
    window: MINUTE,
    mostCauses: MOST_ADDRESSES,
    clock,
    report: (refused, count) => log.warn(fieldsOf(refused, count), 'webhook refused'),
  });

  function report(refused: Refused, hasSecret: boolean): void {
    const { crew, kind, status, error, address } = refused;
    if (hasSecret && (status === 413 || status === 422))
      authenticated.add(`${crew} ${kind} ${error}`, refused);
    if (status !== 401 && status !== 404) return;
    unauthenticated.add(address, refused);
    if (crew !== undefined) alarm(`refused ${crew}`, hourlySentence(refused));
  }

  const watch: RequestHandler = (request, response, next) => {
    response.once('close', () => {
      const refused = refusedWebhook(request, response, kinds, crews);
      if (refused) report(refused, isAuthenticated(response));
    });
    next();
  };

  return {
    watch,
    close() {
      authenticated.close();
      unauthenticated.close();
    },
  };
}

/** What was refused, if the request was meant as a webhook: anything below /webhooks, and what else is sent to an unknown address. */
function refusedWebhook(
  request: Request,
  response: Response,
  kinds: readonly string[],
  crews: ReadonlyMap<string, unknown>,
): Refused | undefined {
  const refusal = readRefusal(response);
  const [, path, crew = '', kind = ''] = /^\/(webhooks)(?:\/([^/]*)(?:\/([^/]*))?)?/.exec(request.path) ?? [];
  if (!refusal || (path === undefined && request.method !== 'POST')) return undefined;
  return {
    ...refusal,
    crew: readAddressedCrew(response) ?? (crews.has(crew) ? crew : undefined),
    kind: kinds.includes(kind) ? kind : 'unknown',
    address: request.socket.remoteAddress ?? 'unknown',
  };
}

function fieldsOf({ crew, kind, status, error, address }: Refused, count: number): object {
  return { ...(crew === undefined ? {} : { crew }), kind, status, error, address, count };
}

function operatorsSentence({ crew, kind, status, message }: Refused, count: number): string {
  const subject = count === 1 ? `A ${kind} webhook` : `${count} ${kind} webhooks`;
  return `${subject} of the crew ${crew} ${count === 1 ? 'was' : 'were'} refused (${status}): ${message} A run may be waiting for an approval that has no card.`;
}

function channelSentence({ crew, kind, message }: Refused): string {
  return `A ${kind} webhook of the crew ${crew} was refused: ${message} If its run is waiting for an approval, there is no card for it. Look at the run in CrewAI.`;
}

function hourlySentence({ crew, status, error, address }: Refused): string {
  const why =
    status === 401
      ? 'their secret is missing or wrong (401)'
      : `their URL is wrong (404, ${error === 'unknown_kind' ? 'no such kind of webhook' : 'no such endpoint'})`;
  return `Webhooks for the crew ${crew} are refused: ${why}. The last one came from ${address}. If CrewAI sent them, a run may be waiting for an approval that has no card.`;
}
