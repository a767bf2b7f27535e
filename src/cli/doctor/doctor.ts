import { parseArgs } from 'node:util';
import { RECORD_VERSION } from '../../approval/model/approval.ts';
import { AppError, summarizeError } from '../../lib/errors.ts';
import { readVersion } from '../../read-version.ts';
import { loadSettings, readEnvironment } from '../../settings/load-settings.ts';
import { INIT_ADVICE, type Settings, SettingsError } from '../../settings/settings.ts';
import { failed, formatResult, note, ok, printResults, type Result } from './result.ts';

// `npm run doctor`: prints one line per result. The exit code is 1 if a result is `failed`.
const options = { kickoff: { type: 'boolean' }, 'send-test': { type: 'boolean' } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });

try {
  const unknown = positionals.at(values.kickoff ? 1 : 0);
  if (unknown !== undefined)
    throw new AppError(
      'settings_invalid',
      `Unexpected argument '${unknown}'. Name a crew only after --kickoff.`,
    );
  const { settings, results } = checkSettings();
  if (!values.kickoff)
    process.exit(await printResults(runAll(results, settings, values['send-test'] ?? false)));
  for (const result of results) console.log(formatResult(result));
  if (!settings) process.exit(1);
  const { printKickoff } = await import('./print-kickoff.ts');
  process.exit(await printKickoff(settings, positionals[0]));
} catch (error) {
  console.error(summarizeError(error));
  process.exit(1);
}

async function* runAll(results: Result[], settings: Settings | undefined, sendTest: boolean) {
  const version = `crew-approvals ${readVersion()} on Node ${process.version}`;
  yield ok('version', `${version}; its records are of format ${RECORD_VERSION}`);
  yield* results;
  if (!settings) return;
  // Print the first lines before loading the modules that only the checks need.
  const { runChecks } = await import('./checks.ts');
  yield* runChecks(settings, sendTest);
}

function checkSettings(): { settings?: Settings; results: Result[] } {
  try {
    const settings = loadSettings(readEnvironment(process.env));
    const ineffective = settings.ineffective.map(({ variable, why, isError }) =>
      (isError ? failed : note)(variable, why),
    );
    const names = settings.crews.map(({ name }) => name).join(', ');
    return { settings, results: [ok('settings', `all are valid. Crews: ${names}`), ...ineffective] };
  } catch (error) {
    if (!(error instanceof SettingsError)) return { results: [failed('settings', summarizeError(error))] };
    const faults = error.faults.map(({ setting, fault }) => failed(setting, fault));
    return { results: error.nothingSet ? [...faults, note('settings', INIT_ADVICE)] : faults };
  }
}
