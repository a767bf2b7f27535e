import express from 'express';
import { createIntake } from '../../../src/approval/intake/intake.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { BodyReader } from '../../../src/crewai/payloads/body-reader.ts';
import { type WebhookName, webhookNames } from '../../../src/crewai/payloads/webhooks.ts';
import { createBodyHandlers } from '../../../src/http/body.ts';
import { requireCrewSecret } from '../../../src/http/crew-secret.ts';
import { buildWebhooksRouter } from '../../../src/http/routes/webhooks.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { createSystemClock } from '../../../src/store/system-clock.ts';
import { voidRecords } from '../support/void-records.ts';

/**
 * The reference: the product's own webhook route, body parser and reader, with nothing stored. `STORES=nothing` answers
 * at once; `STORES=void` also carries out all that the product does with a webhook, on a store that keeps nothing.
 */
const { PORT, STORES, CREW = 'press', SECRET = '' } = process.env;

const crew: Crew = {
  name: CREW,
  channel: 'C00000',
  channels: ['C00000'],
  approvers: [],
  excludeRequester: false,
  allowGuests: false,
  policy: DEFAULT_POLICY,
  tasks: [],
  webhookUrls: {},
  ownUrls: {},
  approvalText: 'Approved.',
  revisionText: 'Revise this:',
  lookUps: 'members',
  approveTasks: [],
  resumeFormat: 'documented',
};
const log = { info() {}, warn() {}, error() {} };
const clock = createSystemClock();
const store = createApprovalStore(voidRecords(), log);
const bodyReader = new BodyReader(clock);
const { receive } = createIntake({
  store,
  dialects: { of: () => 'documented' },
  clock,
  log,
  wake() {},
});

const web = express().disable('x-powered-by').disable('etag');
web.use(
  buildWebhooksRouter({
    requireSecret: requireCrewSecret(new Map([[CREW, { crew, secret: SECRET }]])),
    limitRate: (_request, _response, next) => next(),
    readBody: createBodyHandlers(),
    kinds: webhookNames,
    parse: (kind, body) => bodyReader.read(kind as WebhookName, body),
    receive:
      STORES === 'void' ? receive : async () => ({ status: 'created', approval: '0123456789', round: 1 }),
  }),
);
web.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
web.listen(Number(PORT), '127.0.0.1');
