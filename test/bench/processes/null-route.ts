import express from 'express';
import { createWebhookReader } from '../../../src/crewai/payloads/read-body.ts';
import { createBodyHandlers, LARGEST_WEBHOOK } from '../../../src/http/body.ts';
import { findEndpoint, requireCrewSecret } from '../../../src/http/crew-secret.ts';
import { crew, endpointsOf } from '../../crewai/records.ts';

/** The reference: the product's own check of the secret, body parser and webhook reader, without a store. */
const { PORT, SECRET = '' } = process.env;
const bodyReader = createWebhookReader();

const web = express().disable('x-powered-by').disable('etag');
web.post(
  '/webhooks/:crew/task',
  findEndpoint(endpointsOf(crew, '', { secret: SECRET })),
  requireCrewSecret,
  createBodyHandlers()(LARGEST_WEBHOOK),
  async (_request, response) => {
    await bodyReader.read('task', response.locals.body);
    response.status(202).json({ status: 'created', approval: '0123456789', round: 1 });
  },
);
web.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
web.listen(Number(PORT), '127.0.0.1');
