const MASK = '•••';

/** Masks the secrets in a value: tokens in URLs, and fields that hold a secret. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/([?&]token=)[^&\s"]+/g, `$1${MASK}`);
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key) ? MASK : masked(item)]),
  );
}

/** Masked value of a signature header: only the algorithm is shown. */
export const MASKED_SIGNATURE = `sha256=${MASK}`;

/** Masks the value of an Authorization header: only the scheme is shown. */
export function maskedAuthorization(header: string): string {
  return `${header.split(' ', 1)[0]} ${MASK}`;
}

function isSecret(key: string): boolean {
  return /^(token|password|bearer_token|response_token)$/i.test(key);
}
