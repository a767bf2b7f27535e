import { isObject } from '../../lib/own-member.ts';
import { buildKey } from '../keys.ts';
import type { FormatContext, FormatStep, StoredRecord } from './step.ts';

/**
 * From format 7: whether a webhook named the task is said by its round, for good; a run does not list its other ids and the events
 * that it has seen.
 */
export const toFormat8: FormatStep = {
  up(kind, record, context) {
    if (kind === 'approval') return upgradeApproval(record, context);
    if (kind === 'execution') return upgradeRun(record);
    return record;
  },
  also(kind, { crew, executionId, otherIds }) {
    if (kind !== 'execution' || !Array.isArray(otherIds)) return [];
    const listed = (id: unknown) => buildKey('aliasof', String(executionId), String(crew), String(id));
    return otherIds.map((id) => ({ key: listed(id), raw: JSON.stringify({ value: '' }) }));
  },
};

/** In format 7 it was guessed of what task a round is, and revised by what events said. */
function upgradeApproval(record: StoredRecord, { strictestPolicy }: FormatContext): StoredRecord {
  const { openedUnnamed, rounds, notes, policy, ...kept } = record;
  const isOpenedUnnamed = openedUnnamed !== undefined;
  const upgraded = listObjects(rounds).map(({ chained, namedByEvents, renamedAt: _, ...round }) => {
    const isUnnamed = isOpenedUnnamed || chained !== undefined || namedByEvents === true;
    return isUnnamed ? { ...round, unnamed: true } : round;
  });
  const last = upgraded.at(-1);
  const strict =
    last && 'unnamed' in last ? (strictestPolicy?.(String(record.crew)) ?? keepOpen(policy)) : policy;
  return {
    ...kept,
    ...(openedUnnamed === 'title' ? { titleOnly: true } : {}),
    // That a decision was taken back since another task was named is not told any more.
    notes: listObjects(notes).filter(({ why }) => why !== 'renamed'),
    policy: strict,
    rounds: upgraded,
  };
}

/** Of a crew that is not in the settings any more: time decides nothing. */
function keepOpen(policy: unknown): unknown {
  return isObject(policy) ? { ...policy, onExpiry: 'keep' } : policy;
}

function upgradeRun({ otherIds: _, seenEvents: __, ...kept }: StoredRecord): StoredRecord {
  return kept;
}

function listObjects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
