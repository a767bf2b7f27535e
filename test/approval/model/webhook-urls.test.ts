import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { resolveCrewUrls } from '../../../src/approval/model/crew/urls-to-send.ts';
import {
  isWebhookUrl,
  type WebhookUrls,
  webhookKinds,
} from '../../../src/approval/model/crew/webhook-urls.ts';
import { RECORD_VERSION } from '../../../src/approval/model/record-version.ts';
import type { Execution } from '../../../src/approval/model/run/execution.ts';

const ORDER = ['registered', 'meta', 'settings', 'bot'] as const;

function resolve({ registered, meta, settings, bot }: Record<(typeof ORDER)[number], WebhookUrls>) {
  const crew = { webhookUrls: settings, ownUrls: bot } as Crew;
  return resolveCrewUrls(crew, { registeredUrls: registered, metaUrls: meta } as Execution);
}

test('each URL is taken from the first place that knows it, whatever the other URLs are', () => {
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

test('a URL that nobody knows is left out', () => {
  const resolved = resolve({ registered: {}, meta: {}, settings: { crew: 'https://x/c' }, bot: {} });
  expect(resolved).toEqual({ crew: { url: 'https://x/c', from: 'settings' } });
  expect(Object.keys(resolved)).toEqual(['crew']);
});

test("a run's URLs come from its registration, its meta, the crew's settings and the bot, field by field", () => {
  const crew: Crew = {
    name: 'press',
    channel: 'C',
    channels: ['C'],
    approvers: [],
    webhookUrls: { step: 'https://settings/s', crew: 'https://settings/c' },
    ownUrls: { task: 'https://bot/t', crew: 'https://bot/c' },
    approvalText: 'Approved',
    revisionText: 'Revise this:',
    lookUps: 'members',
    approveTasks: [],
    excludeRequester: false,
    allowGuests: true,
    policy: DEFAULT_POLICY,
    tasks: [],

    resumeFormat: 'documented',
  };
  const execution: Execution = {
    v: RECORD_VERSION,
    crew: 'press',
    executionId: 'e',
    metaUrls: { crew: 'https://meta/c', step: 'https://meta/s' },
    registeredUrls: { crew: 'https://registered/c' },
    approvals: [],
    humanInput: false,
    hasResult: false,
    warnings: [],
  };
  expect(resolveCrewUrls(crew, execution)).toEqual({
    task: { url: 'https://bot/t', from: 'bot' },
    step: { url: 'https://meta/s', from: 'meta' },
    crew: { url: 'https://registered/c', from: 'registered' },
  });
});

test.each([
  'http://localhost:8080/x',
  'https://crew.example/hooks?token=a%20b',
  'HTTPS://EXAMPLE.com',
  `https://e.example/${'a'.repeat(1_982)}`,
])('CrewAI could call %s', (url) => {
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
])('CrewAI could not call %s', (url) => {
  expect(isWebhookUrl(url)).toBe(false);
});

test('whatever is taken for a webhook URL is http or https', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.webUrl({ validSchemes: ['http', 'https', 'ftp', 'ws'] }), fc.string()),
      (text) => {
        if (isWebhookUrl(text)) expect(['http:', 'https:']).toContain(new URL(text).protocol);
      },
    ),
  );
});
