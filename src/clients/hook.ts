/**
 * `crew-approvals hook`: a hook for coding agents. Asks people in Slack whether a tool may run and prints their decision for the
 * agent. After a failure, the agent's own prompt decides; if nobody would see a prompt, the tool is denied.
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rethrowIfRejected } from './bot-calls.ts';
import {
  BotUnavailable,
  type CallOptions,
  CrewApprovals,
  type PersonAnswer,
  type ProgramQuestion,
  QuestionClosed,
  QuestionLease,
  QuestionRejected,
  serializeQuestion,
} from './client.ts';
import { canReplaceFile, readClientSettings, requireBotAddress } from './client-settings.ts';
import { type HookDecision, type HookEvent, writeHookDecision } from './hook-decisions.ts';
import { DIALOGS, type DialogKind } from './hook-dialogs.ts';
import { CODING_AGENTS, type HookedCall, type HookPayload, readHookPayload } from './hook-payloads.ts';
import { buildHookSettings, quoteCommand, TIMEOUT } from './hook-settings.ts';
import { judgeCall } from './tool-calls.ts';

const USAGE = `usage: crew-approvals hook [options]

Asks people in Slack about the tool that a coding agent wants to run. The agent runs it as a hook.

  --agent NAME         claude (the default), codex or gemini
  --config FILE        read the bot's address, the crew and the ask secret from FILE
  --timeout SECONDS    how long people have; the default is 570
  --no-prompt          deny what nobody decides, instead of leaving it to the agent's own prompt
  --questions          also ask the agent's own questions in Slack (Claude Code)
  --plans              also ask if the agent may carry out its plan (Claude Code)
  --forms              also ask for the values that MCP servers ask for (Claude Code)
  --print-config NAME  print the settings for claude, codex or gemini, with the other options`;

/** Time for the bot to accept a question, in seconds. Short: the person at the terminal waits, and nobody has a card yet. */
const ASK_TIMEOUT = 10;
/** Time for each request at the end of the hook, in seconds. */
const REPORT_TIMEOUT = 5;
/** Time between two checks of the parent process, in seconds. */
const PARENT_CHECK_INTERVAL = 1;
/** Parent process. Read before the payload: by the time the payload is complete, the parent may have exited. */
const PARENT = process.ppid;
/** Largest payload, in bytes. The bot accepts questions of 1 MiB; the rest of a larger payload is read and dropped. */
const LARGEST_PAYLOAD = 2 * 1_048_576;
/** Time to read the rest of a payload that is too large, in seconds: an agent that cannot write it could ignore the answer. */
const DRAIN_TIMEOUT = 5;
/** Exit code after which the agent blocks the tool, for every event. */
const EXIT_BLOCK = 2;
/** Exit code after which the agent follows its own rules and shows the error. */
const EXIT_ERROR = 1;

interface HookOptions {
  agent: keyof typeof CODING_AGENTS;
  config: string | undefined;
  timeout: number;
  noPrompt: boolean;
  /** Dialogs that people in Slack answer instead of the person at the terminal. */
  dialogs: DialogKind[];
  /** Print the settings and do nothing else. */
  prints: boolean;
}

const DIALOG_KINDS = Object.keys(DIALOGS) as DialogKind[];

/** An end without a decision; the message is one sentence. */
class Undecided extends Error {}

// The agent may be gone. The callback of the write reports the error.
process.stdout.on('error', () => {});
// Node would exit with 1, after which an agent can run the tool. Usually the start script catches wrong options first.
process.on('uncaughtException', (error) => {
  console.error(describeUndecided(error));
  process.exit(EXIT_BLOCK);
});
const options = readHookOptions();
if (options?.prints) printHookSettings(options);
else if (options) {
  // Exit code for every end without a decision.
  process.exitCode = options.noPrompt || !CODING_AGENTS[options.agent].canPrompt ? EXIT_BLOCK : EXIT_ERROR;
  await runHook(options).catch((error: unknown) => console.error(describeUndecided(error)));
  // Kept-alive connections would keep the agent waiting.
  process.exit();
}

