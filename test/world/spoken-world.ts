import { createWorld, SECOND, type World, type WorldOptions } from './world.ts';

/** Ana reads Portuguese, Ben Spanish and Cat French. */
const LOCALES = { ana: 'pt-BR', ben: 'es-MX', cat: 'fr-FR' };
export const clickOnHome = async (world: World, actionId: string) => {
  await world.home('UBEN');
  await world.settle(world.workspace.clickInView({ user: 'UBEN', actionId }));
  await world.pass(3 * SECOND);
};
export const createSpokenWorld = async (options: WorldOptions = {}) => {
  const world = await createWorld({ locales: LOCALES, ...options });
  await world.shown();
  return world;
};

/** Restarts the bot while Slack does not answer which languages people speak. */
export async function restartBlind(world: World) {
  await world.restart();
  const failure = { noAnswer: true as const };
  world.workspace.failures.plan({ on: 'users.info', times: Infinity, failure });
}

/** Submits a form to a restarted bot that does not know Ben's language. Returns the errors at the fields. */
export async function answerBlind(
  open: (world: World) => Promise<unknown>,
  values: Record<string, string>,
): Promise<string[]> {
  const world = await createSpokenWorld({ dialect: 'documented', settings: { APPROVERS: 'UANA,UBEN' } });
  await world.shown();
  await open(world);
  await restartBlind(world);
  const { errors } = await world.submit('UBEN', values);
  return Object.values(errors ?? {});
}
