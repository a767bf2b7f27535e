// The file from which a run continues after a restart. It belongs to one crew of one bot.
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { CallOptions, CrewApprovals } from './client.ts';
import { joinSignals } from './signals.ts';
import { buildCallQuestionId, ToolNotRun, type WaitingCall } from './waiting-calls.ts';

export interface RunFileOptions extends Pick<CallOptions, 'signal' | 'onRetry'> {
  /** Your own id of the run. */
  run: string;
  /** A file for this run only. From its first use, it belongs to the program's crew and bot. */
  path: string;
  /** The bot has moved to another URL, or the waiting calls in a file without a confirmed crew belong to this crew. */
  move?: boolean | undefined;
  timeout?: number | undefined;
}

/** `isAccepted`: the bot has accepted a request of the program. */
interface StoredRun<Content> {
  bot: string;
  crew: string;
  isAccepted: boolean;
  content: Content;
}

export interface RunFile<Content> {
  /** Content from before a restart; undefined: the run begins. */
  stored: Content | undefined;
  write(content: Content): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Opens the file of a run. A file without a crew, or whose bot never accepted a request, is taken over if this program's bot
 * knows every call that waits in the file. Rejects with ToolNotRun if the file is damaged or belongs to another crew or bot.
 */
export async function openRunFile<Content>(
  approvals: CrewApprovals,
  options: RunFileOptions,
  listWaiting: (content: Content) => Promise<readonly WaitingCall[]>,
): Promise<RunFile<Content>> {
  const { path } = options;
  const { bot } = approvals;
  const storedRun = await readRun<Content>(path);
  const file = createRunFile<Content>(bot, path, storedRun?.content);
  if (!storedRun) return file;
  const isOwn = storedRun.bot === bot.origin && storedRun.crew === bot.crew;
  if (!isOwn) {
    if (storedRun.isAccepted) checkMoved(bot, storedRun as StoredRun<Content>, options);
    else if (!options.move) await checkKnown(approvals, await listWaiting(storedRun.content), options);
  }
  if (storedRun.isAccepted) bot.recordAccepted();
  if (!isOwn) await file.write(storedRun.content);
  return file;
}

function checkMoved(
  bot: CrewApprovals['bot'],
  storedRun: StoredRun<unknown>,
  { path, move }: RunFileOptions,
): void {
  const owner = `No tool was run: ${path} belongs to the crew ${storedRun.crew}`;
  if (storedRun.crew !== bot.crew)
    throw new ToolNotRun(`${owner}. Give the crew ${bot.crew} a path of its own.`);
  if (!move)
    throw new ToolNotRun(
      `${owner} of the bot at ${storedRun.bot}. If that bot is at ${bot.origin} now, pass move: true; for another bot, give another path.`,
    );
}

async function checkKnown(
  approvals: CrewApprovals,
  calls: readonly WaitingCall[],
  { run, path, timeout, onRetry, ...options }: RunFileOptions,
): Promise<void> {
  const { signal, release } = joinSignals([options.signal], timeout);
  try {
    // An allowed call has `allowed` questions: look for the last one.
    const ids = calls.map(({ id, allowed }) => buildCallQuestionId(run, id, Math.max(1, allowed)));
    const states = await Promise.all(ids.map((id) => approvals.read(id, 0, { signal, onRetry })));
    const { length: unknown } = states.filter(({ status }) => status === 'unknown');
    if (unknown === 0) return;
    const { crew, origin } = approvals.bot;
    const subject = unknown === 1 ? '1 call' : `${unknown} calls`;
    throw new ToolNotRun(
      `No tool was run: ${path} has ${subject} without a decision that the crew ${crew} of the bot at ${origin} does not know. If they are of this crew, pass move: true, and they are asked about here; if not, give another path.`,
    );
  } finally {
    release();
  }
}

function createRunFile<Content>(
  bot: CrewApprovals['bot'],
  path: string,
  stored: Content | undefined,
): RunFile<Content> {
  const { origin, crew } = bot;
  /** JSON of the content. */
  let content: string | undefined;
  let lastWrite = Promise.resolve();
  const writeContent = (): Promise<void> => {
    const head = JSON.stringify({ bot: origin, crew, isAccepted: bot.isAccepted });
    const text = `${head.slice(0, -1)},"content":${content}}`;
    lastWrite = lastWrite.catch(() => {}).then(() => replaceFile(path, text));
    return lastWrite;
  };
  bot.whenAccepted(() => {
    // A disk error also fails the next write, which reports it.
    if (content !== undefined) writeContent().catch(() => {});
  });
  return {
    stored,
    write: (newContent) => {
      content = JSON.stringify(newContent);
      return writeContent();
    },
    remove: async () => {
      content = undefined;
      await lastWrite.catch(() => {});
      await rm(path, { force: true });
    },
  };
}

async function readRun<Content>(
  path: string,
): Promise<(Partial<StoredRun<Content>> & { content: Content }) | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const storedRun = parseRun<Content>(text);
  if (!storedRun)
    throw new ToolNotRun(
      `No tool was run: ${path} is damaged. Restore it, or give another path to begin the run anew.`,
    );
  return storedRun;
}

/** Parses the text of a run's file; undefined: the file is damaged. */
function parseRun<Content>(text: string) {
  let value: (Partial<StoredRun<Content>> & { content: Content }) | Content;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('crew' in value)) return { content: value as Content };
  return 'content' in value ? value : undefined;
}

/** Replaces a file: after a crash, the old or the new file is there, whole. Only its owner can read it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const newPath = `${path}.new`;
  const file = await open(newPath, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(newPath, path);
}
