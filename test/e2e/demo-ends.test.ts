import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtCheckout, runs, spawnDemo, startDemo } from '../support/demo.ts';
import { share } from '../support/shared.ts';

async function gone(pid: number): Promise<void> {
  await expect.poll(() => runs(pid)).toBe(false);
}

const built = builtCheckout();

/** How many files and folders it has made when the signal comes; the last ones are made by its bot. */
const MADE = [0, 3, 5];

describe('the end of the demo', { timeout: 60_000 }, () => {
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

describe('the port of the demo', { timeout: 60_000 }, () => {
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

describe('the page of the demo', { timeout: 60_000 }, () => {
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
