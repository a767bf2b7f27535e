import fc from 'fast-check';
import type { CrewTask } from '../../src/sandbox/crewai/crew-task.ts';
import type { Failure } from '../../src/sandbox/failures.ts';
import { CALLBACKS } from '../../src/slack/app/ids.ts';
import { checkStoredHistory } from '../../src/store/check-history.ts';
import type { RecordStore } from '../../src/store/record-store.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { type Click, ELSEWHERE, OPTIONS, Witness } from './witness.ts';
import { FLOW_HOST, FLOW_SECRET, HOUR, MINUTE, SECOND, World, type WorldOptions } from './world.ts';

/** The askers of decisions: a crew in one of the two dialects, or a Flow. */
export const ASKERS = ['live', 'documented', 'flow'] as const;
export type Asker = (typeof ASKERS)[number];

export interface Setup {
  asker: Asker;
  /** The order of simultaneous operations; 0: as they came. */
  order: number;
  /** The webhooks that the run was started with. */
  route: 'task' | 'human_input' | 'both';
  replicas: number;
  /** Number of people who have to approve. */
  quorum: number;
}

type NextOutput = 'new' | 'same' | 'older';
interface Next {
  output: NextOutput;
}

/** A history: a world with one run, what happens to it, and its witness. */
export class History {
  readonly world: World & { end: () => void };
  readonly witness: Witness;
  /** The kind of the run's next output, for a task that is done again. */
  readonly next: Next;
  #clicked = 0;
  readonly #busy = new Set<string>();

  private constructor(world: World & { end: () => void }, witness: Witness, next: Next) {
    this.world = world;
    this.witness = witness;
    this.next = next;
    world.onDeath = this.disturb;
  }

  /** Starts the world and the run. `overrides`: options of another world. */
  static async begin(
    { asker, order, route, replicas, quorum }: Setup,
    overrides: Pick<WorldOptions, 'tasks' | 'fate' | 'crewai'> = {},
  ): Promise<History> {
    const isFlow = asker === 'flow';
    const dialect = isFlow ? 'documented' : asker;
    const next: Next = { output: 'new' };
    const world = await World.create({
      dialect,
      order,
      replicas,
      tasks: buildTasks(next),
      settings: {
        APPROVALS_REQUIRED: String(quorum),
        NOTIFY: 'none',
        ...(isFlow ? { FLOW_WEBHOOK_SECRETS: FLOW_SECRET, CALLBACK_HOSTS: FLOW_HOST } : {}),
      },
      ...overrides,
    });
    const kinds = { task: ['task'], human_input: ['humanInput'], both: ['task', 'humanInput'] } as const;
    const run = isFlow ? undefined : world.kickoff(world.urls('crew', 'step', ...kinds[route]));
    if (isFlow) askReviews(world, next);
    const witness = new Witness(world, run, { quorum, live: asker === 'live' });
    return new History(world, witness, next);
  }

  /** Marks all clicks under way as disturbed: they may end in any way. */
  disturb = (): void => {
    for (const click of this.witness.clicks) if (click.acked === undefined) click.disturbed = true;
  };

  /** Lets a person click on a card of one of the newest approvals. The modal of a revision is filled in and sent. */
  click(what: Click['what'], by: string, { back, door }: { back: number; door: number }): Promise<void> {
    const { world, witness } = this;
    world.door = door;
    const cards = world.cards().filter(({ buttons }) => buttons.includes(what));
    const card = cards.at(-1 - Math.min(back, cards.length - 1));
    // A person fills in one form at a time.
    if (!card || this.#busy.has(by)) return Promise.resolve();
    if (what in FORMS) this.#busy.add(by);
    this.#clicked += 1;
    const click: Click = {
      what,
      by,
      card,
      at: world.stage.now(),
      feedback: `click ${this.#clicked}`,
      toldBefore: world.told(by).length,
      process: world.living(door),
      disturbed: world.living(door)?.actor.frozen ?? true,
    };
    witness.clicks.push(click);
    return this.#carryOut(click);
  }

  async #carryOut(click: Click): Promise<void> {
    const { workspace } = this.world;
    const { by, card, what, feedback } = click;
    try {
      const { acked } = await workspace.click({
        user: by,
        channel: card.channel,
        ts: card.ts,
        actionId: what,
      });
      click.acked = acked;
      // The form opens after the ack, and the person reads it.
      await new Promise<void>((read) => this.world.stage.after(2 * SECOND, read, this.world.stage.outside));
      const view = workspace.openView(by);
      const isFor = view?.private_metadata.startsWith(`${card.approval}.${card.round}.`);
      if (!isFor || view?.callback_id !== FORMS[what]) return;
      const values = what === 'request_revision' ? { feedback: { feedback } } : {};
      const submitted = await workspace.submit({ user: by, values });
      click.acked = submitted.acked;
      if (!submitted.acked || submitted.closed) return;
      // The form says why nothing was recorded.
      click.answeredInForm = true;
      await workspace.closeModal({ user: by });
    } catch {
      // The button or the form is no longer there: nothing was clicked.
      click.disturbed = true;
    } finally {
      this.#busy.delete(by);
    }
  }

