import fc from 'fast-check';
import { crewFailures } from './promises-crewai.ts';
import type { Click, Doors } from './promises-endpoints.ts';
import type { NextOutput } from './promises-run.ts';
import { slackFailures } from './promises-slack.ts';
import type { PromisesWorld, Setup } from './promises-world.ts';

type Act = (world: PromisesWorld, doors: Doors) => unknown;

/** One thing that happens. fast-check shows it by its name. */
export class Command {
  readonly name: string;
  /** Does not wait for its end: what comes next happens at the same time. */
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

const SECOND = 1_000;
const slot = fc.nat({ max: 1 });
const pick = fc.nat({ max: 5 });
const atOnce = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const called = (number: number) => 'ab'[number];

const deliver = fc.tuple(pick, slot, atOnce).map(
  ([at, door, together]) =>
    new Command(
      `webhook ${at} of those to come reaches ${called(door)}`,
      ({ run }, doors) => {
        const [hook] = run.outbox.splice(at % Math.max(1, run.outbox.length), 1);
        if (hook) doors.deliver(hook, door);
      },
      together,
    ),
);

const redeliver = fc.tuple(pick, slot, atOnce).map(
  ([at, door, together]) =>
    new Command(
      `webhook ${at} of the delivered comes to ${called(door)} again`,
      ({ run }, doors) => {
        const [hook] = run.delivered.splice(at % Math.max(1, run.delivered.length), 1);
        if (hook) doors.deliver(hook, door);
      },
      together,
    ),
);

const output = fc.oneof(
  { withCrossShrink: true },
  { weight: 4, arbitrary: fc.constant<NextOutput>('new') },
  { weight: 1, arbitrary: fc.constantFrom<NextOutput>('same', 'older') },
);
const work = output.map(
  (what) => new Command(`the run comes to its next pause: ${what}`, ({ run }) => run.work(what)),
);

/** Undisturbed, so that a sequence gets somewhere. */
const goesOn = fc.tuple(output, slot, atOnce).map(
  ([what, door, together]) =>
    new Command(
      `the run comes to its next pause: ${what}; its webhooks reach ${called(door)}`,
      ({ run }, doors) => {
        run.work(what);
        for (const hook of run.outbox.splice(0)) doors.deliver(hook, door);
      },
      together,
    ),
);

const escalates = fc.constant(new Command('CrewAI escalates what waits', ({ flow }) => flow?.escalate()));

const elsewhere = fc
  .boolean()
  .map(
    (approve) =>
      new Command(`someone ${approve ? 'approves' : 'asks for a revision'} elsewhere`, ({ run }) =>
        run.elsewhere(approve),
      ),
  );

const ends = fc.constant(new Command('the run is ended', ({ run }) => run.end()));

const clicking = (what: Click['what']) =>
  fc
    .record({
      what: fc.constant(what),
      by: fc.constantFrom('UANA', 'UBEN', 'UCAT'),
      which: fc.oneof(
        { withCrossShrink: true },
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constant(1) },
      ),
      back: fc.oneof(
        { withCrossShrink: true },
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat({ max: 2 }) },
      ),
      card: fc.nat({ max: 1 }),
      slot,
      together: atOnce,
    })
    .map(({ together, ...click }) => {
      const round = click.back === 0 ? 'the newest round' : `round newest-${click.back}`;
      const where = `${click.which === 0 ? '' : ' of the other approval'}${click.card === 0 ? '' : ' on its twin'}`;
      const name = `${click.by} on ${called(click.slot)}: ${what} ${round}${where}`;
      return new Command(name, (_, doors) => doors.click(click), together);
    });

const times = fc.constantFrom(1, 1, 2, 4, 60);
const slackFails = fc
  .tuple(fc.constantFrom(...slackFailures), times)
  .map(
    ([failure, many]) =>
      new Command(`Slack, ${many} times: ${failure}`, ({ slack }) =>
        slack.failures.unshift(...Array(Math.min(many, 4)).fill(failure)),
      ),
  );
const crewFailsNext = fc
  .tuple(fc.constantFrom(...crewFailures), times)
  .map(
    ([failure, many]) =>
      new Command(`CrewAI, ${many} times: ${failure}`, ({ crewFails }) =>
        crewFails.unshift(...Array(many).fill(failure)),
      ),
  );
const crewWorks = fc.constant(
  new Command('CrewAI works again', ({ crewFails }) => void crewFails.splice(0, crewFails.length)),
);

const storeFails = fc
  .tuple(fc.constantFrom<'writes' | 'all'>('writes', 'all'), fc.constantFrom(1, 15, 70), atOnce)
  .map(
    ([what, seconds, together]) =>
      new Command(
        `the store fails for ${seconds} s (${what})`,
        ({ storeFails: fail, storeWorks, stage }) => {
          fail(what);
          stage.after(seconds * SECOND, storeWorks);
        },
        together,
      ),
  );

