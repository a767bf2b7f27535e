import type { Deployment } from '../approval/model/crew/endpoint.ts';
import type { Meter } from '../approval/ports.ts';
import { callHttp, type HttpAnswer } from '../lib/call-http.ts';

const LARGEST_ANSWER = 256 * 1024;

interface ApiCall {
  method: 'get' | 'post';
  url: string;
  /** Bearer token; absent: the URL carries its own secret. */
  token?: string;
  data?: object;
  /** In milliseconds. */
  timeout: number;
}

/** Returns the URL of a path in a deployed crew's API, and its token. */
export function locateApi({ baseUrl, bearerToken: token }: Deployment, path: string) {
  return { url: `${baseUrl.replace(/\/+$/, '')}${path}`, token };
}

/**
 * Sends a request to CrewAI. Resolves with the response of any status, or with a code such as ECONNREFUSED. Never rejects.
 * Serializes the body here, since axios drops members named `constructor`, `prototype` and `__proto__`.
 */
export function callApi({ token, data, ...request }: ApiCall): Promise<HttpAnswer | { code: string }> {
  return callHttp({
    ...request,
    ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
    },
    largestAnswer: LARGEST_ANSWER,
  });
}

/** Calls the API of a configured crew, and counts the call. */
export async function callCrew(
  crew: string,
  api: ApiCall,
  countCall: Meter['crewAICalled'],
): ReturnType<typeof callApi> {
  const answer = await callApi(api);
  countCall(crew, 'code' in answer || answer.status >= 500 ? 'no_answer' : 'answered');
  return answer;
}
