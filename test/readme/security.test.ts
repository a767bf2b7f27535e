import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const text = readFileSync('SECURITY.md', 'utf8');
const rows = [...text.matchAll(/^\| (?!claim \||-)(.+?) \| (.*) \|$/gm)];

/** The tests that a row names; several titles can follow a file. */
function readProofs(proof: string): { file: string; title: string }[] {
  let file = '';
  return proof.split(' · ').map((part) => {
    const [, named, title = ''] = /^(?:`(test\/[\w./-]+\.test\.ts)`: )?\*([^*]+)\*$/.exec(part) ?? [];
    file = named ?? file;
    return { file, title };
  });
}

const claims = rows.map(([, claim = '', proof = '']) => ({ claim, proofs: readProofs(proof) }));
const proofs = claims.flatMap(({ claim, proofs }) => proofs.map((proof) => ({ claim, ...proof })));

/** Whether a test of this title is written in the file: the title is a whole text, in any quotes. */
function hasTest(file: string, title: string): boolean {
  const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const escaped = title.replaceAll("'", "\\'");
  const texts = [`'${title}'`, `'${escaped}'`, `"${title}"`, `\`${title}\``];
  return texts.some((literal) => source.includes(literal));
}

test('every table of SECURITY.md has claims and their proofs, and there are some in each section', () => {
  const tables = text.match(/^\| claim \| proof \|\n\|---\|---\|\n/gm) ?? [];
  expect(text.match(/^\|---/gm)).toHaveLength(tables.length);
  expect(claims.length).toBeGreaterThan(tables.length);
  const [, attackers = ''] = text.split('\n## Who could approve what, and what prevents it\n');
  const [sections = ''] = attackers.split('\n## ');
  for (const section of sections.split('\n### ').slice(1)) expect(section).toContain('| claim | proof |');
});

test.each(proofs)('SECURITY.md names a test of $file that exists: $title', ({ claim, file, title }) => {
  expect(claim).not.toBe('');
  expect(title, `a proof of "${claim}" is not \`test/….test.ts\`: *title*`).not.toBe('');
  expect(hasTest(file, title), claim).toBe(true);
});

test('a proof whose file, or whose title, is another one is found missing', () => {
  const { file = '', title = '' } = proofs[0] ?? {};
  expect(hasTest(file, title)).toBe(true);
  expect(hasTest(file, title.slice(1))).toBe(false);
  expect(hasTest(file.replace('test/', 'test/no/'), title)).toBe(false);
});

test('the manifest requests no scope that reads messages', () => {
  const { oauth_config, settings } = parse(readFileSync('manifest.yml', 'utf8'));
  const scopes = Object.values(oauth_config.scopes).flat() as string[];
  expect(scopes).toContain('chat:write');
  expect(scopes.filter((scope) => /history|^search|^admin|:read$/.test(scope)).sort()).toEqual(
    // Names, members and groups; none of them reads a message.
    ['channels:read', 'groups:read', 'usergroups:read', 'users:read'],
  );
  expect(settings.event_subscriptions.bot_events).toEqual(['app_home_opened']);
});
