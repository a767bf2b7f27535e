/**
 * `crew-approvals/ai-sdk`: asks people in Slack about tool calls that the AI SDK (the package `ai`) stops for an approval. The
 * state of a run is its messages.
 */
import type { CrewApprovals } from './client.ts';
import { openRunFile, type RunFileOptions } from './run-file.ts';
import { type DecideOptions, decideCalls, ToolNotRun, type WaitingCall } from './waiting-calls.ts';

export { type DecideOptions, ToolNotRun } from './waiting-calls.ts';

/** The fields of the SDK's ModelMessage that are read here. */
interface Message {
  role: string;
  content: unknown;
}

interface Part {
  type: string;
  approvalId: string;
  toolCallId: string;
  toolName: string;
  input: unknown;
  approved: boolean;
  reason?: string;
  isAutomatic?: boolean;
  providerExecuted?: boolean;
}

/** A message for the SDK that answers the waiting calls. */
interface ApprovalMessage {
  role: 'tool';
  content: { type: 'tool-approval-response'; approvalId: string; approved: boolean; reason?: string }[];
}

/**
 * Runs an agent to its end: `generate` calls `generateText` or an agent with the messages of the run. Each call that waits for an
 * approval continues once people have decided. `path`: a file for this run only, which holds the messages while calls wait; after
 * a restart of the program, the same call continues from the file. The file belongs to the crew of one bot (`move`). Rejects with
 * ToolNotRun if nobody can be asked. Call this function again to continue.
 */
export async function generateWithApprovals<Result extends { responseMessages: readonly Message[] }>(
  approvals: CrewApprovals,
  // Every release of the SDK accepts `never[]`.
  generate: (messages: never[]) => Promise<Result>,
  {
    messages: initialMessages,
    path,
    move,
    ...options
  }: DecideOptions & RunFileOptions & { messages: readonly Message[] },
): Promise<Result> {
  const file = await openRunFile<readonly Message[]>(approvals, { ...options, path, move }, async (stored) =>
    listRequests(stored),
  );
  let messages: Message[] = [...(file.stored ?? initialMessages)];
  for (;;) {
    const answer = await answerApprovals(approvals, messages, options);
    if (answer) {
      messages = [...messages, answer];
      // From here on, the calls may have run.
      await file.write(messages);
    }
    const result = await generate(messages as never[]);
    messages = [...messages, ...result.responseMessages];
    if (listRequests(messages).length === 0) {
      await file.remove();
      return result;
    }
    await file.write(messages);
  }
}

/**
 * Asks about the calls that wait at the end of these messages and returns the message that answers them; undefined: no call
 * waits. Store the answer with the messages before you continue: a call that was allowed in them and has no result may have run,
 * and people are asked about it again.
 */
export async function answerApprovals(
  approvals: CrewApprovals,
  messages: readonly Message[],
  options: DecideOptions,
): Promise<ApprovalMessage | undefined> {
  const requests = listRequests(messages);
  if (requests.length === 0) return undefined;
  const messagesBefore = JSON.stringify(messages);
  const openRequests = requests.filter(({ blocked }) => !blocked);
  const decisions = await decideCalls(approvals, openRequests, options);
  if (JSON.stringify(messages) !== messagesBefore)
    throw new ToolNotRun('No tool was run, because the messages were changed after the question');
  const decisionsById = new Map(openRequests.map(({ approvalId }, index) => [approvalId, decisions[index]]));
  const content = requests.map(({ approvalId, blocked }) => {
    const { refusal } = blocked ?? decisionsById.get(approvalId) ?? { refusal: 'The tool was not run.' };
    const answer = { type: 'tool-approval-response' as const, approvalId };
    return refusal === undefined
      ? { ...answer, approved: true }
      : { ...answer, approved: false, reason: refusal };
  });
  return { role: 'tool', content };
}

interface Request extends WaitingCall {
  approvalId: string;
  /** A person's block from before the program was interrupted. */
  blocked?: { refusal: string };
}

/** Lists the waiting calls: the calls in the last response that need an approval and have no result. */
function listRequests(messages: readonly Message[]): Request[] {
  const responseIndex = messages.findLastIndex(({ role }) => role !== 'tool');
  const response = messages[responseIndex];
  if (response?.role !== 'assistant') return [];
  const parts = readParts(response);
  const laterParts = messages.slice(responseIndex + 1).flatMap(readParts);
  const finishedCallIds = new Set(
    laterParts.flatMap((part) => (part.type === 'tool-result' ? part.toolCallId : [])),
  );
  return parts
    .filter(
      (part) =>
        part.type === 'tool-approval-request' && !part.isAutomatic && !finishedCallIds.has(part.toolCallId),
    )
    .map(({ approvalId, toolCallId }) => {
      const [call, secondCall] = parts.filter(
        (part) => part.type === 'tool-call' && part.toolCallId === toolCallId,
      );
      if (!call || secondCall) throw new ToolNotRun(`No tool was run, because ${toolCallId} is not one call`);
      if (call.providerExecuted)
        throw new ToolNotRun(
          `The tool ${call.toolName} was not run: what runs at a provider cannot be asked about`,
        );
      const answers = laterParts.filter(
        (part) => part.type === 'tool-approval-response' && part.approvalId === approvalId,
      );
      const lastAnswer = answers.at(-1);
      return {
        id: `${approvalId} ${toolCallId}`,
        tool: call.toolName,
        readArguments: () => call.input,
        allowed: answers.filter(({ approved }) => approved).length,
        approvalId,
        ...(lastAnswer?.approved === false
          ? { blocked: { refusal: lastAnswer.reason ?? 'A person blocked this call.' } }
          : {}),
      };
    });
}

function readParts({ content }: Message): Part[] {
  return Array.isArray(content) ? content : [];
}
