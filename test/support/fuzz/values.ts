import fc from 'fast-check';

/** Chooses among arbitraries by weight. */
export const mix = <T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Texts that have broken something somewhere. */
const TEXTS = [
  ...['', ' ', '\0', '\ud83d', '\udc4d\ud83d', '\u202e<!channel>'],
  '<!here> <@UANA> <https://evil.example|here>',
  '```\n~~~\n| a | b |\n|---|---|',
  ...['__proto__', 'constructor', 'toString', '{"__proto__":{"polluted":true}}'],
  ...['../../etc/passwd', '%00%ff%2f', 'approval/0000000000', 'unreadable/x', 'file:///etc/passwd'],
  "'; DROP TABLE records; --",
  '[[[[[[[[[[[[[[[[[[[[[[[[[[',
  'http://169.254.169.254/latest/meta-data',
  'https://user:password@hooks.example.com/x?token=secret',
  ...['NaN', '-0', '1e999'],
  `z${'\u0363'.repeat(200)}`,
  '👩‍👩‍👧‍👦',
  'שלום עולם',
];

const HUGE = [256, 300, 2_001, 4_000, 40_000, 200_000];

export const hugeText = fc
  .tuple(fc.constantFrom(...HUGE), fc.constantFrom('x', '<', '&', '👍', '\n', '# '))
  .map(([length, piece]) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length));

export const hostileText = mix(
  [6, fc.constantFrom(...TEXTS)],
  [3, fc.string({ unit: 'binary', maxLength: 60 })],
  [2, fc.string({ unit: 'grapheme', maxLength: 300 })],
  [1, hugeText],
);

function nest(levels: number, isList: boolean): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = isList ? [value] : { a: value };
  return value;
}

const ODD = [null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, [], {}, [null], ['']];

/** Any value that JSON can hold, for places that expect something else. */
export const anyValue: fc.Arbitrary<unknown> = mix<unknown>(
  [5, hostileText],
  [3, fc.constantFrom<unknown>(...ODD)],
  [2, fc.jsonValue({ maxDepth: 3 })],
  [
    1,
    fc
      .tuple(fc.constantFrom(10, 63, 64, 65, 200, 1_000), fc.boolean())
      .map(([levels, isList]) => nest(levels, isList)),
  ],
);

/** Defines the property, so that keys which objects have by themselves (`__proto__`) are written like any other. */
function withKey(object: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  const copy = { ...object };
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** Values of a shape with some leaves or branches replaced or left out, or unknown keys added. */
export function spoiled(shape: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const change = fc.record({ at: fc.nat(), what: fc.nat(9), value: anyValue });
  return fc.tuple(shape, fc.array(change, { minLength: 1, maxLength: 3 })).map(([object, changes]) => {
    let result = object;
    for (const { at, what, value } of changes) {
      const paths = pathsOf(result);
      const path = paths[at % Math.max(1, paths.length)] ?? [];
      const added = ['__proto__', 'constructor', 'extra', ''][at % 4] ?? '';
      if (what === 0) result = withKey(result, added, value);
      else result = put(result, path, what === 1 ? undefined : value) as Record<string, unknown>;
    }
    return result;
  });
}

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (value === null || typeof value !== 'object' || path.length > 6) return path.length > 0 ? [path] : [];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}

function put(value: unknown, [key, ...rest]: string[], next: unknown): unknown {
  if (key === undefined) return next;
  if (Array.isArray(value))
    return value.map((one, index) => (String(index) === key ? put(one, rest, next) : one));
  const object = (value ?? {}) as Record<string, unknown>;
  return withKey(object, key, put(object[key], rest, next));
}