  /** Answers the pause in CrewAI itself. */
  async elsewhere(approves: boolean): Promise<void> {
    const { world, witness } = this;
    const taskId = witness.pending();
    if (taskId === undefined) return;
    const id = witness.execution()?.id;
    if (id === undefined) return world.flows.answerBy('dashboard', taskId, approves ? 'publish' : 'rewrite');
    await world.answerInCrewAI(id, approves ? ELSEWHERE.approve : ELSEWHERE.revise);
  }

  /** Repairs everything, lets CrewAI send what it still has to send, and lets time pass until nothing is due. */
  async heal(): Promise<void> {
    const { world } = this;
    world.records.failing = undefined;
    world.workspace.failures.clear();
    world.platform.failures.clear();
    world.flows.failures.clear();
    world.network.delays = () => 0;
    this.release();
    await world.pass(MINUTE);
    for (const process of world.processes) {
      delete process.actor.fate;
      if (process.actor.frozen) world.thaw(process);
    }
    await world.pass(3 * HOUR);
    for (const lost of this.lostWebhooks()) await world.settle(lost());
    await world.pass(HOUR);
  }

  /** Lists a redelivery for each webhook without a 2xx answer: until then its run may wait unseen. */
  lostWebhooks(): (() => Promise<unknown>)[] {
    const { platform, flows } = this.world;
    return [platform, flows].flatMap((sender) =>
      sender.webhooks.flatMap(({ status }, index) =>
        status !== undefined && status < 300 ? [] : [() => sender.redeliver(index)],
      ),
    );
  }

  release(): void {
    const { network } = this.world;
    network.holds = () => false;
    for (const { release } of network.held.splice(0)) release();
  }
}

/** The form that a click opens. */
const FORMS: Partial<Record<Click['what'], string>> = {
  request_revision: CALLBACKS.revision,
  give_up: CALLBACKS.giveUp,
};

/** Creates a writer of outputs by name. `next` says whether an output is new, the last one or the first one. */
function createWriter(next: Next): (name: string) => string {
  const outputs = new Map<string, string[]>();
  return (name) => {
    const previousOutputs = outputs.get(name) ?? [];
    const fresh = `${name}, version ${previousOutputs.length + 1}`;
    const output = { new: fresh, same: previousOutputs.at(-1) ?? fresh, older: previousOutputs[0] ?? fresh }[
      next.output
    ];
    outputs.set(name, [...previousOutputs, output]);
    return output;
  };
}

function buildTasks(next: Next): CrewTask[] {
  const write = createWriter(next);
  const task = (name: string, humanInput: boolean): CrewTask => ({
    name,
    agent: 'Writer',
    description: name,
    expectedOutput: name,
    humanInput,
    writeOutput: () => write(name),
  });
  return [task('draft', true), task('check', false), task('publish', true)];
}

/** Lets a Flow ask for two reviews, and again for each draft that is to be rewritten. */
function askReviews(world: World, next: Next): void {
  const writer = createWriter(next);
  const write = (method: string) => ({ method, output: writer(method) });
  world.flows.ask({
    ...write('draft'),
    message: 'Is it ready?',
    emit: Object.values(OPTIONS),
    onAnswer: async (review, feedback) => {
      // Simultaneous reviews have no order.
      await new Promise<void>((work) => world.stage.after(SECOND, work, world.stage.outside));
      const webhook = world.flows.webhooks.find(
        ({ body }) => (body as { id: string }).id === review.requestId,
      );
      const { method_name: method } = (webhook?.body ?? {}) as { method_name: string };
      if (feedback !== OPTIONS.choose_1) return write(method);
      return method === 'draft' ? write('publish') : undefined;
    },
  });
}

type Act = (history: History) => unknown;

/** An event in a history. fast-check shows its name. */
export class Command {
  readonly name: string;
  /** True if the next command happens at the same moment. */
  readonly atOnce: boolean;
  readonly act: Act;

  constructor(name: string, act: Act, atOnce = false) {
    this.name = name;
    this.act = act;
    this.atOnce = atOnce;
  }

  toString() {
    return this.atOnce ? `${this.name}, and at once` : this.name;
  }
}

const door = fc.nat({ max: 1 });
const atOnce = fc.constantFrom(false, false, true);
const processName = (slot: number) => `process ${'ab'[slot]}`;

