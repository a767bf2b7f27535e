import { createHmac } from 'node:crypto';

/** The headers that sign a body at the time at which it is sent. */
export type Sign = (text: string) => Record<string, string>;

/** Signs as the platform does, with all of the secret, its `whsec_` too. */
export function createSigner(secret: string, now: () => number): Sign {
  return (text) => {
    // In seconds since the epoch: no source names the unit, and webhooks that are signed this way use seconds.
    const timestamp = String(Math.floor(now() / 1000));
    const digest = createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
    return { 'X-Crewai-Signature': `sha256=${digest}`, 'X-Crewai-Timestamp': timestamp };
  };
}
