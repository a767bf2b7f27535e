import type { Request } from 'express';
import type { Failures } from '../../failures.ts';
import type { Answer } from '../answers.ts';
import {
  answerRecorded,
  createRecordedApp,
  type RecordedAppOptions,
  type RecordedResponse,
  readContentType,
  readText,
} from '../server/recorded-app.ts';
import { type CallbackRequest, refuseCallback } from './callback.ts';
import { buildCallbackPath } from './review.ts';

export interface FlowHttpOptions extends Omit<RecordedAppOptions, 'refuse'> {
  failures: Failures;
  respond: (request: CallbackRequest) => Answer;
}

/** Builds the HTTP API of a flow: the callback URLs of reviews. Other paths are 404: a flow has no /resume. */
export function createFlowHttp({ failures, respond, ...options }: FlowHttpOptions) {
  return createRecordedApp({ refuse: refuseCallback, ...options }, (app) => {
    app.post(buildCallbackPath(':id'), (req: Request, res: RecordedResponse) => {
      const { token } = req.query;
      const request: CallbackRequest = {
        requestId: String(req.params.id),
        token: typeof token === 'string' ? token : undefined,
        contentType: readContentType(req),
        text: readText(req),
      };
      const failure = failures.next('respond', res.locals.record.body);
      answerRecorded(res, { failure, refuse: refuseCallback, work: () => respond(request) });
      options.onChange();
    });
  });
}
