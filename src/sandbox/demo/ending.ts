/** Stops the parts of the demo, after a signal, a failure or a command. */
export interface Ending {
  /** Adds a step. Steps run in reverse order. If the end has begun, `step` runs at once. */
  atEnd(step: () => unknown): void;
  begun(): boolean;
  end(code: number): Promise<void>;
}

/** Interval between checks that the shell in which npm started the demo still runs, in milliseconds. */
const PARENT_CHECK_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Creates the ending. It handles signals from now on, also those that arrive while the demo starts. */
export function createEnding(): Ending {
  const steps: (() => unknown)[] = [];
  let ending: Promise<void> | undefined;

  async function carryOut(code: number): Promise<void> {
    for (let step = steps.pop(); step; step = steps.pop()) await runSafely(step);
    process.exit(code);
  }

  async function runSafely(step: () => unknown): Promise<void> {
    try {
      await step();
    } catch (error) {
      console.error(error);
    }
  }

  function end(code: number): Promise<void> {
    ending ??= carryOut(code);
    return ending;
  }

  for (const signal of SIGNALS) process.on(signal, () => void end(0));
  // On a signal, npm ends its shell, and the shell does not forward the signal.
  const parent = process.ppid;
  const checkParent = () => {
    if (process.ppid !== parent) void end(0);
  };
  if (process.env.npm_lifecycle_event) setInterval(checkParent, PARENT_CHECK_MS).unref();
  // The terminal can close before the demo ends: errors of its streams are ignored.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});

  return {
    atEnd(step) {
      if (ending) void runSafely(step);
      else steps.push(step);
    },
    begun: () => ending !== undefined,
    end,
  };
}
