import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/** Bundles a program of `src/clients` into one file that needs no package. `test`: the test that writes the file. */
export async function bundle(source: string, test: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, source)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20.12',
    banner: { js: `// Bundled from ${source.split('/').at(-1)} by ${test}.` },
  });
  return outputFiles[0]?.text ?? '';
}
