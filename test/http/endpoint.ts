import axios, { type AxiosRequestConfig } from 'axios';
import express, { type Express } from 'express';
import { onTestFinished } from 'vitest';
import type { Alert, Announcement } from '../../src/approval/alerts.ts';
import type { ApprovalStore } from '../../src/approval/ports.ts';
import { RateLimits } from '../../src/approval/worker/rate-limits.ts';
import { createWebhookReader } from '../../src/crewai/payloads/read-body.ts';
import { readRegistration } from '../../src/crewai/payloads/registration.ts';
import { createBodyHandlers } from '../../src/http/body.ts';
import { handleErrors, notFound } from '../../src/http/errors.ts';
import { buildExecutionsRouter } from '../../src/http/executions.ts';
import { RejectedWebhooks } from '../../src/http/rejected-webhooks.ts';
import { closeServer, listen } from '../../src/http/server.ts';
import { buildWebhooksRouter } from '../../src/http/webhooks.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { noStarts } from '../approval/worker/worker-world.ts';
import { crew, endpointsOf } from '../crewai/records.ts';
import { collectingLog } from '../slack/stage.ts';
import { buildTestApp } from '../support/app.ts';
import { fixedDialect } from '../support/dialects.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { SECRET } from '../support/world.ts';

/** Serves an app on a free port until the end of the test. */
export async function serveApp(app: Express): Promise<{ url: string; port: number }> {
  // On a busy machine, the product's timeout for a slow request would end requests of the tests.
  const server = await listen(app, '127.0.0.1', 0, 300_000);
  onTestFinished(() => closeServer(server, 0));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}`, port };
}

/** Serves the routes that CrewAI calls, for two crews, on records in memory and a clock that the test advances. */
export async function startEndpoint(failing?: Error) {
  const clock = createFakeClock();
  const { log, lines } = collectingLog();
  const alarms: Alert[] = [];
  const announced: (Announcement & { channel: string })[] = [];
  const names = ['press', 'budget'];
  const crews = new Map(names.map((name) => [name, { ...crew, name, channel: `C-${name}` }]));
  const endpoints = new Map([...crews].flatMap(([, one]) => [...endpointsOf(one, '', { secret: SECRET })]));
  const rejected = new RejectedWebhooks({
    crews,
    count: () => {},
    log,
    alert: (alert) => void alarms.push(alert),
    announce: async (channel, announcement) => void announced.push({ channel, ...announcement }),
    clock,
  });
  onTestFinished(() => rejected.close());
  const { records, commits } = createMemoryRecords(clock.now);
  const failingStore = { originalId: () => Promise.reject(failing) } as unknown as ApprovalStore;
  const store = failing ? failingStore : createApprovalStore(records, log);
  const turns = new RateLimits(clock);
  const app = buildTestApp({
    clock,
    log,
    crews,
    dialects: fixedDialect(),
    crewAI: noStarts,
    store,
    rateLimits: turns,
  });
  const bodies = createBodyHandlers();
  const reader = createWebhookReader();
  const { url } = await serveApp(
    express().use(
      rejected.watch,
      buildWebhooksRouter(app, endpoints, bodies, (kind, body) => reader.read(kind, body)),
      buildExecutionsRouter(app, endpoints, bodies, readRegistration),
      notFound,
      handleErrors(log, () => {}),
    ),
  );
  /** Sends a request, by default a POST of JSON with the secret in its URL. A text is sent unchanged. */
  const ask = (path: string, body: unknown, config: AxiosRequestConfig = {}) =>
    axios.request<Record<string, unknown>>({
      method: 'post',
      url: `${url}${path}`,
      data: typeof body === 'string' ? Buffer.from(body) : body,
      headers: { 'content-type': 'application/json' },
      params: { token: SECRET },
      validateStatus: () => true,
      maxRedirects: 0,
      ...config,
    });
  return { url, ask, commits, clock, lines, alarms, announced };
}
