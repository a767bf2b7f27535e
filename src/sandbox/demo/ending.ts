/** What has to end with the demo, and ends whatever ends it. */
export interface Ending {
  /** Carried out at the end, the last first; at once if the end has begun. */
  atEnd(step: () => unknown): void;
  begun(): boolean;
  end(code: number): Promise<void>;
}

/** How often to look whether the shell that npm started us in is still there, in milliseconds. */
const LOOK_EVERY = 300;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens to the signals from now on, so that also a start that is under way ends tidily. */
export function createEnding(): Ending {
  const steps: (() => unknown)[] = [];
  let ending: Promise<void> | undefined;

  async function carryOut(code: number): Promise<void> {
    for (let step = steps.pop(); step; step = steps.pop()) await safely(step);
    process.exit(code);
  }

  async function safely(step: () => unknown): Promise<void> {
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
  // npm ends its shell on a signal, and the shell hands nothing on.
  const parent = process.ppid;
  const look = () => {
    if (process.ppid !== parent) void end(0);
  };
  if (process.env.npm_lifecycle_event) setInterval(look, LOOK_EVERY).unref();
  // The terminal may be gone before us.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});

  return {
    atEnd(step) {
      if (ending) void safely(step);
      else steps.push(step);
    },
    begun: () => ending !== undefined,
    end,
  };
}
