import axios from 'axios';
import express from 'express';
import { expect, test } from 'vitest';
import { ProgramWaits } from '../../src/approval/program-waits.ts';
import { createBodyHandlers } from '../../src/http/body.ts';
import { handleErrors } from '../../src/http/errors.ts';
import { createProgramReader } from '../../src/http/program-bodies.ts';
import { buildQuestionsRouter } from '../../src/http/questions.ts';
import { createRun } from '../approval/run-world.ts';
import { collectingLog } from '../slack/stage.ts';
import { listKeys } from '../support/records.ts';
import { serveApp } from './endpoint.ts';

const SECRET = 'the-ask-secret-of-a-program';

test('a question whose record could not be read again is a 500, and nothing of it is stored', async () => {
  const run = createRun();
  const now = { wrong: true };
  // A clock that says no time is a fault that every record has in it.
  const clock = { ...run.app.clock, now: () => (now.wrong ? Number.NaN : run.clock.now()) };
  const app = { ...run.app, clock };
  const { log, lines } = collectingLog();
  const endpoint = { crew: run.crew, secret: '', askSecret: SECRET, flowSecrets: [], callbackHosts: [] };
  const router = buildQuestionsRouter(
    app,
    new Map([['press', endpoint]]),
    createBodyHandlers(),
    createProgramReader().read,
    new ProgramWaits(app),
  );
  const { url } = await serveApp(
    express().use(
      router,
      handleErrors(log, () => {}),
    ),
  );
  const ask = async () => {
    const { status, data } = await axios.put(
      `${url}/crews/press/questions/q1`,
      { title: 'Ship?', text: 'All tests passed.' },
      { headers: { authorization: `Bearer ${SECRET}` }, validateStatus: () => true },
    );
    return [status, data.error];
  };
  expect(await ask()).toEqual([500, 'internal_error']);
  expect(lines).toMatchObject([{ fact: 'request failed' }]);
  for (const key of ['question', 'approval', 'execution', 'due', 'unreadable'])
    expect(await listKeys(run.memory.records, key, { limit: 10 })).toEqual([]);
  now.wrong = false;
  expect(await ask()).toEqual([201, undefined]);
});
