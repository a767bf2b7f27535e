import { type Finding, failed, ok, warning } from '../finding.ts';
import { callCrew, type Deployment } from './api.ts';

const TIMEOUT = 8_000;

/** Asks a deployed crew for its inputs: whether its URL and token are right. Never rejects. */
export async function diagnoseCrew(name: string, deployment: Deployment): Promise<Finding> {
  const about = `crew ${name}`;
  const { host } = new URL(deployment.baseUrl);
  const answer = await callCrew(deployment, { method: 'get', path: '/inputs', timeout: TIMEOUT });
  if ('code' in answer) {
    return failed(
      about,
      `${host} does not answer (${answer.code}): look at its base URL and at the network.`,
    );
  }
  const { status, body } = answer;
  if (status === 401 || status === 403)
    return failed(about, `${host} refuses its bearer token (${status}): copy it anew from CrewAI AMP.`);
  if (status >= 300 && status < 400)
    return failed(about, `${host} redirects (${status}): set the crew's own URL, without a login page.`);
  if (status === 404)
    return failed(about, `${host} has no /inputs (404): the base URL is not that of a deployed crew.`);
  if (status === 429 || status >= 500)
    return warning(about, `${host} answers ${status} at the moment: decisions wait until it is back.`);
  const inputs = status === 200 ? inputsIn(body) : undefined;
  if (!inputs)
    return failed(
      about,
      `${host} answers /inputs with ${status} and not as a crew does: look at its base URL.`,
    );
  return ok(about, `${host} takes the token; inputs: ${inputs.join(', ').slice(0, 200) || 'none'}`);
}

function inputsIn(body: string): string[] | undefined {
  try {
    const { inputs } = JSON.parse(body) as { inputs?: unknown };
    return Array.isArray(inputs) && inputs.every((input) => typeof input === 'string') ? inputs : undefined;
  } catch {
    return undefined;
  }
}
