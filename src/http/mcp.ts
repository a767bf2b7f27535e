import { randomUUID } from 'node:crypto';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { App } from '../approval/app.ts';
import { askQuestion } from '../approval/intake/ask-question.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import type { Endpoints } from '../approval/model/crew/endpoint.ts';
import type { ProgramWaits } from '../approval/program-waits.ts';
import { changeQuestion } from '../approval/questions.ts';
import {
  BotUnavailable,
  type CallOptions,
  type ProgramQuestion,
  type ProgramQuestionState,
  QuestionClosed,
  QuestionRejected,
  type QuestionsClient,
  serializeQuestion,
} from '../clients/client.ts';
import {
  answerMcpRequest,
  buildRequestBody,
  PROTOCOL_VERSIONS,
  readMcpMessage,
  rejectMcpMessage,
  rejectUsedId,
} from '../clients/mcp-legacy.ts';
import type { McpExchange } from '../clients/mcp-server.ts';
import { StoreError } from '../lib/errors.ts';
import { findEndpoint } from './crew-secret.ts';
import { buildBodyRejection, buildFieldsRejection, type Rejection, reject } from './errors.ts';
import type { ProgramReading } from './program-bodies.ts';
import { explainReceipt, LARGEST_QUESTION, requireAskSecret, signalWhenClosed } from './questions.ts';

/**
 * `POST /crews/:crew/mcp`: the MCP server over Streamable HTTP, for the crew's programs. Requests are independent. In the
 * revisions of 2025, a session identifies the client of a call, so that a client can cancel its own calls and no others.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export function buildMcpRouter(
  app: App,
  endpoints: Endpoints,
  acceptBody: (mebibytes: number) => RequestHandler,
  reading: ProgramReading,
  waits: ProgramWaits,
  version: string,
): Router {
  const router = Router();
  const runningCalls = new Map<string, AbortController>();
  const path = '/crews/:crew/mcp';
  const guards = [findEndpoint(endpoints), rejectOrigin, requireAskSecret];

  router.post(path, guards, acceptBody(LARGEST_QUESTION), async (request: Request, response: Response) => {
    const { body, crew, askSecret } = response.locals;
    const message = readMcpMessage(body.toString('utf8'));
    if ('rejection' in message) return response.status(400).json(message.rejection);
    const exchange: McpExchange = {
      client: new CrewQuestions(app, crew, { reading, waits }),
      ...{ version, secret: askSecret },
      onError: (error) => app.log.error({ error }, 'request failed'),
    };
    const responseClosed = signalWhenClosed(response);
    if (message.kind === 'request') {
      const webRequest = buildWebRequest(request, responseClosed);
      const parsedBody = buildRequestBody(message);
      // Loaded at the first request: many bots never get one, and the library would make each start slower.
      const { isLegacyRequest, answerRequest } = await import('../clients/mcp-server.ts');
      if (!(await isLegacyRequest(webRequest, parsedBody))) {
        const answer = await answerRequest(webRequest, parsedBody, exchange);
        await answer.delivered(await sendWebResponse(answer.response, response));
        return;
      }
    }
    const isFirst = message.kind === 'request' && message.method === 'initialize';
    const protocolVersion = request.headers['mcp-protocol-version'];
    if (!isFirst && protocolVersion !== undefined && !PROTOCOL_VERSIONS.includes(String(protocolVersion)))
      return response
        .status(400)
        .json(rejectMcpMessage(`MCP-Protocol-Version must be ${PROTOCOL_VERSIONS.join(' or ')}.`));
    const session = isFirst ? randomUUID() : request.headers['mcp-session-id'];
    const nameCall = (id: unknown) =>
      JSON.stringify([crew.name, session, typeof id, String(isCallId(id) ? id : '')]);
    if (message.kind !== 'request') {
      if (message.kind === 'notification' && message.method === 'notifications/cancelled')
        runningCalls.get(nameCall(message.params.requestId))?.abort();
      return response.status(202).end();
    }

    const cancellation = new AbortController();
    const call = nameCall(message.id);
    if (session !== undefined && runningCalls.has(call))
      return response.status(400).json(rejectUsedId(message.id));
    if (session !== undefined) runningCalls.set(call, cancellation);
    const reply = createReplyWriter(request, response);
    const answer = await answerMcpRequest(message, {
      ...exchange,
      signal: AbortSignal.any([cancellation.signal, responseClosed]),
      notify: reply.notify,
    }).finally(() => session !== undefined && runningCalls.delete(call));
    if (isFirst && session !== undefined) response.set('Mcp-Session-Id', session);
    const isReceived = await reply.end(answer?.reply);
    await answer?.delivered?.(isReceived);
  });

  router.all(path, findEndpoint(endpoints), rejectOrigin, (_request: Request, response: Response) => {
    response.set('Allow', 'POST');
    reject(response, 405, 'method_not_allowed', 'MCP messages are sent with POST.');
  });
  return router;
}

/** Browsers send the origin of a page. No page is a client, and any page could reach the bot by DNS rebinding. */
const rejectOrigin: RequestHandler = (request, response, next) => {
  if (request.headers.origin === undefined) return next();
  reject(response, 403, 'foreign_origin', 'Requests from web pages are not accepted.');
};

