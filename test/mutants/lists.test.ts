import { expect, test } from 'vitest';
import { findFault, loadRows, nameRow } from './lists.ts';

test('each mutant fits the source: its text occurs exactly once, and its tests exist', async () => {
  const rows = await loadRows();
  expect(rows.length).toBeGreaterThanOrEqual(25);
  expect(rows.flatMap((row) => (findFault(row) ? [`${nameRow(row)}: ${findFault(row)}`] : []))).toEqual([]);
});
