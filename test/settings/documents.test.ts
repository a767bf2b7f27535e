import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { listQuestions } from '../../src/cli/init/questions.ts';
import {
  ALL_SETTINGS,
  BOT_SETTINGS,
  CREW_SETTINGS,
  describeSetting,
  getExample,
  RULE_SETTINGS,
  type Setting,
  SLACK_SETTINGS,
} from '../../src/settings/table.ts';

// `npx vitest run test/settings/documents.test.ts --update` writes both files.
const root = join(import.meta.dirname, '..', '..');
const ofBot = [...SLACK_SETTINGS, ...BOT_SETTINGS];
const isRule = ({ variable }: Setting) => RULE_SETTINGS.some((rule) => rule.variable === variable);
const isLater = ({ firstDay }: Setting) => !firstDay;
const ofCrew = CREW_SETTINGS.filter((setting) => !isRule(setting));
/** The tables of docs/configuration.md: each setting is in one. */
const TABLES: Readonly<Record<string, readonly Setting[]>> = {
  'first day': ALL_SETTINGS.filter((setting) => !isLater(setting)),
  bot: ofBot.filter(isLater),
  crew: ofCrew.filter(isLater),
  rules: CREW_SETTINGS.filter(isRule).filter(isLater),
};

function drawTable(settings: readonly Setting[]): string {
  const rows = settings.map((setting) => {
    const { variable, field, required, default: preset = '', doc: said, neededBy, needs = [] } = setting;
    const subject = neededBy === undefined ? 'It' : `\`${neededBy}\``;
    const sentences = [
      ...(needs.length > 0 ? [`${subject} needs ${writeNeeds(needs)}`] : []),
      ...(setting.notWith === undefined ? [] : [`${subject} has no effect with ${setting.notWith}`]),
    ].map((sentence) => sentence.replace(/[A-Z]{2}\w+(=\w+)?/g, '`$&`'));
    const doc = [said, ...sentences].join('. ');
    const text = typeof preset === 'object' && !Array.isArray(preset) ? '' : String(preset);
    const byDefault = required ? 'required' : text && `\`${text}\``;
    const inFile = CREW_SETTINGS.includes(setting) ? `\`${field}\`` : '';
    const cells = [`\`${variable}\``, inFile, byDefault, doc].map((cell) => (cell ? ` ${cell} ` : ' '));
    return `|${cells.join('|')}|`;
  });
  return ['| variable | in CREWS_FILE | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** `A or S` and `B or S` are "S, or A and B". */
function writeNeeds(needs: readonly string[]): string {
  const [first = [], ...others] = needs.map((need) => need.split(' or '));
  const shared = first.find((one) => others.length > 0 && others.every((need) => need.includes(one)));
  if (shared === undefined) return needs.join(', and ');
  return `${shared}, or ${needs.map((need) => need.replace(` or ${shared}`, '')).join(' and ')}`;
}

function writeExamples(title: string, settings: readonly Setting[]): string {
  const entries = settings.map((setting) => {
    const doc = describeSetting(setting);
    const value = getExample(setting);
    const quoted = /^[\w./:*,-]*$/.test(value) ? value : `"${value}"`;
    return `# ${doc.charAt(0).toUpperCase()}${doc.slice(1)}\n${setting.variable}=${quoted}\n`;
  });
  return `\n# === ${title} ===\n\n${entries.join('')}`;
}

test('the tables of docs/configuration.md are the table of settings', async () => {
  const written = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
  const drawn = new Set<string>();
  const expected = written.replace(/<!-- settings: (.+) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
    drawn.add(name);
    return `<!-- settings: ${name} -->\n\n${drawTable(TABLES[name] ?? [])}\n\n<!-- end -->`;
  });
  expect([...drawn]).toEqual(Object.keys(TABLES));
  await expect(expected).toMatchFileSnapshot(join(root, 'docs/configuration.md'));
});

test('.env.example is the table of settings', async () => {
  const text = [
    '# docs/configuration.md describes every setting. An empty setting counts as not set. Commas separate the entries of a list.\n',
    writeExamples('The first day', TABLES['first day'] ?? []),
    writeExamples('The bot', ofBot.filter(isLater)),
    writeExamples('The crew (with CREWS_FILE: the defaults of its crews)', CREW_SETTINGS.filter(isLater)),
  ].join('');
  await expect(text).toMatchFileSnapshot(join(root, '.env.example'));
});

test('every setting is in one table', () => {
  const all = Object.values(TABLES).flat();
  expect(all.map(({ variable }) => variable).toSorted()).toEqual(
    ALL_SETTINGS.map(({ variable }) => variable).toSorted(),
  );
});

test('init asks for settings of the first day only', () => {
  const firstDay = ALL_SETTINGS.filter(({ firstDay }) => firstDay).map(({ variable }) => variable);
  for (const { setting } of listQuestions('', '')) expect(firstDay).toContain(setting);
});

test('crews.example.yml has only fields of a crew', () => {
  const { crews } = parse(readFileSync(join(root, 'crews.example.yml'), 'utf8'));
  const fields = CREW_SETTINGS.map(({ field }) => field);
  for (const crew of Object.values<object>(crews))
    for (const field of Object.keys(crew)) expect(fields).toContain(field);
});
