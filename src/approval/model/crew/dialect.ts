/**
 * Which of the two contracts of CrewAI's API a crew's deployment speaks: the published reference, or what the running
 * platform does; unknown until it has answered.
 */
export type Dialect = 'documented' | 'live' | 'unknown';

/** The dialects of the crews, as far as they are known. */
export interface Dialects {
  of(crew: string): Dialect;
  /** Whether some webhook of the crew has brought the ticket of a decision. */
  bringsTickets(crew: string): Promise<boolean>;
  /** One has. Never rejects. */
  learnTickets(crew: string): Promise<void>;
}
