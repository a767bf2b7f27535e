import { onTestFinished } from 'vitest';
import type { Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import { shown, startWorld, type World } from '../world.ts';
import { type MortalBot, startMortalBot } from './mortal-bot.ts';
import type { Person, Prepare, Scenario, Told } from './scenario.ts';
import { prepareRun } from './story.ts';

/** Where the bot is killed, and what was done there in the run that was measured. */
export interface Point {
  kind: 'commit' | 'slack' | 'resume' | 'callback';
  number: number;
  moment: 'before' | 'after';
  what: string;
}

export interface Cell extends Told {
  point: Point;
  /** It was killed there. */
  reached: boolean;
  /** From its second start to the end of the story. */
  seconds: number;
}

/** Where the cells of a matrix keep their records, and what happens in them. */
export interface Stores {
  dialect: Dialect;
  /** A crew's run by default. */
  prepare?: Prepare;
  /** A new one; undefined: the world's own SQLite. */
  make(): string | Promise<string> | undefined;
  /** It is used no more. */
  drop?(url: string): Promise<void>;
}

/** Every point of the story, from runs in which nothing is killed, one for each person: the way of one can be longer. */
export async function measure(stores: Stores, persons: readonly Person[]): Promise<Point[]> {
  const runs = await Promise.all(persons.map((person) => live(stores, 'count', person)));
  const points = new Map<string, Point[]>();
  for (const { msg, ...line } of runs.flatMap(({ logged }) => logged)) {
    if (msg !== 'point') continue;
    const { kind, number, what } = line as unknown as Point;
    const moments = kind === 'commit' ? (['after'] as const) : (['before', 'after'] as const);
    const ofPoint = moments.map((moment) => ({ kind, number, moment, what }));
    points.set(`${kind} ${number}`, ofPoint);
  }
  return [...points.values()].flat();
}

/** The story once for each point, so many at a time. */
export async function fill(stores: Stores, points: readonly Point[], atOnce: number) {
  const cells: Cell[] = [];
  const failures: string[] = [];
  const left = [...points.entries()];
  // When the test ran out of time.
  onTestFinished(() => void left.splice(0));
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, point] = next;
      const { kind, number, moment, what } = point;
      const person = index % 4 < 2 ? 'hasty' : 'patient';
      try {
        const { logged, ...lived } = await live(stores, `${kind}:${number}:${moment}`, person);
        // The calls of two runs need not come in one order.
        const killed = logged.find(({ msg }) => msg === 'killed');
        cells.push({ point: { ...point, what: String(killed?.what ?? what) }, ...lived });
      } catch (error) {
        failures.push(`killed ${moment} ${kind} ${number} (${what}), ${person}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { cells, failures };
}

async function live(stores: Stores, killAt: string, person: Person) {
  const world = await startWorld(undefined, { dialect: stores.dialect });
  const url = await stores.make();
  if (url !== undefined) world.settings.STORE_URL = url;
  const scenario = await (stores.prepare ?? prepareRun)(world);
  const bot = await startMortalBot(world, killAt);
  try {
    const told = await Promise.race([scenario.tell(bot, person), bot.broken]);
    const again = bot.startedAgainAt();
    const seconds = again === undefined ? 0 : (performance.now() - again) / 1000;
    return { ...told, reached: again !== undefined, seconds, logged: bot.logged() };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${scene(world, scenario, bot)}`);
  } finally {
    // All worlds until the end of the test would be too many.
    await bot.kill();
    const { workspace, platform } = world;
    await Promise.all([workspace.close(), platform.close(), scenario.close(), url && stores.drop?.(url)]);
  }
}

function scene({ workspace }: World, scenario: Scenario, bot: MortalBot): string {
  const lastLines = bot.logged().slice(-40);
  const parts = {
    'in the channel': shown(workspace),
    ...scenario.scene(),
    "the bot's last log lines": lastLines,
  };
  return Object.entries(parts)
    .map(([name, lines]) => [`${name}:`, ...lines.map((line) => JSON.stringify(line))].join('\n  '))
    .join('\n');
}

/** The figures of a store and a dialect as a row of a table. */
export function figures(store: string, cells: readonly Cell[], failures: readonly string[]) {
  const sum = (of: (cell: Cell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  return {
    store,
    cells: cells.length + failures.length,
    converged: cells.length,
    'not reached': cells.filter(({ reached }) => !reached).length,
    twins: sum(({ twins }) => twins),
    'of these clicked late': sum(({ clickedLate }) => clickedLate),
    'second sends': sum(({ secondSends }) => secondSends),
    'longest from start to end, s': Math.max(0, ...cells.map(({ seconds }) => seconds)).toFixed(1),
  };
}
