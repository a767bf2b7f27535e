import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { SettingsError } from '../../src/settings/settings.ts';
import { ALL_SETTINGS } from '../../src/settings/table.ts';
import { readInstructions } from '../support/replay-dockerfile.ts';
import { startBot, startWorld } from '../support/world.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own fields
  [field: string]: any;
}

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];
const PLACEHOLDERS = ALL_SETTINGS.filter(({ placeholder }) => placeholder).map(({ variable }) => variable);
const documents = parseAllDocuments(readFileSync('docs/deploy/kubernetes.yml', 'utf8'));
const manifests = documents.map((document) => document.toJS() as Manifest);
const find = (kind: string) => manifests.find((manifest) => manifest.kind === kind) as Manifest;
const [secret, deployment, service] = [find('Secret'), find('Deployment'), find('Service')];
const pod = deployment.spec.template;
const [container] = pod.spec.containers;
const instructions = readInstructions(readFileSync('Dockerfile', 'utf8'));
const inImage = (name: string) => instructions.findLast((one) => one.name === name)?.value;
const environment: Record<string, string> = { ...secret.stringData };
for (const { name, value } of container.env) environment[name] = value;

describe('docs/deploy/kubernetes.yml', () => {
  test('is valid YAML with one resource of each kind, all with the name of the app', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 Secret',
      'apps/v1 Deployment',
      'policy/v1 PodDisruptionBudget',
      'v1 Service',
      'networking.k8s.io/v1 Ingress',
    ]);
    expect(new Set(manifests.map(({ metadata }) => metadata.name))).toEqual(new Set(['crew-approvals']));
  });

  test('has only settings of the bot, with which it would start once its placeholders are replaced', () => {
    const variables = ALL_SETTINGS.map(({ variable }) => variable);
    for (const name of Object.keys(environment)) expect(variables).toContain(name);
    const replaced = PLACEHOLDERS.map((name) => [name, environment[name]?.replace('your', 'our')]);
    const settings = { ...environment, ...Object.fromEntries(replaced), WEBHOOK_SECRET: 'a-secret-of-ours' };
    const config = loadSettings(settings);
    expect(config).toMatchObject({ port: 3000, ineffective: [] });
    expect(config.storeUrl).toMatch(/^postgres:/);
  });

  test('has the placeholders of .env.example, with which the bot does not start', () => {
    const example = parseEnv(readFileSync('.env.example', 'utf8'));
    for (const name of PLACEHOLDERS) expect(environment[name], name).toBe(example[name]);
    expect(() => loadSettings(environment)).toThrow(SettingsError);
  });

  test('connects the ports: image, container, service, ingress and probes', () => {
    expect(environment.PORT).toBe(inImage('EXPOSE'));
    expect(container.ports).toEqual([{ name: 'http', containerPort: Number(environment.PORT) }]);
    const [port] = service.spec.ports;
    expect(port.targetPort).toBe('http');
    for (const { backend } of find('Ingress').spec.rules[0].http.paths)
      expect(backend.service).toEqual({ name: service.metadata.name, port: { name: port.name } });
    for (const name of PROBES) expect(container[name].httpGet.port, name).toBe('http');
  });

  test('selects its pods everywhere, and takes the settings from its Secret', () => {
    const { labels } = pod.metadata;
    const selectors = [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      find('PodDisruptionBudget').spec.selector.matchLabels,
      pod.spec.topologySpreadConstraints[0].labelSelector.matchLabels,
    ];
    for (const selector of selectors) expect(selector).toEqual(labels);
    expect(container.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
  });

  test('runs two replicas of this version, as the user of the image and without privileges', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(container.image).toMatch(/^ghcr\.io\/[\w-]+\/crew-approvals:/);
    expect(container.image.split(':').at(-1)).toBe(version);
    expect(deployment.spec.replicas).toBe(2);
    const [runAsUser, runAsGroup] = inImage('USER')?.split(':').map(Number) ?? [];
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser, runAsGroup });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('waits before a stop with the program that the image has', () => {
    const [program] = JSON.parse(inImage('ENTRYPOINT') ?? '[]');
    expect(container.lifecycle.preStop.exec.command[0]).toBe(program);
  });

  test('probes a path that the bot answers, and lets only those through that SECURITY.md names, with a secret', async () => {
    const bot = await startBot(await startWorld());
    for (const name of PROBES) expect(container[name].httpGet.path, name).toBe('/healthz');
    expect((await axios.get(`${bot.url}/healthz`)).status).toBe(200);
    const security = readFileSync('SECURITY.md', 'utf8').replaceAll('\n', ' ');
    const [, named = ''] = /Only ([^.]+) have to be reachable/.exec(security) ?? [];
    const reachable = [...named.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
    const { host, http } = find('Ingress').spec.rules[0];
    const paths = (http.paths as { path: string; pathType: string }[]).map(({ path }) => path);
    expect([...paths, '/slack/events']).toEqual(reachable);
    expect(`https://${host}`).toBe(environment.PUBLIC_URL);
    const options = { validateStatus: () => true };
    expect(paths).toEqual(['/webhooks', '/crews']);
    const webhook = await axios.post(`${bot.url}/webhooks/press/task`, {}, options);
    const registration = await axios.put(`${bot.url}/crews/press/executions/run-1`, {}, options);
    expect([webhook.status, registration.status]).toEqual([401, 401]);
  });
});
