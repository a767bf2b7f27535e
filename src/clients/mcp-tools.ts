// The tools of the MCP server: their descriptions for models, and their calls. They use the client's interface and so work the
// same over stdio, where a client calls the bot, and over HTTP, where the bot itself is the server.
import { randomUUID } from 'node:crypto';
import { isRejectionStatus, rethrowIfRejected } from './bot-calls.ts';
import {
  BotUnavailable,
  type ProgramQuestion,
  type ProgramQuestionState,
  QuestionClosed,
  QuestionRejected,
  type QuestionsClient,
} from './client.ts';
import { ASKED_PROPERTIES, STATE_SCHEMA } from './question-schemas.ts';

/** Longest wait of a call, in seconds. By default, MCP clients give up on a call after 60 s. */
const LONGEST_CALL = 50;
/** Time for each request to the bot, without the wait of the call, in seconds. */
export const CALL_TIMEOUT = 10;
/** Time between two progress notifications of a waiting call, in seconds. */
const PROGRESS_INTERVAL = 10;
/** Prefix of the ids: these tools cannot reach the questions of other programs. */
const OWN_ID_PREFIX = 'mcp:';
const REQUEST_ID = /^[A-Za-z0-9.:@_-]{1,96}$/;

export interface ToolCall {
  /** Aborts when the client no longer wants the result. */
  signal: AbortSignal;
  /** Tells the client that the call is still waiting. `seconds`: waited so far; `total`: longest wait. */
  progress: (seconds: number, total: number, message: string) => void;
  /** Seconds to wait for an answer; undefined: as the call's arguments say. */
  wait?: number;
}

export type ToolResult = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Pick<ProgramQuestionState, 'id' | 'status' | 'answer' | 'reason'>;
  isError?: boolean;
};

export interface ToolOutcome {
  result: ToolResult;
  /** State of the question; undefined: the call failed. */
  state?: ProgramQuestionState;
  /** Call this once it is known if the client has the result. */
  delivered?: (isReceived: boolean) => Promise<unknown>;
}

type Arguments = Record<string, unknown>;

const WAIT = {
  type: 'number',
  minimum: 0,
  maximum: LONGEST_CALL,
  description: `Seconds that this call waits for the answer, ${LONGEST_CALL} at most and by default.`,
};
const ID = { type: 'string', description: 'The id that ask_human returned, or its request_id.' };

/** Result of `tools/list`. */
export const MCP_TOOLS = [
  {
    name: 'ask_human',
    title: 'Ask a person in Slack',
    description: [
      'Puts a question to the people who are responsible, as a card in Slack, and waits for their answer.',
      'Use it before an action that needs approval, or when only a person can decide.',
      'If nobody answers within `wait` seconds, the result has the status "waiting" and an id. The card stays: call get_answer with that id. People may take hours.',
      'With a request_id, repeated calls share one card and its answer, and a cancelled call leaves the card. Without one, each call posts a new card, and a cancelled call withdraws it.',
      'Only an answer is permission. A result that is an error, "waiting", "closed", "withdrawn" or "unknown" is not.',
    ].join(' '),
    inputSchema: {
      type: 'object',
      properties: {
        ...ASKED_PROPERTIES,
        wait: WAIT,
        request_id: {
          type: 'string',
          pattern: REQUEST_ID.source,
          description:
            'An id that you choose for this question: 1 to 96 letters, digits and .:@_-. Choose a new one for each new decision: the answer under an old one is an old answer.',
        },
      },
      required: ['title', 'text'],
      additionalProperties: false,
    },
    outputSchema: STATE_SCHEMA,
    annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  },
  {
    name: 'get_answer',
    title: 'Get the answer to a question',
    description:
      'Waits for the answer to a question that ask_human asked. Call it as often as you need; a cancelled call changes nothing.',
    inputSchema: {
      type: 'object',
      properties: { id: ID, wait: WAIT },
      required: ['id'],
      additionalProperties: false,
    },
    outputSchema: STATE_SCHEMA,
    annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: true },
  },
  {
    name: 'cancel',
    title: 'Withdraw a question',
    description:
      'Withdraws a question that ask_human asked, if you no longer need an answer, so that nobody spends time on it. If it was already answered, returns the answer.',
    inputSchema: {
      type: 'object',
      properties: { id: ID },
      required: ['id'],
      additionalProperties: false,
    },
    outputSchema: STATE_SCHEMA,
    annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: true },
  },
] as const;

