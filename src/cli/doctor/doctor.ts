import { summarizeError } from '../../lib/errors.ts';
import { loadSettings, readEnvironment } from '../../settings/load-settings.ts';
import { INIT_ADVICE, type Settings, SettingsError } from '../../settings/settings.ts';
import { failed, ok, warning } from './finding.ts';
import { printKickoff } from './print-kickoff.ts';
import { Report } from './report.ts';
import { runChecks } from './run-checks.ts';

// `npm run doctor`: one line per check; the exit code is 1 when something would stop an approval.
const options = process.argv.slice(2);
const report = new Report();
const config = readSettings(report);
const kickoff = options.indexOf('--kickoff');
if (kickoff !== -1) process.exit(config ? await printKickoff(config, options[kickoff + 1]) : 1);
if (config) {
  const selected = { sendTest: options.includes('--send-test'), blocks: options.includes('--blocks') };
  for await (const findings of runChecks(config, selected)) report.print(findings);
}
process.exit(report.end());

function readSettings(report: Report): Settings | undefined {
  try {
    const read = loadSettings(readEnvironment(process.env));
    report.print([
      ok('settings', `all are valid; crews: ${read.crews.map(({ name }) => name).join(', ')}.`),
      ...read.ineffective.map(({ variable, why, isError }) =>
        (isError ? failed : warning)(variable, why.replace(/[^?]$/, '$&.')),
      ),
    ]);
    return read;
  } catch (error) {
    report.print(
      error instanceof SettingsError
        ? error.faults.map(({ setting, fault }) => failed(setting, `${fault}.`))
        : [failed('settings', summarizeError(error))],
    );
    if (error instanceof SettingsError && error.nothingSet) console.log(`\n${INIT_ADVICE}`);
    return undefined;
  }
}
