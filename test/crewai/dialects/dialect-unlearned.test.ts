import { expect, it } from 'vitest';
import { CrewAIClient } from '../../../src/crewai/crew-ai.ts';
import { LearnedDialects } from '../../../src/crewai/dialects/learn-dialects.ts';
import { createSystemClock } from '../../../src/store/system-clock.ts';
import { approval, round } from '../../slack/records.ts';
import { collectingLog } from '../../slack/stage.ts';
import { until } from '../../support/until.ts';
import { crew, decision, endpointsOf, execution } from '../records.ts';
import { serve } from '../serve.ts';

it('a dialect learned wrongly is learned again when the documented API answers, also by a restart', async () => {
  const { url } = await serve((request, response) => {
    const [status, body] = request.url?.startsWith('/status')
      ? [404, { error: 'Not Found', message: 'Execution not found' }]
      : [
          400,
          { error: 'Bad Request', message: 'Invalid request: execution_id: Required; task_id: Required' },
        ];
    response.writeHead(status as number, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const endpoints = endpointsOf({ ...crew, resumeFormat: 'auto' }, url);
  const dialects = new LearnedDialects({
    endpoints,
    clock: createSystemClock(),
    log: collectingLog().log,
    alarm: () => {},
    store: { dialect: async () => 'live', saveDialect: async () => {} },
  });
  await dialects.start();
  const api = new CrewAIClient({ endpoints, dialects, clock: createSystemClock() });
  const ask = () =>
    api.resume({
      approval: approval([round()]),
      round: round({ humanInput: true }),
      decision: decision({}),
      execution: execution(),
    });
  await ask();
  await ask();
  await until(() => expect(dialects.of('press')).toBe('documented'));
  dialects.close();
});