const RUN = { ask_human: askHuman, get_answer: getAnswer, cancel: cancelQuestion };

/** Carries out a tool call; undefined: unknown tool. Rejects with the reason of the signal or an unexpected error. */
export async function runTool(
  client: QuestionsClient,
  { name, args }: { name: string; args: Arguments },
  call: ToolCall,
): Promise<ToolOutcome | undefined> {
  const tool = MCP_TOOLS.find((candidate) => candidate.name === name);
  if (!tool) return undefined;
  try {
    checkArguments(tool.inputSchema, args);
    const state = await RUN[tool.name](client, args, call);
    call.signal.throwIfAborted();
    const { id, status } = state;
    // Without the result, the client does not have the id of a question that it did not name, and nobody could fetch the answer.
    const isUnnamed = tool.name === 'ask_human' && args.request_id === undefined && status === 'waiting';
    const options = { within: CALL_TIMEOUT };
    // If the bot cannot be told now, the next fetch of the answer tells it.
    const delivered = async (isReceived: boolean) => {
      if (isReceived && status === 'answered') await client.received(id, options).catch(() => {});
      if (!isReceived && isUnnamed) await client.withdraw(id, options).catch(() => {});
    };
    return { result: describeQuestionState(state), state, delivered };
  } catch (error) {
    call.signal.throwIfAborted();
    if (error instanceof QuestionClosed)
      return { result: describeQuestionState({ id: error.id, status: error.status }) };
    const message = explainToolError(error);
    if (message === undefined) throw error;
    return { result: { content: [{ type: 'text', text: message }], isError: true } };
  }
}

class WrongArgument extends Error {}

async function askHuman(
  client: QuestionsClient,
  args: Arguments,
  { signal, progress, wait: givenWait }: ToolCall,
): Promise<ProgramQuestionState> {
  const { wait: _, request_id: requestId, ...question } = args;
  const askedWait = readWaitSeconds(args);
  const wait = givenWait ?? askedWait;
  const id = requestId === undefined ? `${OWN_ID_PREFIX}${randomUUID()}` : readOwnId('request_id', requestId);
  const startedAt = performance.now();
  try {
    const within = Math.max(wait, CALL_TIMEOUT);
    // The bot checks the fields.
    await client.put(id, question as unknown as ProgramQuestion, {
      signal,
      within,
      onRetry: rethrowIfRejected,
    });
    const remaining = Math.max(0, wait - (performance.now() - startedAt) / 1_000);
    const state = await waitWithProgress(client, id, remaining, { signal, progress });
    signal.throwIfAborted();
    return state;
  } catch (error) {
    // Without a `request_id`, the client could never fetch an answer. With one, it may ask again: the card stays.
    if (signal.aborted && requestId === undefined)
      await client.withdraw(id, { within: CALL_TIMEOUT }).catch(() => {});
    // The bot may have posted the question before the connection broke.
    throw error instanceof BotUnavailable ? new PossiblyAsked(error, id) : error;
  }
}

function getAnswer(client: QuestionsClient, args: Arguments, call: ToolCall): Promise<ProgramQuestionState> {
  return waitWithProgress(client, readOwnId('id', args.id), readWaitSeconds(args), call);
}

function cancelQuestion(
  client: QuestionsClient,
  args: Arguments,
  { signal }: ToolCall,
): Promise<ProgramQuestionState> {
  return client.withdraw(readOwnId('id', args.id), {
    signal,
    within: CALL_TIMEOUT,
    onRetry: rethrowIfRejected,
  });
}

