import { createHmac } from 'node:crypto';

/** Builds the headers that sign a body at the current time. */
export type Sign = (text: string) => Record<string, string>;

/** Creates a signer like the platform's: the key is the whole secret, including `whsec_`. */
export function createSigner(secret: string, now: () => number): Sign {
  return (text) => {
    // Seconds since the epoch: no source names the unit, and other webhooks with such signatures use seconds.
    const timestamp = String(Math.floor(now() / 1000));
    const digest = createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
    return { 'X-Crewai-Signature': `sha256=${digest}`, 'X-Crewai-Timestamp': timestamp };
  };
}
