import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a thread from a file of this program: JavaScript in a build, TypeScript under tsx and vitest. */
export function startThread(entry: URL, options: WorkerOptions): Worker {
  const type = extname(import.meta.url);
  const { href } = new URL(entry.href.replace(/\.ts$/, type));
  const settings = { ...options, execArgv: [] };
  if (type !== '.ts') return new Worker(new URL(href), settings);
  // Node 20 cannot load TypeScript without a loader.
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import('${href}')))`;
  return new Worker(code, { ...settings, eval: true });
}