/** Headers that the library reads. All except the content type repeat parts of the message, for proxies; the two must agree. */
const READ_HEADERS = ['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];

/** Builds the Request that the library reads. The parsed body is passed separately. */
function buildWebRequest({ headers }: Request, signal: AbortSignal): globalThis.Request {
  const readHeaders = READ_HEADERS.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  return new globalThis.Request('http://localhost', { method: 'POST', headers: readHeaders, signal });
}

/** Sends a response of the library; true if all of it was sent while the client was connected. */
async function sendWebResponse(webResponse: globalThis.Response, response: Response): Promise<boolean> {
  if (response.closed) return false;
  response.status(webResponse.status).set(Object.fromEntries(webResponse.headers));
  const sent = whenSent(response);
  try {
    // If the client disconnects, the request's signal ends the body.
    for await (const part of webResponse.body ?? []) response.write(part);
    response.end();
  } catch {
    // A body that broke off must not look complete.
    response.destroy();
  }
  return sent;
}

/** Resolves when the response ends: true if all of it was passed to the operating system while the client was connected. */
function whenSent(response: Response): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    response.once('finish', () => resolve(!response.destroyed));
    response.once('close', () => resolve(false));
  });
}

/** Creates a writer of the reply: a JSON object, or events if the client accepts them and a notification comes first. */
function createReplyWriter(request: Request, response: Response) {
  const acceptsEvents = /\btext\/event-stream\b/.test(request.headers.accept ?? '');
  const writeEvent = (message: object) =>
    response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  return {
    notify: (notification: object) => {
      if (!acceptsEvents || response.closed || response.writableEnded) return;
      if (!response.headersSent) {
        response.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
        response.type('text/event-stream').flushHeaders();
      }
      writeEvent(notification);
    },
    /** Ends the response; true if all of it was sent while the client was connected. `message`: undefined if none is expected. */
    end: async (message: object | undefined): Promise<boolean> => {
      if (response.closed) return false;
      const sent = whenSent(response);
      if (message && response.headersSent) writeEvent(message);
      if (message && !response.headersSent) response.json(message);
      else if (response.headersSent) response.end();
      else response.status(202).end();
      return sent;
    },
  };
}

/** Client for the questions of a crew that calls the bot's own functions instead of its HTTP API. */
class CrewQuestions implements QuestionsClient {
  readonly #app: App;
  readonly #crew: Crew;
  readonly #reading: ProgramReading;
  readonly #waits: ProgramWaits;

  constructor(app: App, crew: Crew, { reading, waits }: { reading: ProgramReading; waits: ProgramWaits }) {
    this.#app = app;
    this.#crew = crew;
    this.#reading = reading;
    this.#waits = waits;
  }

  async put(id: string, question: ProgramQuestion | string): Promise<void> {
    const body = typeof question === 'string' ? question : serializeQuestion(question);
    const parsed = await this.#reading('question', Buffer.from(body));
    if ('rejection' in parsed) throw describeRejection(id, buildBodyRejection(parsed.rejection));
    if ('faults' in parsed) throw describeRejection(id, buildFieldsRejection(parsed.faults, parsed.more));
    const receipt = await this.#callStore(() =>
      askQuestion(this.#app, this.#crew, { ...parsed.question, id }),
    );
    if (!('approval' in receipt)) throw describeRejection(id, explainReceipt(receipt));
  }

  read(id: string, wait = 0, options: CallOptions = {}): Promise<ProgramQuestionState> {
    return this.waitFor(id, { ...options, wait });
  }

  poll(id: string): Promise<ProgramQuestionState> {
    return this.#callStore(() => this.#waits.pollQuestion(this.#crew, id));
  }

  async waitFor(
    id: string,
    { wait = 0, signal = new AbortController().signal }: CallOptions & { wait?: number | undefined } = {},
  ): Promise<ProgramQuestionState> {
    const [state] = await this.#callStore(() =>
      this.#waits.readQuestions(this.#crew, [id], wait * 1_000, signal),
    );
    return state ?? { id, status: 'unknown' };
  }

  received(id: string): Promise<ProgramQuestionState> {
    return this.#callStore(() => changeQuestion(this.#app, this.#crew, id, 'fetched'));
  }

  withdraw(id: string): Promise<ProgramQuestionState> {
    return this.#callStore(() => changeQuestion(this.#app, this.#crew, id, 'withdrawn'));
  }

  async #callStore<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#app.log.error({ error }, 'request not stored');
      this.#app.alert({ kind: 'store_failed', operation: 'write' });
      throw new BotUnavailable('the database does not respond', { status: 503 });
    }
  }
}

function describeRejection(id: string, { status, error, message }: Rejection): Error {
  if (status === 410) return new QuestionClosed(id, 'withdrawn');
  if (status === 429) return new BotUnavailable(message, { status });
  return new QuestionRejected(status, error, message);
}

/** True if the value can be the id of a JSON-RPC request. */
function isCallId(id: unknown): id is string | number {
  return typeof id === 'string' || typeof id === 'number';
}