const clicking = (what: Click['what']) =>
  fc
    .record({
      by: fc.constantFrom('UANA', 'UBEN', 'UCAT'),
      back: fc.constantFrom(0, 0, 0, 0, 1, 2),
      door,
      together: atOnce,
    })
    .map(({ by, back, door: slot, together }) => {
      const where = back === 0 ? 'the newest card' : `the newest card but ${back}`;
      const name = `${by} clicks ${what} on ${where} (${processName(slot)})`;
      return new Command(name, (history) => void history.click(what, by, { back, door: slot }), together);
    });

const SLACK_FAILURES: Record<string, Failure> = {
  'an internal error': { error: 'internal_error' },
  'a rate limit': { rateLimited: { retryAfter: 30 } },
  'an archived channel': { error: 'is_archived' },
  'a lost answer': { answerLost: true },
  'no answer': { noAnswer: true },
};
const CREWAI_FAILURES: Record<string, Failure> = {
  'a lost answer': { answerLost: true },
  'no answer': { noAnswer: true },
  'a reset connection': { reset: true },
  'a 500': { status: 500 },
  'a 503': { status: 503 },
  'a rate limit': { rateLimited: { retryAfter: 20 } },
  'a rejected token': { status: 401 },
};
const times = fc.constantFrom(1, 1, 2, 4, 60);
function failCrewAI({ platform, flows }: World, times: number, failure: Failure): void {
  platform.failures.plan({ on: 'resume', times, failure });
  flows.failures.plan({ on: 'respond', times, failure });
}

const slackFails = fc
  .record({
    failure: fc.constantFrom(...Object.keys(SLACK_FAILURES)),
    on: fc.constantFrom('chat.postMessage', 'chat.update', 'chat.postEphemeral', 'views.open'),
    many: fc.constantFrom(1, 1, 2, 4),
  })
  .map(
    ({ failure, on, many }) =>
      new Command(`Slack answers ${on} with ${failure}, ${many} times`, ({ world, witness }) => {
        if (failure === 'a lost answer' && on === 'chat.postMessage') witness.lostPosts = true;
        world.workspace.failures.plan({ on, times: many, failure: SLACK_FAILURES[failure] as Failure });
      }),
  );
const crewFails = fc
  .record({ failure: fc.constantFrom(...Object.keys(CREWAI_FAILURES)), many: times })
  .map(
    ({ failure, many }) =>
      new Command(`CrewAI answers /resume with ${failure}, ${many} times`, ({ world }) =>
        failCrewAI(world, many, CREWAI_FAILURES[failure] as Failure),
      ),
  );
const crewSlow = fc.constantFrom(1, 2, 60).map(
  (many) =>
    new Command(`CrewAI's answer to /resume takes 7 s, ${many} times`, ({ world: { network } }) => {
      let remaining: number = many;
      network.delays = ({ url }) => {
        if (!url.endsWith('/resume') || remaining === 0) return 0;
        remaining -= 1;
        return 7 * SECOND;
      };
    }),
);
const crewWorks = fc.constant(
  new Command('CrewAI works again', ({ world: { platform, flows } }) => {
    platform.failures.clear();
    flows.failures.clear();
  }),
);

const storeFails = fc
  .tuple(fc.constantFrom<'writes' | 'all'>('writes', 'all'), fc.constantFrom(1, 15, 70), atOnce)
  .map(
    ([what, seconds, together]) =>
      new Command(
        `the store fails for ${seconds} s (${what})`,
        (history) => {
          history.disturb();
          history.world.disturb(seconds * SECOND);
          history.world.records.failing = what;
          const works = () => {
            history.world.records.failing = undefined;
          };
          history.world.stage.after(seconds * SECOND, works, history.world.stage.outside);
        },
        together,
      ),
  );

const strike = {
  slot: door,
  at: fc.integer({ min: 1, max: 8 }),
  when: fc.constantFrom<'before' | 'after'>('before', 'after'),
};
const crash = fc
  .record({ ...strike, back: fc.constantFrom(0, 3, 20, 90) })
  .map(({ slot, at, when, back }) => {
    const name = `${processName(slot)} dies ${when} its write or call ${at}, and is back after ${back} s`;
    return new Command(name, ({ world }) => {
      const process = world.living(slot);
      if (!process) return;
      process.backAfter = back * SECOND;
      process.actor.fate = { at, when };
    });
  });
const freeze = fc
  .record({ ...strike, seconds: fc.constantFrom(1, 12, 70, 4_000) })
  .map(({ slot, at, when, seconds }) => {
    const name = `${processName(slot)} stands still for ${seconds} s ${when} its write or call ${at}`;
    return new Command(name, (history) => {
      history.world.strike(slot, { at, when, freezeFor: seconds * SECOND });
    });
  });

const pass = fc
  .constantFrom(0.3, 1, 2, 5, 11, 30, 61)
  .map((seconds) => new Command(`${seconds} s pass`, ({ world }) => world.pass(seconds * SECOND)));
