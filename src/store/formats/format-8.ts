import { isObject } from '../../lib/own-member.ts';
import { buildKey } from '../keys.ts';
import type { FormatContext, FormatStep, StoredRecord } from './step.ts';

/**
 * From format 7: the round stores for good whether a webhook named its task. Runs no longer list their other ids and seen events.
 */
export const toFormat8: FormatStep = {
  convertRecord(kind, record, context) {
    if (kind === 'approval') return upgradeApproval(record, context);
    if (kind === 'execution') return upgradeRun(record);
    return record;
  },
  deriveRecords(kind, { crew, executionId, otherIds }) {
    if (kind !== 'execution' || !Array.isArray(otherIds)) return [];
    const buildAliasKey = (id: unknown) => buildKey('aliasof', String(executionId), String(crew), String(id));
    return otherIds.map((id) => ({ key: buildAliasKey(id), raw: JSON.stringify({ value: '' }) }));
  },
};

/** Format 7 guessed the task of a round, and events could revise it. */
function upgradeApproval(record: StoredRecord, { strictestPolicy }: FormatContext): StoredRecord {
  const { openedUnnamed, rounds, notes, policy, ...rest } = record;
  const isOpenedUnnamed = openedUnnamed !== undefined;
  const upgradedRounds = listObjects(rounds).map(({ chained, namedByEvents, renamedAt: _, ...round }) => {
    const isUnnamed = isOpenedUnnamed || chained !== undefined || namedByEvents === true;
    return isUnnamed ? { ...round, unnamed: true } : round;
  });
  const lastRound = upgradedRounds.at(-1);
  const upgradedPolicy =
    lastRound && 'unnamed' in lastRound
      ? (strictestPolicy?.(String(record.crew)) ?? keepOpen(policy))
      : policy;
  return {
    ...rest,
    ...(openedUnnamed === 'title' ? { titleOnly: true } : {}),
    // Threads no longer report that a decision was undone because another task was named.
    notes: listObjects(notes).filter(({ why }) => why !== 'renamed'),
    policy: upgradedPolicy,
    rounds: upgradedRounds,
  };
}

/** Disables the deadline rule of a crew that is no longer in the settings. */
function keepOpen(policy: unknown): unknown {
  return isObject(policy) ? { ...policy, onExpiry: 'keep' } : policy;
}

function upgradeRun({ otherIds: _, seenEvents: __, ...rest }: StoredRecord): StoredRecord {
  return rest;
}

function listObjects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
