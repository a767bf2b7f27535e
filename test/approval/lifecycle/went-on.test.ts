import { expect, test } from 'vitest';
import { recordContinued } from '../../../src/approval/lifecycle/went-on.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { RoundStatus } from '../../../src/approval/model/round.ts';
import { AT, aDelivery, anApproval, approve, aRound } from '../builders.ts';

const HOUR = 60 * 60_000;
const [SENT, ACCEPTED] = [AT + 10_000, AT + 12_000];
const [BEFORE, MEANWHILE, AFTER] = [SENT - 5_000, SENT + 1_000, ACCEPTED + 5_000];

function decided(status: RoundStatus = 'approved', over: { continuedAt?: number } = {}) {
  const delivery = aDelivery({ attempts: 1, firstAttemptAt: SENT, acceptedAt: ACCEPTED });
  return anApproval([aRound({ status, decision: approve, delivery, ...over })]);
}

type Kind = Parameters<typeof recordContinued>[2]['kind'];

// biome-ignore format: a table
test.each<[kind: Kind, what: string, at: number, continuedAt: number | undefined]>([
  ['webhook', 'after the acceptance', AFTER, AFTER],
  ['webhook', 'before the acceptance', MEANWHILE, undefined],
  ['webhook', 'before the clock was set back', ACCEPTED - 2 * HOUR, ACCEPTED - 2 * HOUR],
  ['past_webhook', 'after the acceptance', AFTER, AFTER],
  ['past_webhook', 'before the acceptance', MEANWHILE, undefined],
  ['past_webhook', 'long before the acceptance', ACCEPTED - 2 * HOUR, undefined],
  ['later_pause', 'after the acceptance', AFTER, AFTER],
  ['later_pause', 'between the attempt and its answer', MEANWHILE, ACCEPTED],
  ['later_pause', 'before the attempt', BEFORE, undefined],
  ['follows', 'after the acceptance', AFTER, AFTER],
  ['follows', 'between the attempt and its answer', MEANWHILE, ACCEPTED],
])('%s %s', (kind, _, at, continuedAt) => {
  const approval = decided();
  const next = recordContinued(approval, currentRound(approval), { kind, at });
  expect(currentRound(next).continuedAt).toBe(continuedAt);
  expect(next.facts.filter(({ what }) => what === 'went_on').map((fact) => fact.at)).toEqual(
    continuedAt === undefined ? [] : [continuedAt],
  );
});

test('records it once, for a decision that was accepted, with the next task', () => {
  const proof = { kind: 'webhook', at: AFTER, task: 'publish' } as const;
  const approval = decided();
  const next = recordContinued(approval, currentRound(approval), proof);
  expect(currentRound(next)).toMatchObject({ continuedAt: AFTER, continuedWith: 'publish' });
  expect(recordContinued(next, currentRound(next), { ...proof, at: AFTER + 1 })).toBe(next);
  const sending = decided('sending');
  expect(recordContinued(sending, currentRound(sending), proof)).toBe(sending);
  const same = recordContinued(approval, currentRound(approval), { ...proof, task: approval.task });
  expect(currentRound(same).continuedWith, 'its own task').toBeUndefined();
});
