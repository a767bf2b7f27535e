import type { Command } from './promises-commands.ts';
import { checkEnd, healAndRest } from './promises-end.ts';
import { createDoors } from './promises-endpoints.ts';
import { createPromisesWorld, type PromisesWorld, type Setup } from './promises-world.ts';

const SECOND = 1_000;

/** Lets all of it happen, then heals everything; throws the first promise that is broken. */
export async function play(setup: Setup, commands: readonly Command[]): Promise<PromisesWorld> {
  const world = createPromisesWorld(setup);
  const doors = createDoors(world);
  const { stage, run, dueAt } = world;
  const complain = (after: string) => {
    if (world.faults.length > 0) throw new Error(`${world.faults.join('\n')}\n(after: ${after})`);
  };
  await stage.drain();
  run.work('new');
  if (setup.shown) {
    for (let hook = run.outbox.shift(); hook; hook = run.outbox.shift()) doors.deliver(hook, 0);
    await stage.advance(SECOND, dueAt);
  }
  for (const command of commands) {
    await command.act(world, doors);
    if (!command.atOnce) await stage.drain();
    complain(`${command}`);
  }
  await healAndRest(world, doors);
  checkEnd(world, doors);
  complain('everything came to rest');
  return world;
}
