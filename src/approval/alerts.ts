/** What needs the operators, as a fact. The side that tells them writes the sentence. */
export type Alert =
  | { kind: 'store_failed'; operation: 'read' | 'write' }
  /** Until a restart. `reason`: from the store, for the log. */
  | { kind: 'database_lost'; reason: string }
  /** A card, a message or a decision that cannot be made: a fault of the bot, or an unreadable record. */
  | { kind: 'step_failed' }
  | { kind: 'crew_token_rejected'; crew: string; status: number }
  /** Decisions that CrewAI has not accepted for 10 minutes. */
  | { kind: 'decisions_late'; crew: string }
  | { kind: 'callback_host_not_allowed'; crew: string; host: string }
  | { kind: 'too_few_deciders'; crew: string; approvals: number }
  | { kind: 'slack_rate_limit'; channel: string; minutes: number }
  /** `reason`: Slack's error code. */
  | { kind: 'slack_token_rejected'; reason: string }
  /** Their receiver, which several crews can have in common, has not accepted them for a day, or answered 410. */
  | { kind: 'events_dropped'; receiver: string }
  | { kind: 'channel_blocked'; channel: string; reason: string }
  /** Webhooks with the right secret. `answer`: the message of the response. */
  | {
      kind: 'webhooks_rejected';
      crew: string;
      webhook: string;
      status: number;
      answer: string;
      count: number;
    }
  /** Webhooks whose secret, kind or path is wrong. `address`: where the last one came from. */
  | { kind: 'webhook_url_wrong'; crew: string; wrong: 'secret' | 'kind' | 'flow' | 'path'; address: string };

/** What the people of a crew's channel have to know of a run without a card. */
export type Announcement =
  | { kind: 'webhook_too_large'; crew: string; webhook: string }
  /** Nothing shows the pauses of a run, and its webhooks have stopped. */
  | { kind: 'pauses_not_visible'; crew: string };

/** Tells the operators, not more often than a cause deserves. */
export type AlertOperators = (alert: Alert) => void;

/** Posts to a channel, outside any approval. Never rejects. */
export type AnnounceInChannel = (channel: string, announcement: Announcement) => Promise<void>;
