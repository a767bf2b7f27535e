/** The CrewAI API of a deployment: as published, or as the running platform behaves; `unknown` until CrewAI has answered. */
export type Dialect = 'documented' | 'live' | 'unknown';

/** Known dialects of the crews. */
export interface Dialects {
  of(crew: string): Dialect;
  /** True if a webhook of the crew has carried the ticket of a decision. */
  bringsTickets(crew: string): Promise<boolean>;
  /** Records that a webhook of the crew carried such a ticket. Never rejects. */
  learnTickets(crew: string): Promise<void>;
}
