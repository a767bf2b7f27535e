import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtCheckout, runs, spawnDemo, startDemo } from '../support/demo.ts';
import { scaleLimit } from '../support/limits.ts';
import { share } from '../support/shared.ts';

async function gone(pid: number): Promise<void> {
  await expect.poll(() => runs(pid)).toBe(false);
}

const built = builtCheckout();

/** How many files and folders it has made when the signal comes; the last ones are made by its bot. */
const MADE = [0, 3, 5];

describe('the end of the demo', { timeout: scaleLimit(60_000) }, () => {
  test.each(['SIGINT', 'SIGHUP'] as const)('%s leaves no process and no file', async (signal) => {
    const demo = await startDemo(built());
    const pid = await demo.botPid();
    expect(demo.leftBehind()).toHaveLength(1);
    demo.signal(signal);
    expect(await demo.ended).toBe(0);
    expect(demo.leftBehind()).toEqual([]);
    await gone(pid);
  });

  test('Ctrl-C while it starts leaves no file, however many it has made by then', async () => {
    for (const made of MADE) {
      const demo = spawnDemo(built());
      const count = () => readdirSync(demo.temporary, { recursive: true }).length;
      await expect.poll(count, { interval: 1 }).toBeGreaterThanOrEqual(made);
      demo.signal('SIGINT');
      await demo.ended;
      expect(demo.leftBehind(), `after ${made} files and folders`).toEqual([]);
    }
  });

  test('a signal that reaches only npm and its shell ends it too', async () => {
    const demo = spawnDemo(built(), { npm_lifecycle_event: 'demo' }, { byShell: true });
    await demo.link;
    const pid = await demo.botPid();
    demo.signal('SIGTERM');
    await gone(pid);
    await expect.poll(demo.leftBehind).toEqual([]);
  });

  test('kill -9 of it ends its bot too; the next demo removes its folder, and leaves that of one that lives', async () => {
    const killed = await startDemo(built());
    const pid = await killed.botPid();
    const [left] = killed.leftBehind();
    const beside = { TMPDIR: killed.temporary };
    const living = await startDemo(built(), beside);
    const ofLiving = killed.leftBehind().find((name) => name !== left);
    killed.signal('SIGKILL');
    await killed.ended;
    await gone(pid);
    expect(killed.leftBehind().sort()).toEqual([left, ofLiving].sort());
    await startDemo(built(), beside);
    expect(killed.leftBehind()).toHaveLength(2);
    expect(killed.leftBehind()).not.toContain(left);
    expect(killed.leftBehind()).toContain(ofLiving);
    await living.botPid();
  });
});

describe('the port of the demo', { timeout: scaleLimit(60_000) }, () => {
  test('is the next one when it is taken, and the demo says so after its link', async () => {
    const folder = built();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => void taken.close(() => resolve())));
    const { port } = taken.address() as { port: number };
    const PORT = String(port);
    const [one, two] = [await startDemo(folder, { PORT }), await startDemo(folder, { PORT })];
    const ports = [one, two].map(({ url }) => Number(new URL(url).port));
    expect(ports[0]).toBeGreaterThan(port);
    expect(ports[1]).toBeGreaterThan(port);
    expect(ports[1]).not.toBe(ports[0]);
    expect(one.printed[1]).toBe(`Port ${port} is taken, so this is ${ports[0]}.`);
  });

  test('rejects an invalid PORT in one sentence', async () => {
    const demo = spawnDemo(built(), { PORT: 'http' });
    await expect(demo.link).rejects.toThrow('PORT must be a number from 0 to 65535.');
    expect(await demo.ended).toBe(1);
  });
});

describe('the language of the demo', { timeout: scaleLimit(60_000) }, () => {
  const labels = { es: 'Aprobar', 'pt-BR': 'Aprovar' };

  test('can be chosen before the bot is up and again meanwhile; what waits is drawn again in the last one', async () => {
    const { url, botPid } = await startDemo(built());
    const choose = (lang: string) => fetch(`${url}?lang=${lang}`, { redirect: 'manual' });
    const page = async () => (await fetch(url)).text();
    const seen = async (language: keyof typeof labels) => {
      await expect
        .poll(page, { timeout: scaleLimit(30_000) })
        .toMatch(new RegExp(`>${labels[language]}</button>`));
      expect(await page()).toContain(`<html lang="${language}">`);
    };
    const answers = await Promise.all(['es', 'en', 'es', 'xx'].map(choose));
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 302]);
    await seen('es');
    await choose('pt-BR');
    await seen('pt-BR');
    expect(await page()).not.toContain(`>${labels.es}</button>`);
    expect(runs(await botPid())).toBe(true);
  });
});

