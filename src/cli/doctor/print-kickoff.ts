import { buildKickoffFields } from '../../crewai/kickoff-fields.ts';
import { buildEndpoint } from '../../settings/build-crew.ts';
import type { CrewSettings, Settings } from '../../settings/settings.ts';
import { checkDeployment, checkDialect } from './check-crews.ts';

/** Prints the fields of a kickoff for each crew or for the named crew; returns the exit code. */
export async function printKickoff(settings: Settings, name: string | undefined): Promise<number> {
  const chosen = settings.crews.filter((crew) => name === undefined || crew.name === name);
  if (chosen.length === 0) {
    const names = settings.crews.map((crew) => crew.name).join(', ');
    console.error(`There is no crew ${name}. The crews are: ${names}.`);
    return 1;
  }
  for (const crew of chosen) {
    if (crew.baseUrl === '') {
      console.log(
        crew.askSecret === undefined
          ? `\n${crew.name} accepts Flow reviews only. The doctor names the URL to set in CrewAI AMP.`
          : `\n${crew.name} has no URL: its programs ask questions, so there is no kickoff to print. See docs/ask.md.`,
      );
      continue;
    }
    const { dialect = 'unknown' } = await checkDialect(crew.name, crew, crew);
    const fields = buildKickoffFields(buildEndpoint(crew, settings), dialect);
    if (!fields) {
      console.error('PUBLIC_URL is not set. CrewAI needs it to send webhooks to this bot.');
      return 1;
    }
    const inputs = await buildExampleInputs(crew);
    const replace = Object.keys(inputs).length > 0 ? ' Replace the values of inputs.' : '';
    console.log(
      `\nKickoff of ${crew.name} (${dialect} dialect).${replace} It contains the webhook secret:\n`,
    );
    console.log(JSON.stringify({ inputs, ...fields }, null, 2));
  }
  return 0;
}

/** Returns a value for each input of a crew, since CrewAI rejects a kickoff without them. Never returns a hidden value. */
async function buildExampleInputs(crew: CrewSettings): Promise<Record<string, string>> {
  const { inputs = [] } = crew.isFlow ? {} : await checkDeployment(crew.name, crew);
  return Object.fromEntries(inputs.map((name) => [name, crew.inputs[name]?.default ?? `<${name}>`]));
}
