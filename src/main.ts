import { parseArgs } from 'node:util';
import { type RunningApp, startApp } from './app.ts';
import { AppError, summarizeError } from './lib/errors.ts';
import { createLog } from './lib/log.ts';
import { loadSettings, readEnvironment } from './settings/load-settings.ts';
import { INIT_ADVICE, SettingsError } from './settings/settings.ts';

process.title = 'crew-approvals';

const flag = { type: 'boolean', default: false } as const;
const { values: options } = parseArgs({ options: { restored: flag, upgrade: flag } });

try {
  const settings = loadSettings(readEnvironment(process.env));
  const log = createLog(settings.logLevel);
  process.on('unhandledRejection', (error) => log.error({ error }, 'background task failed'));

  let app: RunningApp | undefined;
  let requested = false;
  let stopping = false;
  const stop = async () => {
    requested = true;
    // While the bot starts it cannot stop: it does so once it has.
    if (!app || stopping) return;
    stopping = true;
    try {
      await app.stop();
      process.exit(0);
    } catch (error) {
      log.error({ error }, 'shutdown failed');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  app = await startApp(settings, log, options);
  if (requested) await stop();
} catch (error) {
  console.error(
    error instanceof AppError ? error.message : `The bot could not start: ${summarizeError(error)}`,
  );
  if (error instanceof SettingsError && error.nothingSet) console.error(`\n${INIT_ADVICE}`);
  process.exit(1);
}
