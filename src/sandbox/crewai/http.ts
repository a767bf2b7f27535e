import type { Request } from 'express';
import type { Failures } from '../failures.ts';
import type { Answer } from './answers.ts';
import type { Contract, EndpointName } from './contract.ts';
import {
  answerRecorded,
  createRecordedApp,
  type RecordedAppOptions,
  type RecordedResponse,
  readContentType,
  readText,
} from './server/recorded-app.ts';

/** Handlers of the platform's paths. */
interface Endpoints {
  inputs(): Answer;
  kickoff(body: unknown): Answer;
  resume(body: unknown): Answer;
  status(id: string): Answer;
}

export interface HttpOptions extends Omit<RecordedAppOptions, 'refuse'> {
  token: string;
  failures: Failures;
  contract: Contract;
  endpoints: Endpoints;
}

/** Builds the platform's HTTP API: bearer token, JSON bodies, planned failures, and a record of every request. */
export function createHttp(options: HttpOptions) {
  const { contract, endpoints, now, onRequest, onChange } = options;
  return createRecordedApp({ refuse: contract.refuse, now, onRequest, onChange }, (app) => {
    app.get('/inputs', createHandler(options, 'inputs', endpoints.inputs));
    app.get(
      '/status/:id',
      createHandler(options, 'status', (_body, req) => endpoints.status(String(req.params.id))),
    );
    app.post('/kickoff', createHandler(options, 'kickoff', endpoints.kickoff));
    app.post('/resume', createHandler(options, 'resume', endpoints.resume));
  });
}

function createHandler(
  { token, failures, contract, onChange }: HttpOptions,
  endpoint: EndpointName,
  handle: (body: unknown, req: Request) => Answer,
) {
  return (req: Request, res: RecordedResponse) => {
    const { body } = res.locals.record;
    const work = () =>
      contract.checkRequest(
        {
          endpoint,
          authorization: req.get('authorization'),
          contentType: readContentType(req),
          text: readText(req),
        },
        token,
      ) ?? handle(body, req);
    answerRecorded(res, { failure: failures.next(endpoint, body), refuse: contract.refuse, work });
    onChange();
  };
}
