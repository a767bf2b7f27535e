type Bound<F> = {
  [K in keyof F]: F[K] extends (parts: never, ...args: infer A) => infer R ? (...args: A) => R : never;
};

/** The same functions without their first parameter: what they depend on. */
export function bindParts<P, F extends Record<string, (parts: P, ...args: never[]) => unknown>>(
  parts: P,
  functions: F,
): Bound<F> {
  const bound = Object.entries(functions).map(([name, work]) => [
    name,
    (...args: never[]) => work(parts, ...args),
  ]);
  return Object.fromEntries(bound) as Bound<F>;
}
