import { UNDECIDABLE } from '../../approval/intake/build-approval.ts';
import type { Dialect } from '../../approval/model/crew/dialect.ts';
import type { Deployment } from '../../approval/model/crew/endpoint.ts';
import { isUndecidableUnnamed, listAllRules, listApprovers } from '../../approval/model/crew/task-rules.ts';
import { callApi, locateApi } from '../../crewai/api.ts';
import { readValidationItems } from '../../crewai/dialects/live.ts';
import { readCrewInputs } from '../../crewai/kickoff-answer.ts';
import { parseObject } from '../../crewai/resume-answer.ts';
import { findRequestedDialect } from '../../crewai/resume-body.ts';
import type { CrewSettings } from '../../settings/settings.ts';
import { type DoctorApp, failed, note, ok, type Result } from './result.ts';

const TIMEOUT = 8_000;
/** Matches a short yes that cannot be read as an instruction. */
const PLAIN_YES = /^(?:yes|ok(?:ay)?|approved?|accepted|lgtm|looks good|go ahead)[.! ]*$/i;
const TOOLS_REJECTED = 'are rejected where neither the settings nor the question names approvers';
const SET_APPROVERS = 'Set APPROVERS, or approvers of the crew or of its tasks in the crews file';
const CHECK_URL = 'Check its base URL';

/** Checks who can decide, where Flow reviews come from, and each deployment: URL, token, inputs, dialect and texts. */
export async function* checkCrews({ settings, crews }: DoctorApp): AsyncGenerator<Result> {
  const anyone = 'none are set. Anyone in the channel except guests and external users can decide';
  for (const crew of crews) {
    const about = `approvers of ${crew.name}`;
    if (listApprovers(crew).length === 0) yield note(about, anyone);
    if (isUndecidableUnnamed(crew)) yield note(about, UNDECIDABLE);
    const asks = settings.crews.some(({ name, askSecret }) => name === crew.name && askSecret !== undefined);
    if (asks && listAllRules(crew).some(({ approvers }) => approvers.length === 0))
      yield note(`tool calls of ${crew.name}`, TOOLS_REJECTED, SET_APPROVERS);
  }
  for (const crew of settings.crews) {
    if (crew.flowWebhookSecrets.length > 0) yield describeFlowWebhook(crew, settings.publicUrl);
    if (crew.askSecret !== undefined)
      yield ok(`questions of ${crew.name}`, 'programs ask with its ask_secret');
    if (crew.baseUrl === '') yield ok(`crew ${crew.name}`, describeWithoutUrl(crew));
    else yield* checkRunningCrew(crew);
  }
}

function describeWithoutUrl({ askSecret }: CrewSettings): string {
  return askSecret === undefined
    ? 'accepts Flow reviews only'
    : 'has no URL: programs start and report its runs';
}

async function* checkRunningCrew(crew: CrewSettings): AsyncGenerator<Result> {
  const { name, inputs } = crew;
  const reached = await checkDeployment(name, crew);
  yield reached;
  // The dialect check would fail too, and one result is enough.
  if (reached.status === 'failed') return;
  if (reached.inputs && Object.keys(inputs).length > 0) yield compareInputs(name, reached.inputs, inputs);
  const dialectCheck = await checkDialect(name, crew, crew);
  yield dialectCheck;
  const unclear = 'is not a short plain yes. This platform may read it as a request for changes';
  if (dialectCheck.dialect === 'live' && !PLAIN_YES.test(crew.approvalText.trim()))
    yield note(`approval_text of ${name}`, unclear);
}

/** Describes the webhook for Flow reviews. Only a review shows whether CrewAI has the webhook and the right secret. */
function describeFlowWebhook({ name, callbackHosts }: CrewSettings, publicUrl: string | undefined): Result {
  const about = `Flow reviews of ${name}`;
  const hosts = callbackHosts.join(', ');
  if (publicUrl === undefined)
    return note(about, 'PUBLIC_URL is not set, so CrewAI has no URL to send them to');
  const url = `${publicUrl.replace(/\/+$/, '')}/webhooks/${name}/flow`;
  const webhook = `in CrewAI AMP, Settings → Human in the Loop → Webhooks must name ${url}; answers go to ${hosts}`;
  return ok(about, webhook);
}

