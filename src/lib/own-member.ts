/** Returns a member of the object itself: `constructor` and `__proto__` of a plain object are inherited. */
export function getOwn<T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** True for a JSON object, false for a list or null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
