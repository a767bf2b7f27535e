/**
 * Which of the two contracts of CrewAI's API a crew's deployment speaks: the published reference, or what the running
 * platform does; unknown until it has answered.
 */
export type Dialect = 'documented' | 'live' | 'unknown';

/** What is known of the dialects of the crews, without asking anyone. */
export interface Dialects {
  of(crew: string): Dialect;
}
