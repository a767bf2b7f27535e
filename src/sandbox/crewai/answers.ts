import { STATUS_CODES } from 'node:http';

/** What a request is answered with. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Text is sent as it is, everything else as JSON. */
  body: unknown;
  /** Carried out as soon as the answer has left, or was lost on its way. */
  afterwards?: () => void;
}

/** A refusal in CrewAI's form: `{error, message}`, and `details` where the reference has them. */
export function refusal(status: number, message: string, details?: Record<string, unknown>): Answer {
  return { status, body: { error: STATUS_CODES[status] ?? 'Error', message, ...(details && { details }) } };
}