const strike = {
  door: slot,
  at: fc.integer({ min: 1, max: 6 }),
  when: fc.constantFrom<'before' | 'after'>('before', 'after'),
};
const crash = fc
  .record({ ...strike, back: fc.constantFrom(0, 3, 20, 90) })
  .map(({ door, at, when, back }) => {
    const name = `${called(door)} dies ${when} its write or call ${at}, and is back in ${back} s`;
    return new Command(name, ({ living }) => {
      const process = living(door);
      if (!process) return;
      process.actor.fate = { at, when };
      process.backAfter = back * SECOND;
    });
  });

const freeze = fc
  .record({ ...strike, seconds: fc.constantFrom(1, 12, 70, 4_000) })
  .map(({ door, at, when, seconds }) => {
    const name = `${called(door)} stands still for ${seconds} s ${when} its write or call ${at}`;
    return new Command(name, ({ living }) => {
      const process = living(door);
      if (process) process.actor.fate = { at, when, freezeFor: seconds * SECOND };
    });
  });

const advance = fc
  .constantFrom(0.3, 1, 2, 5, 11, 30, 61)
  .map(
    (seconds) =>
      new Command(`${seconds} s pass`, ({ stage, dueAt }) => stage.advance(seconds * SECOND, dueAt)),
  );
const long = fc.constantFrom(10, 10, 70).map((minutes) => {
  const act: Act = ({ stage, dueAt }) => stage.advance(minutes * 60 * SECOND, dueAt);
  return new Command(`${minutes} minutes pass`, act);
});
const asleep = fc.constant(
  new Command('all machines sleep for 10 minutes', async ({ stage, watch }) => {
    await stage.drain();
    watch.disturb(() => true);
    await stage.jump(600 * SECOND);
  }),
);

const deleteCard = pick.map(
  (at) =>
    new Command(`message ${at} is deleted in Slack`, ({ slack }) => {
      const message = slack.messages[at];
      if (message) message.deleted = true;
    }),
);

const register = fc.tuple(slot, pick, atOnce).map(
  ([door, url, together]) =>
    new Command(
      `the run is registered with the URL ${url}`,
      (world) => {
        const urls = { task: `https://erp.example.com/${url}` };
        world
          .living(door)
          ?.receiver.register(world.crew, 'e1', { urls })
          .catch(() => {});
      },
      together,
    ),
);

const weighted: [number, fc.Arbitrary<Command>][] = [
  [5, deliver],
  [2, redeliver],
  [3, work],
  [5, goesOn],
  [1, elsewhere],
  [0.3, ends],
  [5, clicking('approve')],
  [6, clicking('request_revision')],
  [4, clicking('retry')],
  [0.4, clicking('give_up')],
  [2, slackFails],
  [4, crewFailsNext],
  [1, crewWorks],
  [1, storeFails],
  [3, crash],
  [1.5, freeze],
  [6, advance],
  [2, long],
  [0.7, asleep],
  [0.5, deleteCard],
  [0.4, register],
];
/** What a crew's run does not do, or seldom. */
const weightedOfFlow: typeof weighted = [
  [0.7, escalates],
  [2, elsewhere],
];
const anyOf = (commands: typeof weighted) =>
  fc.oneof(...commands.map(([weight, arbitrary]) => ({ weight: Math.round(weight * 10), arbitrary })));

/** What plays CrewAI: a crew's run in one of the dialects, or a Flow. */
export const PLAYED = ['documented', 'live', 'flow'] as const;

export const setupsOn = (played: (typeof PLAYED)[number]): fc.Arbitrary<Setup> =>
  fc.record({
    origin: fc.constant(played === 'flow' ? 'flow' : 'crew'),
    dialect: fc.constant(played === 'live' ? 'live' : 'documented'),
    order: fc.oneof({ withCrossShrink: true }, fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })),
    // The live platform tells its pauses by human-input webhooks only.
    route:
      played === 'live'
        ? fc.constantFrom('human_input', 'both')
        : fc.constantFrom('task', 'human_input', 'both'),
    sole: fc.oneof(
      { withCrossShrink: true },
      { weight: 3, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    shown: fc.constantFrom(true, true, true, false),
    quorum: fc.constantFrom(1, 1, 1, 2, 3),
  });
export const sequencesOn = (played: (typeof PLAYED)[number]): fc.Arbitrary<Command[]> =>
  fc.array(anyOf(played === 'flow' ? [...weighted, ...weightedOfFlow] : weighted), {
    maxLength: 60,
    size: 'max',
  });
