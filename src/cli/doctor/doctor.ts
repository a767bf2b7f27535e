import { parseArgs } from 'node:util';
import { type Config, INIT_ADVICE, SettingsError } from '../../config/config.ts';
import { loadConfig, readEnvironment } from '../../config/load-config.ts';
import { describeUnknownSetting } from '../../config/unknown-settings.ts';
import { summarizeError } from '../../lib/errors.ts';
import { runChecks } from './checks.ts';
import { printKickoff } from './print-kickoff.ts';
import { failed, formatResult, note, ok, printResults, type Result } from './result.ts';

// `npm run doctor`: one line per check; the exit code is 1 when something would stop an approval.
const options = { kickoff: { type: 'boolean' }, 'send-test': { type: 'boolean' } } as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { settings, results } = checkSettings();
  if (!values.kickoff)
    process.exit(await printResults(runAll(results, settings, values['send-test'] ?? false)));
  for (const result of results) console.log(formatResult(result));
  process.exit(settings ? await printKickoff(settings, positionals[0]) : 1);
} catch (error) {
  console.error(summarizeError(error));
  process.exit(1);
}

async function* runAll(results: Result[], settings: Config | undefined, sendTest: boolean) {
  yield* results;
  if (settings) yield* runChecks(settings, sendTest);
}

function checkSettings(): { settings?: Config; results: Result[] } {
  try {
    const settings = loadConfig(readEnvironment(process.env));
    const unknown = settings.unknownSettings.map((setting) => {
      const decidesWho = 'field' in setting && setting.decidesWho;
      return (decidesWho ? failed : note)(setting.name, describeUnknownSetting(setting));
    });
    const names = settings.crews.map(({ name }) => name).join(', ');
    return { settings, results: [ok('settings', `all are valid. Crews: ${names}`), ...unknown] };
  } catch (error) {
    if (!(error instanceof SettingsError)) return { results: [failed('settings', summarizeError(error))] };
    const faults = error.faults.map(({ setting, fault }) => failed(setting, fault));
    return { results: error.nothingSet ? [...faults, note('settings', INIT_ADVICE)] : faults };
  }
}
