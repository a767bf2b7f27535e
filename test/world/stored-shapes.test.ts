import { beforeAll, expect, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import type { RawRecord } from '../../src/store/record-store.ts';
import { STORY_WITHIN, tellStory } from '../fixtures/stores/story.ts';
import { readWholeStore } from './fixture-store.ts';

let written: RawRecord[];
beforeAll(async () => {
  written = (await tellStory()).records;
}, STORY_WITHIN);

/** Objects whose names are data. */
const MAPS = /^(?:usage\/languages|kickoff\.value\.inputs|away\.value\.people|event\.value\.data\.inputs)$/;

/** Each field that the records of a kind have, with its type, and the number of the parts of their keys. */
function listShapes(records: readonly RawRecord[]): string[] {
  const shapes = new Set<string>();
  const walk = (path: string, value: unknown): void => {
    const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    shapes.add(`${path}: ${type}`);
    if (Array.isArray(value)) for (const one of value) walk(`${path}[]`, one);
    else if (type === 'object')
      for (const [name, one] of Object.entries(value as object))
        walk(`${path}.${MAPS.test(path) ? '*' : name}`, one);
  };
  for (const { key, raw } of records) {
    const parts = key.split('/');
    const kind = parts[0] === 'usage' ? key : (parts[0] as string);
    if (kind === 'ready' || kind === 'format' || kind === 'unreadable') continue;
    shapes.add(`${kind}: ${parts.length} parts`);
    walk(kind, raw.startsWith('{') || raw.startsWith('"') ? JSON.parse(raw) : raw);
  }
  return [...shapes].toSorted();
}

test('the story, told by this bot, leaves records of the same shape as those of the fixture of its format', () => {
  const now = listShapes(written);
  const then = listShapes(readWholeStore(RECORD_VERSION));
  const how = `What the bot stores has changed and the format has not: see test/store/stored-schemas.test.ts. While format ${RECORD_VERSION} has not been released, make its fixture again: npx tsx test/fixtures/stores/make-store.ts`;
  expect(
    now.filter((shape) => !then.includes(shape)),
    how,
  ).toEqual([]);
  expect(
    then.filter((shape) => !now.includes(shape)),
    how,
  ).toEqual([]);
});
