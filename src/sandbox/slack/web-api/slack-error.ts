/** An error response of Slack: 200 with `{ ok: false, error }`. */
export class SlackError extends Error {
  readonly code: string;
  readonly messages: string[];
  readonly fields: Record<string, unknown>;

  constructor(code: string, messages: string[] = [], fields: Record<string, unknown> = {}) {
    super(messages.length > 0 ? `${code}: ${messages.join('; ')}` : code);
    this.name = 'SlackError';
    this.code = code;
    this.messages = messages;
    this.fields = fields;
  }

  /** Builds the body of the response. */
  toAnswer(): Record<string, unknown> {
    const details = this.messages.length > 0 ? { response_metadata: { messages: this.messages } } : {};
    return { ok: false, error: this.code, ...this.fields, ...details };
  }
}