/** Waits for an answer and sends progress notifications. */
async function waitWithProgress(
  client: QuestionsClient,
  id: string,
  wait: number,
  { signal, progress }: ToolCall,
): Promise<ProgramQuestionState> {
  const startedAt = performance.now();
  const tell = () =>
    progress(
      Math.round((performance.now() - startedAt) / 1_000),
      Math.round(wait),
      `Waiting for an answer in Slack (${id}).`,
    );
  if (wait > 0) tell();
  const timer = setInterval(tell, PROGRESS_INTERVAL * 1_000);
  try {
    return await client.waitFor(id, { wait, signal, onRetry: rethrowIfRejected });
  } finally {
    clearInterval(timer);
  }
}

/** The bot may or may not have the question: the connection failed. */
class PossiblyAsked extends Error {
  readonly failure: BotUnavailable;
  readonly id: string;

  constructor(failure: BotUnavailable, id: string) {
    super(failure.message);
    this.failure = failure;
    this.id = id;
  }
}

/** Explains to the model why a call failed; undefined: an error of this server. */
export function explainToolError(error: unknown): string | undefined {
  if (error instanceof WrongArgument) return error.message;
  if (error instanceof QuestionRejected)
    return error.code === 'other_content'
      ? 'Another question was asked under this request_id. Ask the same question again, or use another request_id.'
      : `The question was rejected: ${error.message}`;
  const failure = error instanceof PossiblyAsked ? error.failure : error;
  if (!(failure instanceof BotUnavailable)) return undefined;
  if (isRejectionStatus(failure))
    return `The approvals bot rejects this server (${failure.message}). A person has to correct its settings: BOT_URL, CREW_NAME, ASK_SECRET.`;
  const advice =
    error instanceof PossiblyAsked
      ? ` Call ask_human again with the request_id "${error.id}" to continue with this question.`
      : '';
  const problem = failure.status === undefined ? 'did not answer' : 'cannot do this now';
  return `The approvals bot ${problem} (${failure.message}).${advice}`;
}

/** Describes the state of a question as the result of a call. */
export function describeQuestionState({ id, status, answer, reason }: ProgramQuestionState): ToolResult {
  const structuredContent = {
    ...{ id, status },
    ...(answer ? { answer } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
  return {
    content: [
      { type: 'text', text: JSON.stringify(structuredContent) },
      ...(ADVICE[status] === undefined ? [] : [{ type: 'text' as const, text: ADVICE[status] }]),
    ],
    structuredContent,
  };
}

const ADVICE: Partial<Record<ProgramQuestionState['status'], string>> = {
  waiting:
    'Nobody has answered yet. The card is in Slack: call get_answer with this id until there is an answer.',
  closed: 'The question was closed without an answer, which is not permission.',
  withdrawn: 'The question was withdrawn: there will be no answer.',
  unknown: 'ask_human asked no question with this id.',
};

function checkArguments(schema: { properties: object; required: readonly string[] }, args: Arguments): void {
  const unknown = Object.keys(args).find((name) => !Object.hasOwn(schema.properties, name));
  if (unknown !== undefined) throw new WrongArgument(`${unknown} is not a known argument.`);
  const missing = schema.required.find((name) => args[name] === undefined);
  if (missing !== undefined) throw new WrongArgument(`${missing} is missing.`);
}

function readWaitSeconds({ wait = LONGEST_CALL }: Arguments): number {
  if (typeof wait !== 'number' || !(wait >= 0)) throw new WrongArgument('wait must be a number of seconds.');
  return Math.min(wait, LONGEST_CALL);
}

function readOwnId(name: string, value: unknown): string {
  const id =
    typeof value === 'string' ? value.replace(OWN_ID_PREFIX, (prefix, at) => (at === 0 ? '' : prefix)) : '';
  if (!REQUEST_ID.test(id))
    throw new WrongArgument(`${name} must be 1 to 96 letters (a to z), digits and .:@_-`);
  return `${OWN_ID_PREFIX}${id}`;
}
