import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { FEATURE_TEXTS } from '../../support/features.ts';

const MOST_WORDS = 20;
const FILES = ['src/slack/texts/en.ts', ...FEATURE_TEXTS];
/** Of a feature, whose languages stand side by side. */
const OTHER_LANGUAGES = ['pt-BR', 'es'];

/** The longest text that an expression gives; what comes from outside is one word. */
function render(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return (
      node.head.text +
      node.templateSpans.map(({ expression, literal }) => render(expression) + literal.text).join('')
    );
  if (ts.isConditionalExpression(node)) return longest([node.whenTrue, node.whenFalse]);
  if (ts.isElementAccessExpression(node) && ts.isObjectLiteralExpression(node.expression))
    return longest(
      node.expression.properties.flatMap((one) => (ts.isPropertyAssignment(one) ? one.initializer : [])),
    );
  if (ts.isCallExpression(node) && /(^|\.)plural$/.test(node.expression.getText()))
    return longest(node.arguments.slice(1));
  if (ts.isCallExpression(node) && node.expression.getText() === 'capitalize') return longest(node.arguments);
  if (ts.isCallExpression(node) && node.expression.getText() === 'withArticle') return 'An X';
  const value = ts.isIdentifier(node) && findInitializer(node);
  return value ? render(value) : 'X';
}

function longest(nodes: readonly ts.Node[]): string {
  return nodes.map(render).reduce((one, other) => (other.length > one.length ? other : one), '');
}

/** The value of a variable of the same function. */
function findInitializer(name: ts.Identifier): ts.Expression | undefined {
  const block = ts.findAncestor(name, ts.isBlock);
  const declared = block?.statements
    .filter(ts.isVariableStatement)
    .flatMap((one) => one.declarationList.declarations);
  return declared?.find((one) => one.name.getText() === name.text)?.initializer;
}

const texts: string[] = [];
function collect(node: ts.Node): void {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
  if (ts.isPropertyAssignment(node) && OTHER_LANGUAGES.includes(readName(node.name))) return;
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) texts.push(render(node));
  ts.forEachChild(node, collect);
}
const readName = (name: ts.PropertyName) => (ts.isStringLiteral(name) ? name.text : name.getText());
for (const file of FILES)
  ts.forEachChild(
    ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true),
    collect,
  );

test(`no sentence that people read in Slack has more than ${MOST_WORDS} words`, () => {
  expect(texts.length).toBeGreaterThan(400);
  const sentences = texts.flatMap((text) => text.split(/(?<=[.?!])\s+/));
  const long = sentences.filter(
    (one) => one.split(/\s+/).filter((word) => /\w/.test(word)).length > MOST_WORDS,
  );
  expect(long).toEqual([]);
});
