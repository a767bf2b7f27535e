/** How a request is answered. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Text is sent as plain text, everything else as JSON. */
  body: unknown;
  /** Called as soon as the answer was sent, or was lost on its way. */
  afterwards?: () => void;
}
