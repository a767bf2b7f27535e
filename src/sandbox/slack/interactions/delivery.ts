/** Something that Slack tells the bot; the kinds are named as in Socket Mode's envelopes. */
export interface Envelope {
  kind: 'interactive' | 'slash_commands' | 'events_api';
  payload: Record<string, unknown>;
}

export interface Delivery {
  /** 0 when there was no answer in time. */
  status: number;
  acked: boolean;
  /** The ack's JSON, or its text. */
  body: unknown;
}

/** The one way to the bot, whatever the transport. */
export type Deliver = (envelope: Envelope) => Promise<Delivery>;
