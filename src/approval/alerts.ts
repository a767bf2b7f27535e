/** A fact that needs the operators. The code that alerts them writes the sentence. */
export type Alert =
  | { kind: 'store_failed'; operation: 'read' | 'write' }
  /** The bot no longer uses its database until it is restarted. `reason`: from the store. */
  | { kind: 'database_lost'; reason: string }
  /** A card, a message or a decision could not be made: a fault of the bot, or an unreadable record. */
  | { kind: 'step_failed' }
  | { kind: 'crew_token_rejected'; crew: string; status: number }
  /** Decisions that CrewAI has not accepted for 10 minutes. */
  | { kind: 'decisions_late'; crew: string }
  | { kind: 'callback_host_not_allowed'; crew: string; host: string }
  | { kind: 'too_few_deciders'; crew: string; approvals: number }
  | { kind: 'slack_rate_limit'; channel: string; minutes: number }
  /** `reason`: Slack's error code. */
  | { kind: 'slack_token_rejected'; reason: string }
  /** The receiver, which several crews may share, has not accepted the events for a day, or answered 410. */
  | { kind: 'events_dropped'; receiver: string }
  | { kind: 'channel_blocked'; channel: string; reason: string }
  /** Webhooks with the right secret. `answer`: message of the response. */
  | {
      kind: 'webhooks_rejected';
      crew: string;
      webhook: string;
      status: number;
      answer: string;
      count: number;
    }
  /** Webhooks whose secret, kind, Flow or path is wrong. `address`: sender of the last one. */
  | { kind: 'webhook_url_wrong'; crew: string; wrong: 'secret' | 'kind' | 'flow' | 'path'; address: string };

/** News for the people in a crew's channel about a webhook or a run without a card. */
export type Announcement =
  | { kind: 'webhook_too_large'; crew: string; webhook: string }
  /** The bot cannot see the pauses of a run, and the run's webhooks have stopped. */
  | { kind: 'pauses_not_visible'; crew: string };

/** Alerts the operators in OPS_CHANNEL, if set: at most once per hour and cause, except for rejected webhooks. */
export type AlertOperators = (alert: Alert) => void;

/** Posts to a channel, outside any approval. Never rejects. */
export type AnnounceInChannel = (channel: string, announcement: Announcement) => Promise<void>;
