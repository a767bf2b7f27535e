/** A webhook that played CrewAI has to send. */
export interface Hook {
  kind: 'task' | 'human_input' | 'crew' | 'step' | 'review';
  task: string;
  taskId: string;
  output: string;
  /** The id of the run when it was sent: on the live dialect another one after each /resume. */
  under: string;
  /** Of a review: when CrewAI asked. */
  at?: number;
  /** Of a review: CrewAI asks others too. */
  escalates?: boolean;
}

/** What asks for decisions on played CrewAI: a crew's run or a Flow. */
export interface Played {
  /** Not delivered yet, or not answered. */
  outbox: Hook[];
  /** Delivered and answered. */
  delivered: Hook[];
  /** What it is busy with comes to its end. */
  work(wanted: NextOutput): void;
  /** Somebody else decides what is pending. */
  elsewhere(approve: boolean): void;
  end(): void;
  isBusy(): boolean;
  /** A webhook was not answered with 2xx. */
  notTaken(hook: Hook): void;
}

export const RUN = 'e1';

/** Which webhooks the run was kicked off with. */
export type Route = 'task' | 'human_input' | 'both';

/** Tasks of the run in their order; of the middle one nobody asks for approval. */
const TASKS = ['draft', 'check', 'publish'] as const;
export const REVIEWED: readonly string[] = ['draft', 'publish'];
export type NextOutput = 'new' | 'same' | 'older';

/** A run on played CrewAI: it pauses after each reviewed task, and a /resume acts on the pause that is there. */
export function createRun(route: Route, live: boolean) {
  let under: string = RUN;
  let resumed = 0;
  let pending: { task: string; taskId: string; number: number } | undefined;
  let busy: { with: string; again: boolean } | undefined = { with: 'draft', again: false };
  let finished = false;
  let pauses = 0;
  const outputs = new Map<string, string[]>();
  /** Not delivered yet, or not answered. */
  const outbox: Hook[] = [];
  /** Delivered and answered. */
  const delivered: Hook[] = [];

  function report(task: string, output: string, taskId: string, pauseIsTold: boolean) {
    if (route !== 'human_input') outbox.push({ kind: 'task', task, taskId: task, output, under });
    if (pauseIsTold && route !== 'task') outbox.push({ kind: 'human_input', task, taskId, output, under });
  }

  /** What the run is busy with comes to its end. */
  function work(wanted: NextOutput) {
    if (!busy) return;
    const { with: task, again } = busy;
    busy = undefined;
    const known = outputs.get(task) ?? [];
    const fresh = `${task}, version ${known.length + 1}`;
    const output =
      (again && (wanted === 'same' ? known.at(-1) : wanted === 'older' ? known[0] : fresh)) || fresh;
    outputs.set(task, [...known, output]);
    pauses += 1;
    // With human-input webhooks each pause has a task id of its own.
    const taskId = live ? uuid(pauses) : route === 'task' ? task : `${task}-${pauses}`;
    const reviewed = REVIEWED.includes(task);
    report(task, output, taskId, reviewed);
    if (reviewed) pending = { task, taskId, number: pauses };
    else {
      outbox.push({ kind: 'step', task, taskId: task, output: '', under });
      goOn(task);
      work('new');
    }
  }

  function goOn(task: string) {
    const next = TASKS[TASKS.indexOf(task as (typeof TASKS)[number]) + 1];
    if (next) busy = { with: next, again: false };
    else finish();
  }

  function finish() {
    pending = undefined;
    busy = undefined;
    finished = true;
    outbox.push({ kind: 'crew', task: '', taskId: '', output: 'The result', under });
  }

  /** The number of the pause that took it; undefined: nothing is pending that this could be about. */
  function resume(task: string, taskId: string, approve: boolean): number | undefined {
    if (!pending || pending.task !== task || ![task, pending.taskId].includes(taskId)) return undefined;
    const { number } = pending;
    pending = undefined;
    if (approve) goOn(task);
    else busy = { with: task, again: true };
    return number;
  }

  /**
   * The live platform answers everything with a new id. Only the UUID of the pause that is there has an effect: then the
   * run goes on under that id. `taken`: the pause, and the output that it showed.
   */
  function resumeLive(taskId: string, approve: boolean) {
    resumed += 1;
    const id = `${RUN}-${resumed}`;
    if (pending?.taskId !== taskId) return { id };
    const { task, number } = pending;
    const output = outputs.get(task)?.at(-1) as string;
    under = id;
    resume(task, taskId, approve);
    return { id, taken: { number, output } };
  }

  /** Somebody else resumes what is pending. */
  function elsewhere(approve: boolean) {
    if (!pending) return;
    if (live) resumeLive(pending.taskId, approve);
    else resume(pending.task, pending.taskId, approve);
  }

  return {
    outbox,
    delivered,
    work,
    resume,
    resumeLive,
    elsewhere,
    end: () => {
      if (!finished) finish();
    },
    isBusy: () => busy !== undefined,
    notTaken: (hook: Hook) => void outbox.push(hook),
  } satisfies Played & Record<string, unknown>;
}

export type Run = ReturnType<typeof createRun>;

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
