import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildSlackAppLink } from '../../../src/cli/init/questions.ts';

test('the link carries the whole manifest, and is short enough for browsers and proxies', () => {
  const manifest = readFileSync('manifest.yml', 'utf8');
  const link = new URL(buildSlackAppLink(manifest));
  expect(`${link.origin}${link.pathname}`).toBe('https://api.slack.com/apps');
  expect(link.searchParams.get('new_app')).toBe('1');
  expect(JSON.parse(link.searchParams.get('manifest_json') ?? '')).toEqual(parse(manifest));
  expect(link.href.length).toBeLessThan(4_000);
});
