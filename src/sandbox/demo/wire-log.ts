import type { RequestRecord } from '../crewai/server/recorded-app.ts';
import type { WebhookRecord } from '../crewai/webhooks.ts';
import { pretty } from '../page/html/wire-html.ts';
import type { WireEntry } from '../page/scene.ts';
import { MASKED_SIGNATURE, masked, maskedAuthorization } from './mask.ts';

const SHOWN_ENTRIES = 40;

export type WireLog = ReturnType<typeof createWireLog>;

/** A deployment on CrewAI that talks with the bot. */
export interface WireSource {
  baseUrl: string;
  requests: readonly RequestRecord[];
  webhooks: readonly WebhookRecord[];
  redeliver(index: number): Promise<unknown>;
}

/** A request or webhook. `entry` builds its view only when it is shown. */
interface LoggedEntry {
  id: string;
  at: number;
  entry: () => WireEntry;
}

/** Creates the log of requests between CrewAI and the bot, newest first. The id of an entry begins with its source. */
export function createWireLog(sources: Readonly<Record<string, WireSource>>) {
  const listAll = (): LoggedEntry[] =>
    Object.entries(sources)
      .flatMap(([name, source]) => listEntries(name, source))
      .sort((first, second) => second.at - first.at);

  return {
    /** Sends a webhook again for a visitor: CrewAI sends each webhook only once, even if no bot received it. */
    async sendAgain(id: string): Promise<void> {
      const [name = '', , index] = id.split('-');
      await sources[name]?.redeliver(Number(index));
    },
    latest: () =>
      listAll()
        .slice(0, SHOWN_ENTRIES)
        .map(({ entry }) => entry()),
    /** Returns an entry as text, in full; undefined if the id is unknown. */
    text(id: string): string | undefined {
      const entry = listAll()
        .find((logged) => logged.id === id)
        ?.entry();
      if (!entry) return undefined;
      const { method, url, headers, body, status, answer, fate } = entry;
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const outcome = fate ?? String(status ?? '');
      return `${method} ${url}\n${lines.join('\n')}\n\n${pretty(body)}\n\n${outcome}\n\n${pretty(answer)}\n`;
    },
  };
}

function listEntries(name: string, { baseUrl, requests, webhooks }: WireSource): LoggedEntry[] {
  return [
    ...requests.map((record, index) => {
      const id = `${name}-request-${index}`;
      return { id, at: record.at, entry: () => buildRequestEntry(record, id, baseUrl) };
    }),
    ...webhooks.map((record, index) => {
      const id = `${name}-webhook-${index}`;
      return { id, at: record.at, entry: () => buildWebhookEntry(record, id) };
    }),
  ];
}

function buildRequestEntry(record: RequestRecord, id: string, baseUrl: string): WireEntry {
  const { method, path, url, headers, body, at, status, answer, fate } = record;
  const shownFate = fate === 'answer lost' ? 'answer lost' : fate === 'answered' ? undefined : 'no answer';
  return {
    id,
    at,
    from: path === '/kickoff' ? 'you' : 'bot',
    method,
    url: String(masked(baseUrl + url)),
    headers: {
      ...(headers.authorization && { authorization: maskedAuthorization(headers.authorization) }),
      ...(headers['content-type'] && { 'content-type': headers['content-type'] }),
    },
    body: masked(body),
    status,
    answer: masked(answer),
    fate: shownFate,
  };
}

function buildWebhookEntry(record: WebhookRecord, id: string): WireEntry {
  const { kind, url, body, at, status, answer, error, strategy } = record;
  return {
    id,
    at,
    from: 'CrewAI',
    method: 'POST',
    url: String(masked(url)),
    headers: {
      ...(strategy && { authorization: maskedAuthorization(strategy === 'bearer' ? 'Bearer' : 'Basic') }),
      ...(kind === 'review' && { 'x-crewai-signature': MASKED_SIGNATURE }),
      'content-type': 'application/json',
    },
    body: masked(body),
    status,
    answer: answer && masked(parseAnswer(answer)),
    fate: error,
  };
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
