import type { Crew } from './crew.ts';

/** Where a crew is deployed. */
export interface Deployment {
  baseUrl: string;
  bearerToken: string;
}

/** How the bot and the platform of a crew reach each other. */
export interface Endpoint {
  crew: Crew;
  /** The secret that webhooks of the crew carry; empty: it sends none. */
  secret: string;
  /** The secret with which programs ask; absent: they cannot. */
  askSecret?: string | undefined;
  /** Secrets of Flow review webhooks; empty: the crew takes none. */
  flowSecrets: readonly string[];
  /** Hosts that the answers of Flow reviews may be sent to. */
  callbackHosts: readonly string[];
  /** Most webhooks per second. */
  most?: number | undefined;
  /** Absent for a crew of Flow reviews or programs only. */
  deployment?: Deployment | undefined;
  /** The exact hosts that answers may be sent to, and what signs them. */
  answers?: { hosts: readonly string[]; secret: string } | undefined;
  /** Where its events go, and whether they carry outputs and feedback. */
  receiver?: { url: string; secret: string; withTexts: boolean } | undefined;
}

/** The endpoints of the crews, by name. */
export type Endpoints = ReadonlyMap<string, Endpoint>;
