/** A message from Slack to the bot. The kinds have the names of Socket Mode's envelopes. */
export interface Envelope {
  kind: 'interactive' | 'slash_commands' | 'events_api';
  payload: Record<string, unknown>;
}

export interface Delivery {
  /** 0 if the bot did not answer: no open connection, a closed one, or a timeout. */
  status: number;
  acked: boolean;
  /** The ack's JSON or text; '' without either. */
  body: unknown;
}

/** Sends an envelope to the bot over whatever transport is in use. */
export type Deliver = (envelope: Envelope) => Promise<Delivery>;
