import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const MOST_LINES = 300;
const MOST_FILES = 16;
const folders = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath, entry.name));
const files = ['src', ...folders].flatMap((folder) =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.ts') && statSync(path).isFile()),
);
const product = files.filter((path) => !path.startsWith(join('src', 'sandbox')));

describe('the source can be read', () => {
  test(`no file has more than ${MOST_LINES} lines`, () => {
    const long = files.filter((path) => readFileSync(path, 'utf8').split('\n').length - 1 > MOST_LINES);
    expect(long).toEqual([]);
  });

  test(`no folder holds more than ${MOST_FILES} files`, () => {
    const full = folders.filter(
      (folder) => files.filter((path) => join(path, '..') === folder).length > MOST_FILES,
    );
    expect(full).toEqual([]);
  });

  test('every function of the product that has a name is found at the top level of its file', () => {
    expect(product.flatMap(listNestedFunctions)).toEqual([]);
  });
});

/** Function declarations inside other functions. */
function listNestedFunctions(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isFunctionDeclaration(node) && node.parent !== source) found.push(`${path}: ${node.name?.text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
