import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Response } from 'express';
import { PAGE_CSS } from './html/page-css.ts';
import { IMPORT_MAP, pageHtml, type Regions, regionsOf } from './html/page-html.ts';
import { lookHref } from './look.ts';
import { contentSecurityPolicy, onlyFromHere } from './same-origin.ts';
import type { Scene } from './scene.ts';

/** Changes that come together are shown together, in milliseconds. */
const SHOW_AFTER = 30;
const STILL_THERE_EVERY = 15_000;
const PORTS_TRIED = 20;

/** What became of something that a visitor did, in one sentence. */
export interface ActionResult {
  said: string;
  ok: boolean;
}

export interface PageOptions {
  /** The first port to try; 0 for any free one. */
  port: number;
  scene(query: URLSearchParams): Scene;
  /** Carries out what a visitor does; undefined for what nobody can do. */
  act(action: unknown): Promise<ActionResult | undefined>;
  /** Has everybody read another language; what is none changes nothing. */
  speak(locale: string): Promise<void>;
  /** The text of a file. */
  file(id: string): Buffer | undefined;
  /** A request and its answer, in full. */
  wire(id: string): string | undefined;
}

/** Serves the demo's page on 127.0.0.1, on the next free port if its own is taken. */
export async function startPage(options: PageOptions) {
  const { server, app } = createApp();
  const port = await listenOnFree(options.port);
  const watching = new Set<{ res: Response; query: URLSearchParams; shown: Record<string, string> }>();
  let timer: NodeJS.Timeout | undefined;
  const ping = setInterval(() => {
    for (const { res } of watching) res.write(': still there\n\n');
  }, STILL_THERE_EVERY);

  app.get('/', async (req, res) => {
    const language = queryOf(req.url).get('lang');
    if (language !== null) await options.speak(language);
    const scene = options.scene(queryOf(req.url));
    // The address says who and where one is, also to the page's own script.
    if (req.url === '/' || language !== null) res.redirect(lookHref(scene.look));
    else res.type('html').send(pageHtml(scene));
  });
  app.get('/events', (req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const watcher = { res, query: queryOf(req.url), shown: {} };
    watching.add(watcher);
    res.once('close', () => watching.delete(watcher));
    show(watcher);
  });
  app.post('/actions', express.json({ limit: '100kb' }), async (req, res) => {
    const result = await options.act(req.body);
    if (result) res.json(result);
    else res.status(400).json({ said: 'Nobody can do that here.', ok: false });
  });
  app.get('/files/:id', (req, res) => sendText(res, options.file(req.params.id)));
  app.get('/wire/:id', (req, res) => sendText(res, options.wire(req.params.id)));

  function createApp() {
    const app = express();
    app.disable('x-powered-by');
    const policy = contentSecurityPolicy(
      `sha256-${createHash('sha256').update(IMPORT_MAP).digest('base64')}`,
    );
    app.use(onlyFromHere(() => (server.address() as AddressInfo).port));
    app.use((_req, res, next) => {
      res.set({
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      next();
    });
    app.get('/page.css', (_req, res) => void res.type('css').send(PAGE_CSS));
    const idiomorph = createRequire(import.meta.url).resolve('idiomorph/dist/idiomorph.esm.js');
    app.get('/idiomorph.js', (_req, res) => res.sendFile(idiomorph, { dotfiles: 'allow' }));
    app.use('/browser', express.static(join(import.meta.dirname, 'browser'), { dotfiles: 'allow' }));
    const server = createServer(app);
    return { app, server };
  }

  async function listenOnFree(first: number): Promise<number> {
    for (let port = first; ; port += 1) {
      try {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
        return (server.address() as AddressInfo).port;
      } catch (error) {
        const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        if (!taken || port >= Math.min(first + PORTS_TRIED, 65_535)) throw error;
      }
    }
  }

  /** Sends the regions that differ from what this page already has. */
  function show(watcher: { res: Response; query: URLSearchParams; shown: Record<string, string> }): void {
    const scene = options.scene(watcher.query);
    const regions: Regions = { ...regionsOf(scene), lang: scene.language };
    const changed = Object.entries(regions).filter(([id, html]) => watcher.shown[id] !== html);
    if (changed.length === 0) return;
    Object.assign(watcher.shown, Object.fromEntries(changed));
    watcher.res.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
  }

  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    /** To be called after every change. */
    changed(): void {
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const watcher of watching) show(watcher);
      }, SHOW_AFTER);
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      clearInterval(ping);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function queryOf(url: string): URLSearchParams {
  return new URL(url, 'http://demo').searchParams;
}

/** As text, whatever it is: nothing of it runs. */
function sendText(res: Response, text: Buffer | string | undefined): void {
  if (text === undefined) res.status(404).type('text/plain').send('Not found');
  else res.set('content-type', 'text/plain; charset=utf-8').send(text);
}
