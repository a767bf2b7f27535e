import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { resolveCrewUrls } from '../../../src/approval/model/crew/urls-to-send.ts';
import {
  isWebhookUrl,
  type WebhookUrls,
  webhookKinds,
} from '../../../src/approval/model/crew/webhook-urls.ts';
import type { RunRecord } from '../../../src/approval/model/run/run-record.ts';

const ORDER = ['registered', 'meta', 'settings', 'bot'] as const;

function resolve({ registered, meta, settings, bot }: Record<(typeof ORDER)[number], WebhookUrls>) {
  const crew = { webhookUrls: settings, ownUrls: bot } as Crew;
  return resolveCrewUrls(crew, { registeredUrls: registered, metaUrls: meta } as RunRecord);
}

test('takes each URL of a run from its registration, else its meta, the settings or the bot', () => {
  const urls = fc.record(
    {
      task: fc.constantFrom('', 'https://a/t'),
      step: fc.constant('https://a/s'),
      crew: fc.constant('https://a/c'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.record({ registered: urls, meta: urls, settings: urls, bot: urls }), (drawn) => {
      const sources = Object.fromEntries(
        ORDER.map((origin) => [
          origin,
          Object.fromEntries(
            Object.entries(drawn[origin]).map(([kind, url]) => [kind, url && `${url}?from=${origin}`]),
          ),
        ]),
      ) as unknown as Record<(typeof ORDER)[number], WebhookUrls>;
      const resolved = resolve(sources);
      for (const kind of webhookKinds) {
        const from = ORDER.find((origin) => sources[origin][kind]);
        expect(resolved[kind]).toEqual(from && { url: sources[from][kind], from });
      }
    }),
  );
});

test('leaves out a URL that has no source', () => {
  const resolved = resolve({ registered: {}, meta: {}, settings: { crew: 'https://x/c' }, bot: {} });
  expect(resolved).toEqual({ crew: { url: 'https://x/c', from: 'settings' } });
  expect(Object.keys(resolved)).toEqual(['crew']);
});

test.each([
  'http://localhost:8080/x',
  'https://crew.example/hooks?token=a%20b',
  'HTTPS://EXAMPLE.com',
  `https://e.example/${'a'.repeat(1_982)}`,
])('accepts the webhook URL %s', (url) => {
  expect(isWebhookUrl(url)).toBe(true);
});

test.each([
  '',
  'example.com/hook',
  '/relative',
  'ftp://example.com',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/plain,x',
  'https://',
  `https://e.example/${'a'.repeat(1_983)}`,
  undefined,
  null,
  42,
  { url: 'https://example.com' },
])('rejects the webhook URL %s', (url) => {
  expect(isWebhookUrl(url)).toBe(false);
});

test('accepts only http and https', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.webUrl({ validSchemes: ['http', 'https', 'ftp', 'ws'] }), fc.string()),
      (text) => {
        if (isWebhookUrl(text)) expect(['http:', 'https:']).toContain(new URL(text).protocol);
      },
    ),
  );
});