/** Checks the URL and the token of a deployed crew with a request for its inputs. Returns the inputs if the crew names them. */
export async function checkDeployment(
  name: string,
  deployment: Deployment,
): Promise<Result & { inputs?: string[] }> {
  const about = `crew ${name}`;
  const { host } = new URL(deployment.baseUrl);
  const answer = await callApi({ method: 'get', ...locateApi(deployment, '/inputs'), timeout: TIMEOUT });
  if ('code' in answer)
    return failed(about, `${host} does not answer (${answer.code})`, `${CHECK_URL} and the network`);
  const { status } = answer;
  const inputs = readCrewInputs(answer)?.names;
  if (inputs) {
    const names = inputs.join(', ').slice(0, 200) || 'none';
    return { ...ok(about, `${host} accepts the token. Inputs: ${names}`), inputs };
  }
  const fault = describeFault(about, host, status);
  if (fault) return fault;
  if (status >= 300 && status < 400)
    return failed(about, `${host} redirects (${status})`, "Set the crew's own URL, without a login page");
  const says = `${host} answers /inputs with ${status}, unlike a deployed crew`;
  return failed(about, says, CHECK_URL);
}

/** Explains a status that means the same for every request to a crew; undefined: any other status. */
function describeFault(about: string, host: string, status: number): Result | undefined {
  if (status === 401 || status === 403)
    return failed(about, `${host} rejects its bearer token (${status})`, 'Copy it again from CrewAI AMP');
  if (status === 429 || status >= 500)
    return note(about, `${host} answers ${status} now`, 'Decisions wait until it works again');
  return undefined;
}

function compareInputs(
  name: string,
  inputs: readonly string[],
  inputSettings: CrewSettings['inputs'],
): Result {
  const unknown = Object.keys(inputSettings).filter((input) => !inputs.includes(input));
  if (unknown.length === 0) return ok(`inputs of ${name}`, 'are as the settings name them');
  const says = `the settings name ${unknown.join(', ')}, but the crew only has ${inputs.join(', ')}`;
  return failed(`inputs of ${name}`, says);
}

/**
 * Finds the dialect of a crew with an empty POST /resume, which both dialects reject. A crew that the settings declare as a Flow
 * has no /resume.
 */
export async function checkDialect(
  name: string,
  deployment: Deployment,
  { resumeFormat, isFlow }: Pick<CrewSettings, 'resumeFormat' | 'isFlow'>,
): Promise<Result & { dialect?: Dialect }> {
  const about = `dialect of ${name}`;
  const { host } = new URL(deployment.baseUrl);
  const api = locateApi(deployment, '/resume');
  const answer = await callApi({ method: 'post', ...api, data: {}, timeout: TIMEOUT });
  if ('code' in answer)
    return note(about, `not known yet: ${host} did not answer an empty /resume (${answer.code})`);
  const { status, body } = answer;
  const json = parseObject(body);
  const fault = describeFault(about, host, status);
  if (fault) return fault;
  if (status === 404)
    return isFlow
      ? ok(about, `${host} is a Flow deployment`)
      : failed(about, `${host} has no /resume (404), so it is a Flow deployment`);
  if (status < 300 || !json)
    return failed(about, `${host} answers an empty /resume with ${status} and not as CrewAI does`, CHECK_URL);
  const dialect = readDialectOfRefusal(status, json);
  if (dialect === 'unknown')
    return note(about, `not known yet: ${host} answers an empty /resume with ${status}`);
  const set = resumeFormat === 'camelcase' ? 'live' : resumeFormat;
  if (set === 'auto' || set === dialect)
    return { ...ok(about, `${host} speaks the ${dialect} dialect`), dialect };
  const says = `${host} speaks ${dialect}, but resume_format is ${resumeFormat}`;
  return { ...failed(about, says, 'Set it to auto'), dialect };
}

function readDialectOfRefusal(status: number, json: Record<string, unknown>): Dialect {
  const requested = findRequestedDialect(status, json);
  if (requested) return requested;
  if (readValidationItems(json)) return 'live';
  return typeof json.error === 'string' && typeof json.message === 'string' ? 'documented' : 'unknown';
}
