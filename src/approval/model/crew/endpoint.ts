import type { Crew } from './crew.ts';

export interface Deployment {
  baseUrl: string;
  bearerToken: string;
}

/** Connection between the bot and a crew's platform. */
export interface Endpoint {
  crew: Crew;
  /** Secret of the crew's webhooks, except Flow reviews, and of run registrations; empty: the bot rejects both. */
  secret: string;
  /** Secret of programs that ask; absent: programs cannot ask. */
  askSecret?: string | undefined;
  /** Secrets of Flow review webhooks; empty: the bot accepts no reviews. */
  flowSecrets: readonly string[];
  /** Hosts to which the answers of Flow reviews may go. */
  callbackHosts: readonly string[];
  /** Absent: no limit. */
  maxWebhooksPerSecond?: number | undefined;
  /** Absent for a crew with only Flow reviews or programs. */
  deployment?: Deployment | undefined;
  /** Exact hosts to which answers may go if programs asked, and the secret that signs these answers. */
  answers?: { hosts: readonly string[]; secret: string } | undefined;
  /** Receiver of signed events; `withTexts`: events contain outputs and feedback. */
  receiver?: { url: string; secret: string; withTexts: boolean } | undefined;
}

/** Endpoints of the crews, by name. */
export type Endpoints = ReadonlyMap<string, Endpoint>;
