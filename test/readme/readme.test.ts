import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { SettingsError } from '../../src/settings/settings.ts';
import { CREW_SETTINGS } from '../../src/settings/table.ts';
import { startBot, startWorld } from '../support/world.ts';

const MAX_LINES = 110;
const DOCUMENTS = [
  ...['README.md', 'SECURITY.md', 'CHANGELOG.md', '.github/CONTRIBUTING.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    name.endsWith('.md') ? [`docs/${name}`] : [],
  ),
];

const read = (file: string) => readFileSync(file, 'utf8');
const packageJson = JSON.parse(read('package.json'));

/** The part of a document below a heading, without the heading. */
function section(file: string, heading: string): string {
  const part = read(file)
    .split(/^(?=## )/m)
    .find((text) => text.startsWith(`## ${heading}\n`));
  if (part === undefined) throw new Error(`${file} has no heading "${heading}"`);
  return part;
}

/** The names in backticks in the first column of a part's tables. */
function firstColumn(text: string): string[] {
  const cells = [...text.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** The anchors that GitHub gives to the headings of a document. */
function anchors(file: string): string[] {
  const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

/** Whether a file or folder exists, or one whose name begins like a path that ends with `*`. */
function isThere(path: string): boolean {
  if (!path.endsWith('*')) return existsSync(path);
  const beginning = basename(path).slice(0, -1);
  return readdirSync(dirname(path)).some((name) => name.startsWith(beginning));
}

describe('the README', () => {
  test('opens with the two commands after one paragraph', () => {
    const [title, paragraph, commands] = read('README.md').split('\n\n');
    expect(title).toBe('# crew-approvals');
    expect(paragraph).toMatch(/^crew-approvals is /);
    expect(commands).toMatch(/^```sh\nnpm ci && npm run demo .*\nnpm ci && npm test .*\n```$/);
  });

  test(`has at most ${MAX_LINES} lines`, () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  test('names the required version of Node, and what is skipped without servers and a browser', () => {
    const [, required = ''] = /^>=(\d+\.\d+)$/.exec(packageJson.engines.node) ?? [];
    expect(read('README.md')).toContain(`${required} or newer`);
    expect(read('README.md').replace(/\s+/g, ' ')).toContain(
      'need Redis, Postgres, Chromium, Python, promtool or the `crewai` package are skipped',
    );
  });

  test('leads to the list of the documents, which links to every one', () => {
    expect(read('README.md')).toContain('](docs/README.md)');
    for (const file of DOCUMENTS.filter((name) => name !== 'docs/README.md'))
      expect(read('docs/README.md')).toContain(`](${relative('docs', file)})`);
  });
});

describe('the documents', () => {
  test.each(DOCUMENTS)('%s links to files and headings that exist', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    for (const [link, path = '', anchor] of links) {
      const target = path === '' ? file : join(dirname(file), path);
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(anchors(target), link).toContain(anchor);
    }
  });

  test.each(DOCUMENTS)('%s names files and npm scripts that exist', (file) => {
    for (const [, path = ''] of read(file).matchAll(/`((?:src|test|docs)\/[\w./*-]+)`/g))
      expect(isThere(path), path).toBe(true);
    for (const [, name] of read(file).matchAll(/npm run (?:--silent )?([\w-]+)/g))
      expect(Object.keys(packageJson.scripts)).toContain(name);
  });

  test('docs/configuration.md names the settings of a crew that no crew of a file inherits, and no other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const CREWS_FILE = join(folder, 'crews.yml');
    const environment = { CREWS_FILE, SLACK_BOT_TOKEN: 'xoxb-token', SLACK_APP_TOKEN: 'xapp-token' };
    const crew = {
      base_url: 'https://crew.example.com',
      bearer_token: 'token',
      webhook_secret: 'a-secret-of-the-file',
      channel: '#of-the-file',
    };
    /** The crew, without what this field of the file sets, as it is with this environment. */
    const load = (field: string, more: Record<string, string>) => {
      const { [field]: _, ...own } = crew as Record<string, string>;
      writeFileSync(CREWS_FILE, JSON.stringify({ crews: { press: own } }));
      try {
        return loadSettings({ ...environment, ...more }).crews[0];
      } catch (error) {
        if (error instanceof SettingsError) return 'incomplete';
        throw error;
      }
    };
    const samples: Record<string, string> = {
      APPROVALS_REQUIRED: '2',
      ROUNDS: 'thread',
      ON_EXPIRY: 'refuse',
      TASKS: '[{match: other}]',
      INPUTS: '{topic: {}}',
      CREW_WEBHOOK_URLS: '{step: own}',
      LOOK_UPS: 'everyone',
      RETENTION: '3 days',
      WEBHOOKS_PER_SECOND: '7',
      RESUME_FORMAT: 'camelcase',
      CALLBACK_HOSTS: 'flows.example.com',
      CREWAI_BASE_URL: 'https://other.example.com',
    };
    const others = CREW_SETTINGS.filter(({ variable, field, schema }) => {
      const isFlag = schema.safeParse('true').data === true;
      const isList = /^(approvers|starters|notify|escalate_to)$/.test(field);
      const general = isFlag ? 'true' : isList ? 'UANA' : 'a-text-of-the-environment';
      const kind = /_(AFTER|WINDOW)$/.test(variable)
        ? '7 min'
        : /CHANNELS?$/.test(variable)
          ? '#other'
          : general;
      const value = samples[variable] ?? kind;
      return isDeepStrictEqual(load(field, {}), load(field, { [variable]: value }));
    });
    const [, named = ''] =
      /Only\s+([\s\S]*?) have no effect there/.exec(section('docs/configuration.md', 'Several crews')) ?? [];
    expect([...named.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([
      ...others.map(({ variable }) => variable),
      'CREW_NAME',
    ]);
  });

  test('docs/in-slack.md and docs/operations.md name the sizes of an output on a card', () => {
    const source = read('src/slack/views/output/output-blocks.ts');
    const readSize = (name: string) =>
      Number(new RegExp(`const ${name} = ([\\d_]+);`).exec(source)?.[1]?.replaceAll('_', ''));
    const write = (size: number) => `${size.toLocaleString('en')} characters`;
    const whole = write(readSize('WHOLE_MAX'));
    const row = section('docs/operations.md', 'Sizes and limits')
      .split('\n')
      .find((line) => line.startsWith('| output on a card |'));
    expect(row).toContain(write(readSize('CARD_MAX')));
    expect(row).toContain(whole);
    expect(read('docs/in-slack.md')).toContain(whole);
  });

  test('docs/operations.md describes every metric of the bot, and no other', async () => {
    const bot = await startBot(await startWorld());
    const metrics = await (await fetch(`${bot.url}/metrics`)).text();
    const served = [...metrics.matchAll(/^# TYPE (crew_approvals_\w+) /gm)].map(([, name]) => name);
    const described = firstColumn(section('docs/operations.md', 'Health checks and metrics'));
    const ours = described.filter((name) => name.startsWith('crew_approvals_'));
    expect(ours.toSorted()).toEqual(served.toSorted());
  });
});
