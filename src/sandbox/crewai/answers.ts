/** The response to a request. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as text (plain text unless `headers` name a type), any other value as JSON. */
  body: unknown;
  /** Called once the response was sent or lost. */
  afterwards?: () => void;
}