describe('programs that ask at the demo', { timeout: scaleLimit(60_000) }, () => {
  test('have a BOT_URL, and an ASK_SECRET for each crew for which a document asks', async () => {
    const demo = await startDemo(built());
    await demo.botPid();
    const documents = [
      ...['ask', 'questions', 'self-hosted', 'tools'].map((name) => `docs/${name}.md`),
      ...readdirSync('docs/clients').map((name) => `docs/clients/${name}`),
    ].map((path) => readFileSync(path, 'utf8'));
    const named = documents.flatMap((text) => [
      ...text.matchAll(/\/crews\/(\w+)\/questions|(?<!\w)crew="(\w+)"/g),
    ]);
    const crews = [...new Set(named.map(([, inPath, inPython]) => inPath ?? inPython))];
    expect(crews.length).toBeGreaterThanOrEqual(3);
    for (const crew of crews) {
      const [, bot, secret] =
        new RegExp(`BOT_URL=(\\S+) CREW_NAME=${crew} ASK_SECRET=(\\S+)$`, 'm').exec(
          demo.printed.join('\n'),
        ) ?? [];
      const answer = await fetch(`${bot}/crews/${crew}/questions/q-1`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Ship it?', text: 'All tests passed.' }),
      });
      expect([crew, answer.status]).toEqual([crew, 201]);
    }
  });

  test('a Python without the crewai package is named once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-python-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const python = join(folder, 'python');
    const fault = "ModuleNotFoundError: No module named 'crewai'";
    writeFileSync(python, `#!/bin/sh\necho "${fault}" >&2\n: > "${folder}/$$"\nexit 1\n`, { mode: 0o755 });
    const demo = await startDemo(built(), { PYTHON: python }, ['--crewai']);
    const ended = () => readdirSync(folder).filter((name) => Number(name) > 0 && !runs(Number(name)));
    await expect.poll(ended, { timeout: scaleLimit(30_000) }).toHaveLength(2);
    const said = () => demo.printed.filter((line) => line.includes('has no crewai package'));
    await expect.poll(said).not.toEqual([]);
    // What the second one has to say would be printed by now.
    await fetch(demo.url);
    expect(said()).toHaveLength(1);
  });
});

describe('the page of the demo', { timeout: scaleLimit(60_000) }, () => {
  const demo = share(() => startDemo(built()));
  const action = JSON.stringify({ do: 'start_run', how: 'press', as: 'UANA', channel: 'CAPPROVALS' });
  const json = { 'content-type': 'application/json' };

  function ask(url: string, method: string, headers: Record<string, string>, body = ''): Promise<number> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, headers }, (answer) => resolve(answer.resume().statusCode ?? 0));
      asked.once('error', reject).end(body);
    });
  }

  test('answers its own page only', async () => {
    const { url } = demo();
    const { origin } = new URL(url);
    const act = (headers: Record<string, string>, body = action) =>
      ask(`${url}actions`, 'POST', headers, body);
    expect(await ask(url, 'GET', { host: 'evil.example' })).toBe(403);
    expect(await ask(`${url}events`, 'GET', { host: 'evil.example:4000' })).toBe(403);
    expect(await act({ ...json, origin: 'https://evil.example' })).toBe(403);
    expect(await act(json)).toBe(403);
    expect(await act({ 'content-type': 'text/plain', origin })).toBe(403);
    expect(await act({ ...json, origin }, '{"do":"format"}')).toBe(400);
    expect(await act({ ...json, origin })).toBe(200);
  });

  test('lets nothing run except its own script', async () => {
    const policy = (await fetch(demo().url)).headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/=]+'; style-src 'self'; /);
    expect(policy).not.toMatch(/unsafe/);
  });
});
