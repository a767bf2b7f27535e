import { readdirSync, readFileSync } from 'node:fs';
import type { Router } from 'express';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { App } from '../../src/approval/app.ts';
import { ProgramWaits } from '../../src/approval/program-waits.ts';
import { createBodyHandlers } from '../../src/http/body.ts';
import { buildExecutionsRouter } from '../../src/http/executions.ts';
import { buildHealthRouter } from '../../src/http/health.ts';
import { buildMcpRouter } from '../../src/http/mcp.ts';
import { createProgramReader } from '../../src/http/program-bodies.ts';
import { buildProgramRunsRouter } from '../../src/http/program-runs.ts';
import { buildQuestionsRouter } from '../../src/http/questions.ts';
import { buildReceiptKeysRouter } from '../../src/http/receipt-keys.ts';
import { buildWebhooksRouter } from '../../src/http/webhooks.ts';

interface Document {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, unknown>; schemas: Record<string, unknown> };
}
interface Operation {
  operationId?: string;
  responses: Record<string, unknown>;
}

const text = readFileSync('docs/openapi.yaml', 'utf8');
const document = parse(text) as Document;
const METHODS = ['get', 'put', 'post', 'delete'];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, operation]) =>
    METHODS.includes(method) ? [{ name: `${method} ${path}`, operation }] : [],
  ),
);

const app = {} as App;
const accept = createBodyHandlers();
const { read: reading } = createProgramReader();
/** By the function that builds them: the routes of the server. */
const ROUTERS: Record<string, () => Router> = {
  buildWebhooksRouter: () => buildWebhooksRouter(app, new Map(), accept, async () => ({ faults: [] })),
  buildExecutionsRouter: () => buildExecutionsRouter(app, new Map(), accept, () => ({ faults: [] })),
  buildQuestionsRouter: () => buildQuestionsRouter(app, new Map(), accept, reading, new ProgramWaits(app)),
  buildProgramRunsRouter: () =>
    buildProgramRunsRouter(app, new Map(), accept, reading, new ProgramWaits(app)),
  buildMcpRouter: () => buildMcpRouter(app, new Map(), accept, reading, new ProgramWaits(app), '1.0.0'),
  buildReceiptKeysRouter: () => buildReceiptKeysRouter(async () => ({ keys: [] })),
  buildHealthRouter: () => buildHealthRouter({ botToken: '', checks: {} }),
};

function listRoutes({ stack }: Router): string[] {
  return stack.flatMap(({ route }) => {
    const { path, methods } = route as unknown as { path: string; methods: Record<string, boolean> };
    return Object.keys(methods).map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  });
}

test('docs/openapi.yaml has each route of the server, and no other', () => {
  const source = readdirSync('src/http').map((name) => readFileSync(`src/http/${name}`, 'utf8'));
  const built = source.join('\n').matchAll(/^export function (build\w*Router)\b/gm);
  expect([...built].map(([, name]) => name).sort()).toEqual(Object.keys(ROUTERS).sort());
  // The metrics have no function of their own; what no kind of webhook has is a 404, and all other methods of MCP a 405.
  const routes = ['get /metrics', ...Object.values(ROUTERS).flatMap((build) => listRoutes(build()))];
  const served = routes.filter(
    (route) => route !== 'post /webhooks/{crew}/{kind}' && !route.startsWith('_all '),
  );
  expect(operations.map(({ name }) => name).sort()).toEqual(served.sort());
});

test('docs/openapi.yaml is of this version, its references lead somewhere, and each operation has an id of its own', () => {
  const references = [...text.matchAll(/\$ref: "#\/([\w/]+)"/g)];
  expect(references).toHaveLength(text.split('$ref').length - 1);
  for (const [, path = ''] of references) {
    const found = path
      .split('/')
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document);
    expect(found, path).toBeDefined();
  }
  expect(document.info.version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(operations.length);
});

test('docs/openapi.yaml and docs/http-api.md have the same errors', () => {
  const [, table = ''] = readFileSync('docs/http-api.md', 'utf8').split('\n## Errors\n');
  const rows = (table.split('\n## ')[0] ?? '').matchAll(/^\| (\d{3}) \| (.*?) \|/gm);
  const told = [...rows].flatMap(([, status = '', codes = '']) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => `${status} ${code}`),
  );
  const described = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses).flatMap(([status, response]) => {
      const { $ref = '' } = response as { $ref?: string };
      const { error } =
        (document.components.responses[$ref.split('/').at(-1) ?? ''] as ErrorResponse | undefined)?.content[
          'application/json'
        ].schema.properties ?? {};
      return (error?.enum ?? [error?.const]).flatMap((code) =>
        code === undefined ? [] : [`${status} ${code}`],
      );
    }),
  );
  expect([...new Set(described)].sort()).toEqual([...new Set(told)].sort());
});

interface ErrorResponse {
  content: {
    'application/json': { schema: { properties?: { error: { const?: string; enum?: string[] } } } };
  };
}
