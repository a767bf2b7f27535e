import { parse, type ValueNode } from '@humanwhocodes/momoa';

/** A JSON value that keeps the source: numbers as literals, keys in order, duplicate keys. */
export type JsonTree =
  | { kind: 'object'; members: (readonly [key: string, value: JsonTree])[] }
  | { kind: 'array'; items: JsonTree[] }
  | { kind: 'string'; text: string }
  /** A number, true, false or null, as in the source. */
  | { kind: 'literal'; text: string };

/** Parses JSON text. Throws a SyntaxError when it is invalid. Recursive, so check the depth first. */
export function parseJsonTree(text: string): JsonTree {
  return convertNode(parse(text, { ranges: true }).body, text);
}

/** Builds the tree of a parsed value. */
export function buildJsonTree(value: unknown): JsonTree {
  if (typeof value === 'string') return { kind: 'string', text: value };
  if (Array.isArray(value)) return { kind: 'array', items: value.map(buildJsonTree) };
  if (value === null || typeof value !== 'object') {
    return { kind: 'literal', text: JSON.stringify(value) ?? 'null' };
  }
  return {
    kind: 'object',
    members: Object.entries(value).map(([key, inner]) => [key, buildJsonTree(inner)]),
  };
}

/** The source text of each member of an object, by key; of duplicate keys the last, as in JSON.parse. */
export function readMemberTexts(text: string): Map<string, string> {
  const { body } = parse(text, { ranges: true });
  if (body.type !== 'Object') return new Map();
  return new Map(body.members.map(({ name, value }) => [readKey(name), readNodeText(value, text)]));
}

/** Writes a tree as JSON text; `indent`: spaces per level, 0 for one line. */
export function writeJsonTree(tree: JsonTree, indent: number, level = 0): string {
  if (tree.kind === 'literal') return tree.text;
  if (tree.kind === 'string') return JSON.stringify(tree.text);
  const [open, close] = tree.kind === 'object' ? '{}' : '[]';
  const colon = indent > 0 ? ': ' : ':';
  const parts =
    tree.kind === 'object'
      ? tree.members.map(
          ([key, value]) => `${JSON.stringify(key)}${colon}${writeJsonTree(value, indent, level + 1)}`,
        )
      : tree.items.map((item) => writeJsonTree(item, indent, level + 1));
  if (parts.length === 0 || indent === 0) return `${open}${parts.join(',')}${close}`;
  const inner = `\n${' '.repeat(indent * (level + 1))}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${' '.repeat(indent * level)}${close}`;
}

/**
 * Writes JSON text that is equal for equal values: keys sorted, duplicate keys kept in order, numbers as exact decimals
 * (1, 1.0 and 10e-1 are equal).
 */
export function canonicalizeJsonTree(tree: JsonTree): string {
  if (tree.kind === 'string') return JSON.stringify(tree.text);
  if (tree.kind === 'literal') return normalizeNumber(tree.text) ?? tree.text;
  if (tree.kind === 'array') return `[${tree.items.map(canonicalizeJsonTree).join(',')}]`;
  const members = tree.members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${canonicalizeJsonTree(value)}`).join(',')}}`;
}

/** A number literal as `<sign><digits>e<exponent>` without zeros at its ends; undefined for what is not a number. */
function normalizeNumber(literal: string): string | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  if (sign === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = dropTrailingZeros(digits);
  if (kept === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - kept.length);
  return `${sign}${kept}e${power}`;
}

/** A regular expression such as /0+$/ would take minutes for a mebibyte of zeros before another digit. */
function dropTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function convertNode(node: ValueNode, text: string): JsonTree {
  switch (node.type) {
    case 'Object':
      return {
        kind: 'object',
        members: node.members.map(({ name, value }) => [readKey(name), convertNode(value, text)]),
      };
    case 'Array':
      return { kind: 'array', items: node.elements.map(({ value }) => convertNode(value, text)) };
    case 'String':
      return { kind: 'string', text: node.value };
    default:
      return { kind: 'literal', text: readNodeText(node, text) };
  }
}

function readKey(name: { type: string; value?: string; name?: string }): string {
  return name.value ?? name.name ?? '';
}

function readNodeText({ range }: ValueNode, text: string): string {
  return text.slice(range?.[0], range?.[1]);
}
