import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/approval/model/round.ts';
import {
  type CountedDecision,
  computePeriodStart,
  computeStats,
  listDecisions,
} from '../../../src/features/stats/figures.ts';
import { anApproval, aRound } from '../../approval/builders.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.UTC(2026, 5, 15, 12);
const SINCE = computePeriodStart(NOW, 7);

const made = (more: Partial<CountedDecision> = {}): CountedDecision => ({
  crew: 'press',
  approval: 'A000000001',
  by: 'UANA',
  action: 'approve',
  at: NOW,
  took: MINUTE,
  ...more,
});

test('a period of days ends with today in UTC', () => {
  expect(new Date(SINCE).toISOString()).toBe('2026-06-09T00:00:00.000Z');
  expect(computePeriodStart(NOW, 1)).toBe(Date.UTC(2026, 5, 15));
});

describe('the decisions of an approval', () => {
  const decision = (at: number, more: Partial<Decision> = {}): Decision => ({
    action: 'approve',
    feedback: '',
    by: 'UANA',
    at,
    ...more,
  });

  test('are those of people since a time, each with the time since its output arrived', () => {
    const approval = anApproval([
      aRound({ receivedAt: NOW - 10 * DAY, decision: decision(SINCE - 1, { action: 'request_revision' }) }),
      aRound({ receivedAt: SINCE, decision: decision(SINCE + 5 * MINUTE, { action: 'request_revision' }) }),
      aRound({ receivedAt: SINCE, decision: decision(SINCE + MINUTE, { by: '', rule: 'expiry' }) }),
      aRound({ receivedAt: NOW - MINUTE, decision: decision(NOW, { by: 'UBEN' }) }),
      aRound({ receivedAt: NOW }),
    ]);
    expect(listDecisions(approval, SINCE)).toEqual([
      made({ approval: approval.id, action: 'request_revision', at: SINCE + 5 * MINUTE, took: 5 * MINUTE }),
      made({ approval: approval.id, by: 'UBEN', at: NOW, took: MINUTE }),
    ]);
  });
});

describe('figures', () => {
  test('of no decisions are zero', () => {
    const stats = computeStats([], SINCE);
    expect(stats).toMatchObject({ approvals: 0, revisionsPerApproval: 0, byCrew: [], byPerson: [] });
    expect(stats.all).toEqual({ decisions: 0, median: 0, p90: 0 });
  });

  test('contain the median and the 90th percentile', () => {
    const times = [9, 1, 8, 2, 7, 3, 6, 4, 5, 100].map((minutes, n) =>
      made({ approval: `A${n}`, took: minutes * MINUTE }),
    );
    expect(computeStats(times, SINCE).all).toEqual({
      decisions: 10,
      median: 5.5 * MINUTE,
      p90: 9 * MINUTE,
    });
  });

  test('count an answer to a Flow as a decision, but not as an approval', () => {
    const answer = made({ action: 'choose', approval: 'F000000001' });
    const stats = computeStats([made({ action: 'request_revision' }), answer], SINCE);
    expect(stats).toMatchObject({ all: { decisions: 2 }, approvals: 1, revisionsPerApproval: 1 });
  });

  test('contain the revisions per approval, and each crew and approver, the busiest first', () => {
    const stats = computeStats(
      [
        made({ action: 'request_revision', at: SINCE }),
        made({ action: 'request_revision', by: 'UBEN', at: SINCE + DAY - 1 }),
        made({ by: 'UBEN', at: SINCE + DAY }),
        made({ crew: 'budget', approval: 'B000000001', by: 'UBEN', took: 3 * MINUTE }),
      ],
      SINCE,
    );
    expect(stats).toMatchObject({ approvals: 2, revisionsPerApproval: 1 });
    expect(stats.byCrew).toEqual([
      { crew: 'press', decisions: 3, median: MINUTE, p90: MINUTE },
      { crew: 'budget', decisions: 1, median: 3 * MINUTE, p90: 3 * MINUTE },
    ]);
    expect(stats.byPerson.map(({ person, decisions }) => [person, decisions])).toEqual([
      ['UBEN', 3],
      ['UANA', 1],
    ]);
  });

  test('of crews and people add up to the total', () => {
    const one = fc.record({
      crew: fc.constantFrom('press', 'budget'),
      approval: fc.constantFrom('A', 'B', 'C'),
      by: fc.constantFrom('UANA', 'UBEN'),
      action: fc.constantFrom('approve' as const, 'request_revision' as const),
      at: fc.integer({ min: SINCE, max: NOW }),
      took: fc.nat(DAY),
    });
    fc.assert(
      fc.property(fc.array(one), (all) => {
        const stats = computeStats(all, SINCE);
        const sum = (figures: readonly { decisions: number }[]) =>
          figures.reduce((so, { decisions }) => so + decisions, 0);
        for (const part of [stats.byCrew, stats.byPerson]) expect(sum(part)).toBe(all.length);
        expect(stats.all.p90).toBeGreaterThanOrEqual(stats.all.median);
      }),
    );
  });

  test('of 100,000 decisions are computed in time', () => {
    const all = Array.from({ length: 100_000 }, (_, n) => made({ approval: `A${n}`, took: n }));
    expect(computeStats(all, SINCE).byCrew).toEqual([
      { crew: 'press', decisions: 100_000, median: 49_999.5, p90: 89_999 },
    ]);
  });
});
