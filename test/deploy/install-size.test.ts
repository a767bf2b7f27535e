import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Files and folders take whole blocks of so many bytes, as `du` counts them on ext4. */
const BLOCK = 4_096;
const MIB = 2 ** 20;
const MOST = 90 * MIB;

/** The size on disk of a package without the packages in it. */
function measure(path: string): number {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return Math.ceil(stats.size / BLOCK) * BLOCK;
  const inside = readdirSync(path).filter((name) => name !== 'node_modules');
  return inside.reduce((sum, name) => sum + measure(join(path, name)), BLOCK);
}

const root = join(import.meta.dirname, '..', '..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { dev?: true; devOptional?: true; optional?: true }>;
};
const needed = Object.entries(lock.packages).filter(
  ([path, of]) => path !== '' && !of.dev && !of.devOptional,
);
/** A package for another platform is not installed, and neither are packages linked from elsewhere. */
const isInstalled = needed.every(([path, { optional }]) => optional || existsSync(join(root, path)));

test.skipIf(!isInstalled)('the packages that a production install needs take at most 90 MB on disk', () => {
  const paths = needed.map(([path]) => join(root, path)).filter((path) => existsSync(path));
  expect(paths.length).toBeGreaterThan(50);
  const size = paths.reduce((sum, path) => sum + measure(path), 0);
  console.info(`Production packages: ${(size / MIB).toFixed(1)} MB of ${MOST / MIB}`);
  expect(size).toBeLessThanOrEqual(MOST);
});