const long = fc
  .constantFrom(10, 10, 70)
  .map((minutes) => new Command(`${minutes} minutes pass`, ({ world }) => world.pass(minutes * MINUTE)));
const asleep = fc.constant(
  new Command('all machines sleep for 10 minutes', async (history) => {
    history.disturb();
    history.world.disturb(10 * MINUTE);
    await history.world.stage.jump(10 * MINUTE);
  }),
);

const outputs = fc.constantFrom<NextOutput>('new', 'new', 'same', 'older').map(
  (output) =>
    new Command(`what is done again has ${output} outputs`, (history) => {
      history.next.output = output;
    }),
);
const elsewhere = fc.boolean().map(
  (approves) =>
    new Command(`someone ${approves ? 'approves' : 'asks for a revision'} in CrewAI`, (history) => {
      void history.elsewhere(approves);
    }),
);
const fails = fc.constant(
  new Command('the run fails', ({ world, witness }) => {
    const run = witness.execution();
    if (run && run.finishedAt === undefined) world.platform.fail(run.id, 'ValueError: boom');
  }),
);
const hold = fc.constant(
  new Command('webhooks are held back', ({ world }) => {
    world.network.holds = ({ url }) => url.includes('/webhooks/');
  }),
);
const release = fc.constant(new Command('held webhooks arrive', (history) => history.release()));
const redeliver = fc.tuple(fc.nat({ max: 9 }), atOnce).map(
  ([at, together]) =>
    new Command(
      `webhook ${at} comes again`,
      ({ world }) => {
        const sender = world.flows.webhooks.length > 0 ? world.flows : world.platform;
        const { length } = sender.webhooks;
        if (length > 0) void sender.redeliver(at % length);
      },
      together,
    ),
);
const redeliverLost = fc.constant(
  new Command('a webhook that was not taken comes again', (history) => {
    const [lost] = history.lostWebhooks();
    void lost?.();
  }),
);

const decides: Record<Asker, [number, fc.Arbitrary<Command>][]> = {
  live: [
    [60, clicking('approve')],
    [60, clicking('request_revision')],
  ],
  documented: [
    [60, clicking('approve')],
    [60, clicking('request_revision')],
  ],
  flow: [
    [60, clicking('choose_1')],
    [60, clicking('choose_2')],
  ],
};
const weighted: [number, fc.Arbitrary<Command>][] = [
  [30, clicking('retry')],
  [4, clicking('give_up')],
  [20, slackFails],
  [30, crewFails],
  [10, crewSlow],
  [10, crewWorks],
  [10, storeFails],
  [25, crash],
  [15, freeze],
  [70, pass],
  [20, long],
  [7, asleep],
  [15, outputs],
  [10, elsewhere],
  [3, fails],
  [8, hold],
  [12, release],
  [20, redeliver],
  [15, redeliverLost],
];

export const setups = (asker: Asker): fc.Arbitrary<Setup> =>
  fc.record({
    asker: fc.constant(asker),
    order: fc.oneof({ withCrossShrink: true }, fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })),
    // The live platform shows its pauses only by human-input webhooks.
    route:
      asker === 'live'
        ? fc.constantFrom('human_input', 'both')
        : fc.constantFrom('task', 'human_input', 'both'),
    replicas: fc.constantFrom(2, 2, 2, 1),
    quorum: fc.constantFrom(1, 1, 1, 2, 3),
  });

export const sequences = (asker: Asker): fc.Arbitrary<Command[]> =>
  fc.array(
    fc.oneof(...[...decides[asker], ...weighted].map(([weight, arbitrary]) => ({ weight, arbitrary }))),
    { maxLength: 50, size: 'max' },
  );

async function copyRecords(world: World): Promise<RecordStore> {
  const { records } = createMemoryRecords();
  await records.commit({ compare: [], puts: world.records.all(), deletes: [] });
  return records;
}

/** Plays all commands, then repairs everything. Throws at the first broken promise. */
export async function play(setup: Setup, commands: readonly Command[]): Promise<History> {
  const history = await History.begin(setup);
  const { world, witness } = history;
  try {
    const complain = (after: string) => {
      if (witness.faults.length > 0) throw new Error(`${witness.faults.join('\n')}\n(after: ${after})`);
      const broken = world.logged.find(({ level }) => level === 'fatal');
      if (broken) throw new Error(String(broken.fact));
    };
    await world.pass(2 * SECOND);
    for (const command of commands) {
      await command.act(history);
      if (command.atOnce) continue;
      await world.stage.drain();
      witness.check();
      complain(`${command}`);
    }
    await history.heal();
    witness.checkEnd();
    complain('everything came to rest');
    const { faults } = await checkStoredHistory(await copyRecords(world));
    if (faults.length > 0) throw new Error(`its history does not fit: ${JSON.stringify(faults)}`);
    return history;
  } finally {
    world.end();
  }
}
