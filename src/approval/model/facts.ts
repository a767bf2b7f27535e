import type { Approval } from './approval.ts';
import type { Fact } from './fact.ts';

const KEPT_IN_RECORD = 50;

/** The approval with one more fact; the record keeps the last 50, the store keeps all. */
export function addFact(approval: Approval, fact: Omit<Fact, 'seq'>): Approval {
  const numbered: Fact = { seq: approval.factCount + 1, ...fact };
  return {
    ...approval,
    facts: [...approval.facts, numbered].slice(-KEPT_IN_RECORD),
    factCount: numbered.seq,
  };
}

/** The approval with this origin in those of its facts that came after the first so many. */
export function setOrigin(approval: Approval, after: number, origin: string): Approval {
  if (approval.factCount === after) return approval;
  const facts = approval.facts.map((fact) => (fact.seq > after ? { ...fact, origin } : fact));
  return { ...approval, facts };
}
