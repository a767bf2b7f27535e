/** Returns a member of the object itself: `constructor` and `__proto__` of a plain object are inherited. */
export function getOwn<T>(of: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return of && Object.hasOwn(of, name) ? of[name] : undefined;
}

/** True for a JSON object, false for a list or null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
