import { expect, test } from 'vitest';
import { buildCardFacts, hashCardFacts } from '../../src/approval/card-facts.ts';
import { currentRound } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { anApproval, aRound } from './builders.ts';

const policy = { ...DEFAULT_POLICY, escalateTo: ['UBOSS'] };
// A direct message says nothing else once it is escalated.
test.each(['UANA'])('the card of %s, which names nobody, is not updated for an escalation', (channel) => {
  const hashed = (escalatedAt?: number) => {
    const approval = anApproval([aRound(escalatedAt ? { escalatedAt } : {})], { policy, channel });
    return hashCardFacts(buildCardFacts(approval, currentRound(approval)));
  };
  expect(hashed(5)).toBe(hashed());
});
