import type { RequestRecord } from '../crewai/http.ts';
import type { Platform } from '../crewai/platform.ts';
import type { WebhookRecord } from '../crewai/webhooks.ts';
import { pretty } from '../page/html/wire-html.ts';
import type { WireEntry } from '../page/scene.ts';
import { masked, maskedAuthorization } from './mask.ts';

const SHOWN = 40;

export type WireLog = ReturnType<typeof createWireLog>;

/** What goes over the wire between CrewAI and the bot, the latest first. */
export function createWireLog(platform: Platform) {
  /** What is drawn of each is made when it is looked at. */
  function all(): { id: string; at: number; entry: () => WireEntry }[] {
    const requests = platform.requests.map((record, index) => {
      const id = `request-${index}`;
      return { id, at: record.at, entry: () => ofRequest(record, id, platform.baseUrl) };
    });
    const webhooks = platform.webhooks.map((record, index) => {
      const id = `webhook-${index}`;
      return { id, at: record.at, entry: () => ofWebhook(record, id) };
    });
    return [...requests, ...webhooks].sort((one, two) => two.at - one.at);
  }

  return {
    /** CrewAI sends a webhook once; a visitor can send one again that found nobody. */
    async sendAgain(id: string): Promise<void> {
      await platform.redeliver(Number(id.replace('webhook-', '')));
    },
    latest: () =>
      all()
        .slice(0, SHOWN)
        .map(({ entry }) => entry()),
    /** One of them as text, in full. */
    text(id: string): string | undefined {
      const entry = all()
        .find((other) => other.id === id)
        ?.entry();
      if (!entry) return undefined;
      const { method, url, headers, body, status, answer, fate } = entry;
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const outcome = fate ?? String(status ?? '');
      return `${method} ${url}\n${lines.join('\n')}\n\n${pretty(body)}\n\n${outcome}\n\n${pretty(answer)}\n`;
    },
  };
}

function ofRequest(record: RequestRecord, id: string, baseUrl: string): WireEntry {
  const { method, path, headers, body, at, status, answer, fate } = record;
  const lost = fate === 'answer lost' ? 'answer lost' : fate === 'answered' ? undefined : 'no answer';
  return {
    id,
    at,
    from: path === '/kickoff' ? 'you' : 'bot',
    method,
    url: baseUrl + path,
    headers: {
      ...(headers.authorization && { authorization: maskedAuthorization(headers.authorization) }),
      ...(headers['content-type'] && { 'content-type': headers['content-type'] }),
    },
    body: masked(body),
    status,
    answer: masked(answer),
    fate: lost,
  };
}

function ofWebhook({ url, body, at, status, answer, error, strategy }: WebhookRecord, id: string): WireEntry {
  return {
    id,
    at,
    from: 'CrewAI',
    method: 'POST',
    url: String(masked(url)),
    headers: {
      ...(strategy && { authorization: maskedAuthorization(strategy === 'bearer' ? 'Bearer' : 'Basic') }),
      'content-type': 'application/json',
    },
    body: masked(body),
    status,
    answer: answer && masked(jsonOr(answer)),
    fate: error,
  };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
