import { createHmac } from 'node:crypto';

/** `X-Crewai` is what the platform sends, `X-Signature` what its documentation names. */
export type SignatureHeaders = 'X-Crewai' | 'X-Signature';

/** The whole secret with its `whsec_`, or the bytes that the rest of it spells in hex. */
export type SigningKey = 'whole' | 'hex';

const HEADER_NAMES = {
  'X-Crewai': { signature: 'X-Crewai-Signature', timestamp: 'X-Crewai-Timestamp' },
  'X-Signature': { signature: 'X-Signature', timestamp: 'X-Timestamp' },
};

export interface SignatureOptions {
  secret: string;
  headers: SignatureHeaders;
  key: SigningKey;
  now: () => number;
}

/** Builds the headers that sign a body at the time at which it is sent. */
export function createSigner({ secret, headers, key, now }: SignatureOptions) {
  const hmacKey = readKey(secret, key);
  const names = HEADER_NAMES[headers];
  return (text: string): Record<string, string> => {
    // In seconds since the epoch: no source names the unit, and webhooks that are signed this way use seconds.
    const timestamp = String(Math.floor(now() / 1000));
    const digest = createHmac('sha256', hmacKey).update(`${timestamp}.${text}`).digest('hex');
    return { [names.signature]: `sha256=${digest}`, [names.timestamp]: timestamp };
  };
}

function readKey(secret: string, key: SigningKey): string | Buffer {
  if (key === 'whole') return secret;
  const hex = secret.replace(/^whsec_/, '');
  if (!/^(?:[\da-f]{2})+$/i.test(hex)) throw new TypeError('The secret is not hex after whsec_');
  return Buffer.from(hex, 'hex');
}
