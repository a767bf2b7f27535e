const MASK = '•••';

/** The same with its secrets masked: tokens in URLs, and the values of the fields that hold one. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/([?&]token=)[^&\s"]+/g, `$1${MASK}`);
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key) ? MASK : masked(item)]),
  );
}

/** The value of a signature header: only its algorithm is shown. */
export const MASKED_SIGNATURE = `sha256=${MASK}`;

/** The value of an Authorization header: only its scheme is shown. */
export function maskedAuthorization(header: string): string {
  return `${header.split(' ', 1)[0]} ${MASK}`;
}

function isSecret(key: string): boolean {
  return /^(token|password|bearer_token|response_token)$/i.test(key);
}
