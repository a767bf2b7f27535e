import type { Dialect } from '../../approval/model/crew/dialect.ts';
import { callCrew, type Deployment } from '../../crewai/api.ts';
import { readValidationItems } from '../../crewai/dialects/live.ts';
import { readInputNames } from '../../crewai/kickoff-answer.ts';
import { parseObject } from '../../crewai/resume-answer.ts';
import { findRequestedDialect } from '../../crewai/resume-body.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const TIMEOUT = 8_000;

/** Checks the URL and the token of a deployed crew by asking for its inputs. Never rejects. */
export async function diagnoseCrew(name: string, deployment: Deployment): Promise<Finding> {
  const about = `crew ${name}`;
  const { host } = new URL(deployment.baseUrl);
  const answer = await callCrew(deployment, { method: 'get', path: '/inputs', timeout: TIMEOUT });
  if ('code' in answer) {
    return failed(about, `${host} does not answer (${answer.code}): check its base URL and the network.`);
  }
  const { status, body } = answer;
  if (status === 401 || status === 403)
    return failed(about, `${host} rejects its bearer token (${status}): copy it again from CrewAI AMP.`);
  if (status >= 300 && status < 400)
    return failed(about, `${host} redirects (${status}): set the crew's own URL, without a login page.`);
  if (status === 404)
    return failed(about, `${host} has no /inputs (404): the base URL is not that of a deployed crew.`);
  if (status === 429 || status >= 500)
    return warning(about, `${host} answers ${status} now: decisions wait until it works again.`);
  const inputs = readInputNames({ status, body });
  if (!inputs)
    return failed(
      about,
      `${host} answers /inputs with ${status} and not as a crew does: check its base URL.`,
    );
  return ok(about, `${host} accepts the token; inputs: ${inputs.join(', ').slice(0, 200) || 'none'}`);
}

/** The names of a deployed crew's inputs; undefined when it does not name them now. Never rejects. */
export async function askInputNames(deployment: Deployment): Promise<string[] | undefined> {
  const answer = await callCrew(deployment, { method: 'get', path: '/inputs', timeout: TIMEOUT });
  return 'code' in answer ? undefined : readInputNames(answer);
}

/** Compares the inputs that the settings name with those of the deployed crew. Never rejects. */
export async function diagnoseInputs(
  name: string,
  deployment: Deployment,
  settings: Readonly<Record<string, unknown>>,
): Promise<Finding[]> {
  const named = Object.keys(settings);
  if (named.length === 0) return [];
  const about = `inputs of ${name}`;
  const asked = await askInputNames(deployment);
  if (!asked) return [warning(about, 'not compared with the settings: the crew does not name them now.')];
  const unknown = named.filter((input) => !asked.includes(input));
  return unknown.length === 0
    ? [ok(about, 'are as the settings name them.')]
    : [
        failed(
          about,
          `the settings name ${unknown.join(', ')}, which the crew does not have: it has ${asked.join(', ')}.`,
        ),
      ];
}

/**
 * Finds the dialect of a crew by an empty POST /resume, which both dialects reject. `format`: the crew's setting;
 * `isFlow`: by the settings it is a Flow, which has no /resume. Never rejects.
 */
export async function diagnoseDialect(
  name: string,
  deployment: Deployment,
  format: 'auto' | 'documented' | 'camelcase',
  isFlow = false,
): Promise<{ finding: Finding; dialect: Dialect }> {
  const about = `dialect of ${name}`;
  const { host } = new URL(deployment.baseUrl);
  const found = (finding: Finding, dialect: Dialect = 'unknown') => ({ finding, dialect });
  const answer = await callCrew(deployment, { method: 'post', path: '/resume', data: {}, timeout: TIMEOUT });
  if ('code' in answer)
    return found(warning(about, `${host} did not answer an empty /resume (${answer.code}): not known yet.`));
  const { status, body } = answer;
  const json = parseObject(body);
  if (status === 404 && isFlow) return found(ok(about, `${host} is a Flow deployment.`));
  if (status === 404) return found(failed(about, `${host} has no /resume (404): it is a Flow deployment.`));
  if (status === 401 || status === 403)
    return found(
      failed(about, `${host} rejects the bearer token (${status}): copy it again from CrewAI AMP.`),
    );
  if (status === 429 || status >= 500)
    return found(warning(about, `${host} answers ${status} now: not known yet.`));
  if (status < 300 || !json)
    return found(
      failed(
        about,
        `${host} answers an empty /resume with ${status} and not as CrewAI does: check the base URL.`,
      ),
    );
  const dialect = readDialectOfRefusal(status, json);
  if (dialect === 'unknown')
    return found(warning(about, `${host} answers an empty /resume with ${status}: not known yet.`));
  const set = format === 'camelcase' ? 'live' : format;
  if (set !== 'auto' && set !== dialect)
    return found(
      failed(about, `${host} speaks ${dialect}, but resume_format is ${format}: set it to auto.`),
      dialect,
    );
  return found(ok(about, `${host} speaks the ${dialect} dialect.`), dialect);
}

function readDialectOfRefusal(status: number, json: Record<string, unknown>): Dialect {
  const asked = findRequestedDialect(status, json);
  if (asked) return asked;
  if (readValidationItems(json)) return 'live';
  return typeof json.error === 'string' && typeof json.message === 'string' ? 'documented' : 'unknown';
}
