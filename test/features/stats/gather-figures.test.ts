import { beforeEach, expect, test } from 'vitest';
import { gatherFigures } from '../../../src/features/stats/figures.ts';
import { createLookUpApp, resetStage, state, stored, T0 } from '../../approval/queries/look-ups-stage.ts';

beforeEach(resetStage);

const figures = (person = 'UANA') => gatherFigures(createLookUpApp(), person, 7);

test('figures count up to a thousand approvals that wait', async () => {
  for (let n = 1; n <= 1_005; n += 1) await stored(n);
  expect(await figures()).toMatchObject({ waiting: { count: 1_000, more: true } });
});

test('figures have nothing of another crew', async () => {
  await stored(1);
  await stored(2, { crew: 'budget' });
  await stored(3, { crew: 'budget' }, T0 - 1, 'UBEN');
  expect(await figures()).toMatchObject({
    waiting: { count: 1 },
    stats: { all: { decisions: 0 }, byCrew: [], byPerson: [] },
  });
});

test('who may look up no crew gets an error, or that it cannot be checked', async () => {
  expect(await figures('UZOE')).toEqual({ code: 'may_not_look' });
  state.learnt = false;
  expect(await figures('UZOE')).toEqual({ code: 'cannot_check' });
});

test('figures stop after 8 s and say that there is more', async () => {
  for (let n = 1; n <= 60; n += 1) await stored(n, {}, T0 - n);
  state.readingTakes = 200;
  expect(await figures()).toMatchObject({ isIncomplete: true, stats: { all: { decisions: 50 } } });
});
