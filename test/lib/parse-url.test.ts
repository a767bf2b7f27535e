import { expect, test } from 'vitest';
import { isWebhookUrl, writeAscii } from '../../src/approval/model/crew/webhook-urls.ts';
import { parseUrl } from '../../src/lib/parse-url.ts';

test('a URL with letters beyond ASCII is one, however often it was looked at', () => {
  const url = 'https://Bücher.EXAMPLE:8443/A%2f';
  let count = 0;
  for (let at = 0; at < 20_000; at += 1) if (parseUrl(url) && isWebhookUrl(url)) count += 1;
  expect(count).toBe(20_000);
  expect(writeAscii(url)).toBe('https://xn--bcher-kva.example:8443/A%2f');
  expect(parseUrl('no URL')).toBeUndefined();
});
