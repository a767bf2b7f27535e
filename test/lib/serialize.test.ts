import { expect, test } from 'vitest';
import { createSerializer } from '../../src/lib/time.ts';

test('work for one key runs in the order of the calls, whatever fails, and other keys do not wait', async () => {
  const serialize = createSerializer();
  const began: string[] = [];
  let free = () => {};
  const first = serialize('a', async () => {
    began.push('a1');
    await new Promise<void>((resolve) => (free = resolve));
    throw new Error('failed');
  });
  const second = serialize('a', async () => began.push('a2'));
  await serialize('b', async () => began.push('b'));
  expect(began).toEqual(['a1', 'b']);
  free();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(began).toEqual(['a1', 'b', 'a2']);
});