function readHookOptions(): HookOptions | undefined {
  const { values } = parseArgs({
    options: {
      agent: { type: 'string', default: 'claude' },
      config: { type: 'string' },
      timeout: { type: 'string', default: String(TIMEOUT) },
      'no-prompt': { type: 'boolean', default: false },
      questions: { type: 'boolean', default: false },
      plans: { type: 'boolean', default: false },
      forms: { type: 'boolean', default: false },
      'print-config': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  try {
    if (values.help) {
      console.log(USAGE);
      return undefined;
    }
    const agent = values['print-config'] ?? values.agent;
    if (!isCodingAgent(agent)) throw new Undecided(`There is no hook for the agent "${agent}".`);
    if (!/^[1-9]\d{0,6}$/.test(values.timeout))
      throw new Undecided('--timeout must be a number of seconds from 1.');
    const dialogs = DIALOG_KINDS.filter((kind) => values[kind]);
    if (dialogs.length > 0 && agent !== 'claude')
      throw new Undecided(`--${dialogs[0]} is possible for claude only.`);
    return {
      dialogs,
      agent,
      config: values.config,
      timeout: Number(values.timeout),
      noPrompt: values['no-prompt'],
      prints: values['print-config'] !== undefined,
    };
  } catch (error) {
    // A hook with a wrong option blocks every tool.
    console.error(`${(error as Error).message.split('\n')[0]}\n\n${USAGE}`);
    process.exitCode = EXIT_BLOCK;
    return undefined;
  }
}

function isCodingAgent(name: string): name is keyof typeof CODING_AGENTS {
  return Object.hasOwn(CODING_AGENTS, name);
}

function printHookSettings({ agent, config, timeout, noPrompt, dialogs }: HookOptions): void {
  const start = fileURLToPath(new URL('../../src/start.mjs', import.meta.url));
  const write = (switches: readonly string[]) =>
    quoteCommand([
      // NODE_OPTIONS could load other code into the hook.
      ...(process.platform === 'win32' ? [] : ['/usr/bin/env', '-u', 'NODE_OPTIONS']),
      process.execPath,
      start,
      'hook',
      ...(agent === 'claude' ? [] : ['--agent', agent]),
      ...(config === undefined ? [] : ['--config', resolve(config)]),
      ...(timeout === TIMEOUT ? [] : ['--timeout', String(timeout)]),
      ...switches,
    ]);
  const hook = write(noPrompt ? ['--no-prompt'] : []);
  // Without --no-prompt: the agent's own dialog goes on, whatever becomes of the hook.
  const dialogCommands = Object.fromEntries(dialogs.map((kind) => [kind, write([`--${kind}`])]));
  // If the hook is killed or cannot start, the agent runs the tool, unless its own prompt follows (PermissionRequest): `|| exit 2`
  // blocks the tool instead. Windows has a shell without `||`.
  const mustBlockOnFailure = noPrompt || CODING_AGENTS[agent].events[0] !== 'PermissionRequest';
  const command = mustBlockOnFailure && process.platform !== 'win32' ? `${hook} || exit ${EXIT_BLOCK}` : hook;
  console.log(
    JSON.stringify(buildHookSettings(agent, { command, timeout, dialogs: dialogCommands }), undefined, 2),
  );
  warnOfWritableSettings(config);
}

/** The hook runs as the agent's user: the agent can change every file that the hook can change. */
function warnOfWritableSettings(config: string | undefined): void {
  if (config === undefined || !canReplaceFile(config)) return;
  console.error(
    `Warning: the user of this process can change ${resolve(config)}. An agent that runs as this user can name another bot in it and allow everything: give the file to another owner.`,
  );
}

async function runHook(options: HookOptions): Promise<void> {
  const agent = CODING_AGENTS[options.agent];
  warnOfWritableSettings(options.config);
  const payload = readHookPayload(agent, await readStdin(), options.dialogs);
  if (payload.kind === 'own_tool') {
    // Without output, the agent goes on as without a hook.
    process.exitCode = 0;
    return;
  }
  if (payload.kind === 'session_end') return endSession(options, payload.session);
  if (payload.kind === 'dialog' || payload.kind === 'dialog_left') {
    // Without an answer the agent shows its own dialog: nothing here may stop it.
    process.exitCode = 0;
    if (payload.kind === 'dialog_left') console.error(payload.fault);
    else await answerDialog(options, payload);
    return;
  }
  const canPrompt = payload.canPrompt && !options.noPrompt;
  if (payload.kind === 'call') {
    const { event } = payload.call;
    const { decision, tellReceived } = await decideHookCall(options, payload.call);
    if (await printDecision(event, decision, canPrompt)) await tellReceived?.();
    return;
  }
  const reason = `${agent.name} gave its hook something that cannot be read: ${payload.fault}`;
  if (payload.event && canPrompt) {
    await printDecision(payload.event, { kind: 'prompt', reason }, canPrompt);
    return;
  }
  console.error(reason);
  process.exitCode = canPrompt ? EXIT_ERROR : EXIT_BLOCK;
}

/** Asks people about a call and returns their decision. `tellReceived`: tells the bot that the agent has the decision. */
async function decideHookCall(
  options: HookOptions,
  call: HookedCall,
): Promise<{ decision: HookDecision; tellReceived?: () => Promise<unknown> }> {
  const stopped = stopWithAgent();
  try {
    const client = openClient(options);
    const { id, answer } = await askAboutCall(client, options, call, stopped.signal);
    const verdict = judgeCall(answer);
    if (!verdict) throw new Undecided(`The answer ${JSON.stringify(answer.option)} is unknown.`);
    return {
      decision: { kind: verdict.allowed ? 'allow' : 'deny', reason: verdict.reason },
      tellReceived: () => client.received(id, { within: REPORT_TIMEOUT }).catch(() => {}),
    };
  } catch (error) {
    return { decision: { kind: 'prompt', reason: describeUndecided(error) } };
  }
}

/** Asks all questions of a dialog, and prints its answers if people answered all of them. */
async function answerDialog(
  options: HookOptions,
  payload: Extract<HookPayload, { kind: 'dialog' }>,
): Promise<void> {
  const stopped = stopWithAgent();
  try {
    const client = openClient(options);
    const { dialog } = payload;
    const message = describeFolder(payload);
    const asked = dialog.questions.map((question) => {
      const messages = [question.message, message].filter((text) => text !== undefined);
      const common = { agent: CODING_AGENTS[options.agent].name, run: payload.session, lease: true };
      const body = {
        ...question,
        ...common,
        ...(messages.length > 0 ? { message: messages.join('\n\n') } : {}),
      };
      return { id: buildQuestionId(), body: serializeQuestion(body) };
    });
    const answers = await askAll(client, options, asked, stopped);
    try {
      const output = dialog.write(answers.map(({ answer }) => answer));
      if (output === undefined) throw new Undecided('The answer is not one that the agent can use.');
      await new Promise<void>((resolve, reject) =>
        process.stdout.write(`${output}\n`, (error) => (error ? reject(error) : resolve())),
      );
    } catch (error) {
      await withdrawAll(client, answers);
      throw error;
    }
    await Promise.all(
      answers.map(({ id }) => client.received(id, { within: REPORT_TIMEOUT }).catch(() => {})),
    );
  } catch (error) {
    console.error(describeUndecided(error));
  }
}

/** Asks questions at once. If one of them gets no answer, the others are withdrawn: an answer to a part is none. */
async function askAll(
  client: CrewApprovals,
  options: HookOptions,
  asked: readonly { id: string; body: string }[],
  stopped: AbortController,
): Promise<{ id: string; answer: PersonAnswer }[]> {
  const ends = await Promise.allSettled(
    asked.map((one) =>
      askInSlack(client, options, one, stopped.signal).catch((error: unknown) => {
        stopped.abort(error);
        throw error;
      }),
    ),
  );
  const answers = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  try {
    if (answers.length < asked.length) throw stopped.signal.reason;
    // Until the last question was answered, a person could close another one or undo its decision.
    return await Promise.all(answers.map(({ id }) => readAnswer(client, id)));
  } catch (error) {
    await withdrawAll(client, answers);
    throw error;
  }
}

async function readAnswer(client: CrewApprovals, id: string): Promise<{ id: string; answer: PersonAnswer }> {
  const { status, answer, reason } = await client.read(id, 0, { within: REPORT_TIMEOUT });
  if (status === 'answered' && answer) return { id, answer };
  if (status === 'waiting' || status === 'answered') throw new Undecided('An answer was taken back.');
  throw new QuestionClosed(id, status, reason);
}

/** Withdraws questions whose answers the agent does not get. */
async function withdrawAll(client: CrewApprovals, asked: readonly { id: string }[]): Promise<void> {
  const options = { within: REPORT_TIMEOUT };
  await Promise.all(asked.map(({ id }) => client.withdraw(id, options).catch(() => {})));
}

/** Returns a controller that aborts when the agent stops the hook. */
function stopWithAgent(): AbortController {
  const stopped = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => stopped.abort(new Undecided(`The hook was stopped (${signal}).`)));
  // An agent may kill only the shell that runs the command. The hook gets no signal then, but a new parent.
  setInterval(() => {
    if (process.ppid !== PARENT) stopped.abort(new Undecided('The hook was stopped.'));
  }, PARENT_CHECK_INTERVAL * 1_000).unref();
  return stopped;
}

function askAboutCall(client: CrewApprovals, options: HookOptions, call: HookedCall, signal: AbortSignal) {
  const message = describeFolder(call);
  const question: ProgramQuestion = {
    ...{ kind: 'tool', title: call.tool, agent: CODING_AGENTS[options.agent].name },
    ...{ run: call.session, lease: true },
    ...(message === undefined ? {} : { message }),
  };
  const asked = { id: buildQuestionId(), body: serializeQuestion(question, call.argumentsText) };
  return askInSlack(client, options, asked, signal);
}

/** Asks a question and waits for its answer. Rejects if nobody answers in time, and then withdraws it. */
async function askInSlack(
  client: CrewApprovals,
  { timeout }: HookOptions,
  { id, body }: { id: string; body: string },
  signal: AbortSignal,
): Promise<{ id: string; answer: PersonAnswer }> {
  const withdraw = (onRetry?: CallOptions['onRetry']) =>
    client.withdraw(id, { within: REPORT_TIMEOUT, onRetry });
  const lease = new QuestionLease((questionId, renewalSignal) =>
    client.alive(questionId, { signal: renewalSignal }),
  );
  try {
    const within = Math.min(ASK_TIMEOUT, timeout);
    await client.put(id, body, { signal, within, onRetry: rethrowIfRejected });
    lease.begin(id);
    const remaining = timeout - performance.now() / 1_000;
    let state = await client.waitFor(id, { signal, wait: Math.max(0, remaining) });
    if (state.status === 'waiting') state = await withdraw();
    if (state.status === 'waiting' || state.status === 'withdrawn')
      throw new Undecided(`Nobody decided in Slack within ${timeout} s.`);
    if (state.status !== 'answered') throw new QuestionClosed(id, state.status, state.reason);
    if (!state.answer) throw new Undecided('The answer is unknown.');
    return { id, answer: state.answer };
  } catch (error) {
    const isOver = error instanceof Undecided || error instanceof QuestionClosed;
    if (signal.aborted || !(isOver || error instanceof QuestionRejected))
      await withdraw(rethrow).catch(() => {});
    throw error;
  } finally {
    lease.end();
  }
}

async function endSession(options: HookOptions, session: string): Promise<void> {
  try {
    const callOptions = { within: REPORT_TIMEOUT, onRetry: rethrowIfRejected };
    await openClient(options).endRun(session, { state: 'finished' }, callOptions);
    process.exitCode = 0;
  } catch (error) {
    console.error(describeUndecided(error));
    process.exitCode = EXIT_ERROR;
  }
}

function openClient({ config }: HookOptions): CrewApprovals {
  return new CrewApprovals({
    ...requireBotAddress(readClientSettings(config, process.env), config),
    onRetry: () => {},
  });
}

/** For `onRetry`: ends the call at its first failure. */
function rethrow(failure: BotUnavailable): void {
  throw failure;
}

/** Builds the id of a question. It is not the agent's id of the call: under an id that comes again, an earlier answer would count. */
function buildQuestionId(): string {
  return `hook-${randomUUID()}`;
}

/**
 * Names the folder in which the agent works: the same command has other effects in another folder. Writes unusual characters as
 * escapes, since an agent can choose a folder's name.
 */
function describeFolder({ folder }: Pick<HookedCall, 'folder'>): string | undefined {
  if (folder === undefined || folder.length > 1_000) return undefined;
  const writeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const escapedFolder = folder.replace(/[\p{C}\p{Zl}\p{Zp}`]|(?! )\p{Zs}/gu, (character) =>
    character.split('').map(writeUnit).join(''),
  );
  return `In \`${escapedFolder}\``;
}

/**
 * Prints a decision; if nobody made one, also prints the reason on stderr. Returns true if the decision was written to stdout.
 */
async function printDecision(event: HookEvent, decision: HookDecision, canPrompt: boolean): Promise<boolean> {
  const { kind, reason } = decision;
  if (kind === 'prompt') console.error(reason);
  const printedDecision: HookDecision =
    kind === 'prompt' && !canPrompt ? { kind: 'deny', reason: `The tool was not run. ${reason}` } : decision;
  const error = await new Promise((resolve) =>
    process.stdout.write(`${writeHookDecision(event, printedDecision)}\n`, resolve),
  );
  // If the write fails, the exit code blocks the tool. If people did not deny it and the agent has a prompt, the prompt follows.
  process.exitCode = error ? (canPrompt && printedDecision.kind !== 'deny' ? EXIT_ERROR : EXIT_BLOCK) : 0;
  return !error;
}

function describeUndecided(error: unknown): string {
  if (error instanceof Undecided) return error.message;
  if (error instanceof QuestionClosed) return 'The question in Slack was closed without a decision.';
  if (error instanceof QuestionRejected) return `The bot rejected the question: ${error.message}`;
  if (error instanceof BotUnavailable && error.status === 401) return 'The bot rejected the ask secret.';
  if (error instanceof BotUnavailable)
    return `The bot could not be asked: ${error.message.replace(/\.$/, '')}.`;
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'The hook failed.';
}

/**
 * Reads stdin; undefined: too large. Bytes that are not UTF-8 give an empty text: decoded, they would show people other arguments
 * than the agent's.
 */
async function readStdin(): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let drained: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size <= LARGEST_PAYLOAD) chunks.push(chunk);
      else drained ??= setTimeout(() => process.stdin.destroy(), DRAIN_TIMEOUT * 1_000);
    }
  } catch {
    if (size <= LARGEST_PAYLOAD) return '';
  }
  clearTimeout(drained);
  if (size > LARGEST_PAYLOAD) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return '';
  }
}
