import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeIf } from '../support/describe-if.ts';
import { startBot, startWorld } from '../support/world.ts';

const FOLDER = 'docs/monitoring';
const read = (name: string) => readFileSync(`${FOLDER}/${name}`, 'utf8');

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}
interface RuleTest {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}
interface Panel {
  id: number;
  type: string;
  title: string;
  datasource?: { type: string; uid: string };
  targets?: { expr: string; datasource: { type: string; uid: string } }[];
}

const groups = parse(read('alerts.yml')).groups as { rules: Rule[] }[];
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('dashboard.json'));
const panels = dashboard.panels as Panel[];
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr })));

const promtool = (args: string[], input = '') => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: FOLDER, encoding: 'utf8', input });
  return { status, output: stdout + stderr };
};
/** What a bot exports once it has started. */
const scrapeBot = async () => (await fetch(`${(await startBot(await startWorld())).url}/metrics`)).text();
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describeIf(hasPromtool, 'The rules of docs/monitoring were not checked: promtool is missing.')(
  'promtool',
  () => {
    test.each([
      ['accepts the alerting rules', ['check', 'rules', '--lint-fatal', 'alerts.yml']],
      ['accepts the example of a configuration', ['check', 'config', '--lint-fatal', 'prometheus.yml']],
      [
        'finds that each alert fires once and is quiet when it should be',
        ['test', 'rules', 'alerts.test.yml'],
      ],
    ])('%s', (_, args) => {
      const { status, output } = promtool(args);
      expect(status, output).toBe(0);
      expect(output).toContain('SUCCESS');
    });

    test('can read the metrics of a bot, and finds their names and types right', async () => {
      const own = (await scrapeBot()).match(/^.*\bcrew_approvals_.*\n/gm) ?? [];
      expect(own.length).toBeGreaterThan(100);
      expect(promtool(['check', 'metrics'], own.join(''))).toEqual({ status: 0, output: '' });
    });
  },
);

describe('the alerts', () => {
  test.each(rules.map(({ alert }) => alert))(
    '%s has tests in which it fires and in which it is quiet',
    (alert) => {
      const { tests } = parse(read('alerts.test.yml')) as { tests: RuleTest[] };
      const own = tests.flatMap((one) => one.alert_rule_test).filter(({ alertname }) => alertname === alert);
      expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
      expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
    },
  );

  test('have a section each in the README that their annotation names, and no section has no alert', () => {
    const [, alerts = ''] = read('README.md').split('\n## Alerts\n');
    const sections = [...alerts.matchAll(/^### (\w+)\n\n(\S.*)/gm)].map(([, heading]) => heading);
    expect(sections).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`README.md#${alert.toLowerCase()}`);
  });
});

test('the dashboard can be imported: every panel uses the data source that is selected at its top', () => {
  const variables = dashboard.templating.list as { name: string; type: string }[];
  expect(variables.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['crew', 'query'],
  ]);
  expect(dashboard).toMatchObject({ uid: 'crew-approvals', title: 'crew-approvals' });
  expect(dashboard.id).toBeUndefined();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const shown = panels.filter(({ type }) => type !== 'row');
  expect(shown.length).toBeGreaterThan(20);
  for (const { title, datasource, targets = [] } of shown) {
    expect(targets, title).not.toEqual([]);
    for (const source of [datasource, ...targets.map((target) => target.datasource)])
      expect(source, title).toEqual({ type: 'prometheus', uid: `\${datasource}` });
  }
});

describe('what the alerts and the dashboard ask for', () => {
  /** Labels that Prometheus adds. */
  const ADDED = ['job', 'instance'];
  const METRIC = /\b((?:crew_approvals|process|nodejs)_\w+)(?:\{(.*?)\})?/g;
  const MATCHER = /(\w+)(=~|=|!=)"(.*?)"/g;
  const asked = [...rules.map(({ alert, expr }) => ({ of: alert, expr })), ...queries];

  /** The labels of each series that a bot exports, by metric. */
  async function exported(): Promise<Map<string, Record<string, string>[]>> {
    const text = await scrapeBot();
    const found = new Map<string, Record<string, string>[]>();
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
      const read = [...labels.matchAll(/(\w+)="(.*?)"/g)].map(([, label = '', value = '']) => [label, value]);
      found.set(name, [...(found.get(name) ?? []), Object.fromEntries(read)]);
    }
    return found;
  }

  test('is exported from the start by a bot, with these labels and values', async () => {
    const found = await exported();
    for (const { of, expr } of asked) {
      const metrics = [...expr.matchAll(METRIC)];
      if (!expr.includes('up{job=')) expect(metrics, of).not.toEqual([]);
      const labels = new Set(ADDED);
      for (const [, name = '', selector = ''] of metrics) {
        const all = found.get(name) ?? [];
        expect(all, `${of}: ${name}`).not.toEqual([]);
        for (const label of Object.keys(all[0] ?? {})) labels.add(label);
        for (const [, label = '', operator, value = ''] of selector.matchAll(MATCHER)) {
          if (ADDED.includes(label)) continue;
          const values = all.flatMap((series) => series[label] ?? []);
          expect(values, `${of}: ${name}, ${label}`).not.toEqual([]);
          // Each alternative of a pattern has to be there, and what is left out too.
          const wanted = operator === '=~' ? value.split('|') : [value];
          for (const one of wanted.filter((text) => !text.startsWith('$')))
            expect(
              values.some((text) => new RegExp(`^(?:${one})$`).test(text)),
              `${of}: ${name}, ${label} ${one}`,
            ).toBe(true);
        }
      }
      for (const [, names = ''] of expr.matchAll(/\bby \((.*?)\)/g))
        for (const label of names.split(', ')) expect([...labels], of).toContain(label);
    }
  });

  test('includes every metric of the bot', async () => {
    const all = asked.map(({ expr }) => expr).join('\n');
    for (const name of (await exported()).keys())
      if (name.startsWith('crew_approvals_'))
        expect(all).toContain(name.replace(/_(?:bucket|sum|count)$/, ''));
  });

  test('is a figure of the store only as the maximum of the replicas', () => {
    for (const { of, expr } of asked)
      for (const [before] of expr.matchAll(
        /.{0,40}crew_approvals_(?:oldest_)?(?:open|sending)(?:_seconds)?\b/g,
      ))
        expect(before, of).toMatch(/\bmax(?: by \((?:crew|crew, state)\) )?\(crew_approvals/);
  });
});
