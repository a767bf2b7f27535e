import express from 'express';
import type { App } from '../../../src/approval/app.ts';
import { BodyReader } from '../../../src/crewai/payloads/body-reader.ts';
import { createBodyHandlers, LARGEST_WEBHOOK } from '../../../src/http/body.ts';
import { findEndpoint, requireCrewSecret } from '../../../src/http/crew-secret.ts';
import { buildWebhooksRouter } from '../../../src/http/webhooks.ts';
import { createSerializer } from '../../../src/lib/serialize.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { createSystemClock } from '../../../src/store/system-clock.ts';
import { buildCrew, SILENT, voidRecords } from '../support/nothing-stored.ts';

/**
 * The reference: the product's own webhook route, body parser and reader, with nothing stored. `STORES=nothing` answers
 * at once; `STORES=void` also carries out all that the product does with a webhook, on a store that keeps nothing.
 */
const { PORT, STORES, CREW = 'press', SECRET = '' } = process.env;

const crew = buildCrew(CREW);
const clock = createSystemClock();
const store = createApprovalStore(voidRecords(), SILENT);
const bodyReader = new BodyReader();
const app = {
  store,
  crews: new Map([[CREW, crew]]),
  dialects: { of: () => 'documented' },
  crewAI: { underway: () => false },
  clock,
  log: SILENT,
  wake() {},
  wakeKickoff() {},
  serialize: createSerializer(),
} as unknown as App;
const endpoints = new Map([[CREW, { crew, secret: SECRET, flowSecrets: [], callbackHosts: [] }]]);
const bodies = createBodyHandlers();

const web = express().disable('x-powered-by').disable('etag');
if (STORES === 'void')
  web.use(buildWebhooksRouter(app, endpoints, bodies, (kind, body) => bodyReader.read(kind, body)));
else
  web.post(
    '/webhooks/:crew/task',
    findEndpoint(endpoints),
    requireCrewSecret,
    bodies(LARGEST_WEBHOOK),
    async (_request, response) => {
      await bodyReader.read('task', response.locals.body);
      response.status(202).json({ status: 'created', approval: '0123456789', round: 1 });
    },
  );
web.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
web.listen(Number(PORT), '127.0.0.1');
