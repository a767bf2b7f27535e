import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Response } from 'express';
import { PAGE_CSS } from './html/page-css.ts';
import { drawRegions, IMPORT_MAP, pageHtml, type Regions } from './html/page-html.ts';
import { buildContentSecurityPolicy, requireSameOrigin } from './same-origin.ts';
import type { Scene } from './scene.ts';
import { viewpointHref } from './viewpoint.ts';

/** Delay after a change, in milliseconds: changes within this time are shown together. */
const SHOW_DELAY_MS = 30;
const PING_INTERVAL_MS = 15_000;
const PORTS_TRIED = 20;

/** Result of a visitor's action, in words. */
export interface ActionResult {
  said: string;
  ok: boolean;
}

export interface PageOptions {
  /** First port to try; 0: any free port. */
  port: number;
  scene(query: URLSearchParams): Scene;
  /** Carries out an action of a visitor; undefined if no visitor can do it. */
  act(action: unknown): Promise<ActionResult | undefined>;
  /** Sets the language of everybody's Slack; an unknown language changes nothing. */
  setLanguage(locale: string): Promise<void>;
  /** Finds the content of a file. */
  file(id: string): Buffer | undefined;
  /** Finds a request and its response, in full. */
  wire(id: string): string | undefined;
}

/** Serves the demo's page on 127.0.0.1. If the port is taken, tries the next ones. */
export async function startPage(options: PageOptions) {
  const { server, app } = createApp();
  const port = await listenOnFree(options.port);
  const watchers = new Set<{ res: Response; query: URLSearchParams; shown: Record<string, string> }>();
  let timer: NodeJS.Timeout | undefined;
  const ping = setInterval(() => {
    for (const { res } of watchers) res.write(': still there\n\n');
  }, PING_INTERVAL_MS);

  app.get('/', async (req, res) => {
    const language = queryOf(req.url).get('lang');
    if (language !== null) await options.setLanguage(language);
    const scene = options.scene(queryOf(req.url));
    // The address names the person and the place, which the page's own script reads too.
    if (req.url === '/' || language !== null) res.redirect(viewpointHref(scene.viewpoint));
    else res.type('html').send(pageHtml(scene));
  });
  app.get('/events', (req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const watcher = { res, query: queryOf(req.url), shown: {} };
    watchers.add(watcher);
    res.once('close', () => watchers.delete(watcher));
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
    const policy = buildContentSecurityPolicy(
      `sha256-${createHash('sha256').update(IMPORT_MAP).digest('base64')}`,
    );
    app.use(requireSameOrigin(() => (server.address() as AddressInfo).port));
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

  async function listenOnFree(firstPort: number): Promise<number> {
    for (let port = firstPort; ; port += 1) {
      try {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
        return (server.address() as AddressInfo).port;
      } catch (error) {
        const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        if (!isTaken || port >= Math.min(firstPort + PORTS_TRIED, 65_535)) throw error;
      }
    }
  }

  /** Sends the regions that differ from those that this page has. */
  function show(watcher: { res: Response; query: URLSearchParams; shown: Record<string, string> }): void {
    const scene = options.scene(watcher.query);
    const regions: Regions = { ...drawRegions(scene), lang: scene.language };
    const changed = Object.entries(regions).filter(([id, html]) => watcher.shown[id] !== html);
    if (changed.length === 0) return;
    Object.assign(watcher.shown, Object.fromEntries(changed));
    watcher.res.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
  }

  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    /** Updates the open pages. The caller calls it after every change. */
    changed(): void {
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const watcher of watchers) show(watcher);
      }, SHOW_DELAY_MS);
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

/** Sends any content as plain text, so that nothing in it runs. */
function sendText(res: Response, text: Buffer | string | undefined): void {
  if (text === undefined) res.status(404).type('text/plain').send('Not found');
  else res.set('content-type', 'text/plain; charset=utf-8').send(text);
}
