import { z } from 'zod';
import { factSchema } from '../approval/model/approval.ts';
import type { ApprovalStore } from '../approval/ports.ts';
import { type CheckedEntry, hashEntry } from './chain.ts';
import { buildKey } from './keys.ts';
import { eachRecord, type RawRecord, type RecordStore } from './record-store.ts';

const auditSchema = factSchema.extend({
  approval: z.string(),
  crew: z.string(),
  execution: z.string(),
  task: z.string().optional(),
  /** The start of a run: it belongs to no approval. */
  kickoff: z.string().optional(),
  /** Where it stands in the history (chain.ts). */
  previous: z.string().optional(),
  hash: z.string().optional(),
});
/** A fact of an approval as it is exported; `text`: the feedback of a decision, while its approval is kept. */
export type AuditLine = z.infer<typeof auditSchema> & { text?: string | undefined };

/**
 * Reads every fact from one time until another (milliseconds since 1970), the oldest first, page by page, so that memory
 * does not grow with their number. Facts that are recorded meanwhile are included. Rejects with a StoreError.
 * `onUnreadable`: called with each key that holds no fact.
 */
export async function* readAuditTrail(
  records: RecordStore,
  store: Pick<ApprovalStore, 'approval' | 'kickoff'>,
  { since, until, crew }: { since: number; until: number; crew?: string | undefined },
  onUnreadable: (key: string) => void,
): AsyncGenerator<AuditLine> {
  for await (const { key, raw } of eachRecord(records, 'fact', buildKey('fact', since))) {
    if (key >= buildKey('fact', until)) return;
    const fact = readFact(raw);
    if (!fact) onUnreadable(key);
    else if (crew === undefined || fact.crew === crew)
      yield { ...fact, text: await readFactText(store, fact) };
  }
}

/** The entry of a key of the history, for its check; undefined for what is no entry. */
export function readEntry({ key, raw }: RawRecord): CheckedEntry | undefined {
  return checkEntry(parseValue(raw), key);
}

/** The entry of a line of an export (JSON), for its check; undefined for what is no entry. */
export function readExportedEntry(line: string, number: number): CheckedEntry | undefined {
  try {
    const { time, origin, text: _, ...said } = JSON.parse(line) as Record<string, unknown>;
    const at = Date.parse(String(time));
    return checkEntry({ ...said, at, ...(origin === 'bot' ? {} : { origin }) }, `line ${number}`);
  } catch {
    return undefined;
  }
}

function checkEntry(value: unknown, place: string): CheckedEntry | undefined {
  const { data } = auditSchema.safeParse(value);
  if (!data) return undefined;
  // One without a hash has been changed.
  const { approval, kickoff, seq, previous = '', hash = '' } = data;
  const link = { previous, hash };
  return { subject: kickoff ?? approval, seq, place, link, computed: hashEntry(value as object) };
}

function parseValue(raw: string): unknown {
  try {
    return (JSON.parse(raw) as { value?: unknown }).value;
  } catch {
    return undefined;
  }
}

function readFact(raw: string) {
  return auditSchema.safeParse(parseValue(raw)).data;
}

/** What people wrote: it is stored with the approval or the start only, so it is deleted with it. */
async function readFactText(
  store: Pick<ApprovalStore, 'approval' | 'kickoff'>,
  fact: z.infer<typeof auditSchema>,
): Promise<string | undefined> {
  if (fact.kickoff === undefined) return readDecisionText(store, fact);
  if (fact.what !== 'run_starting') return undefined;
  const start = (await store.kickoff(fact.kickoff))?.record;
  if (!start) return undefined;
  const hidden = start.hidden.map((name) => [name, 'hidden'] as const);
  return JSON.stringify({ ...start.inputs, ...Object.fromEntries(hidden) });
}

async function readDecisionText(
  store: Pick<ApprovalStore, 'approval'>,
  { approval, what, round, by, at }: z.infer<typeof auditSchema>,
): Promise<string | undefined> {
  if (what !== 'decided' && what !== 'voted') return undefined;
  const kept = await store.approval(approval);
  const found = kept?.record.rounds.find(({ number }) => number === round);
  const decisions = [...(found?.votes ?? []), ...(found?.decision ? [found.decision] : [])];
  return (
    decisions.find((decision) => decision.at === at && (by === undefined || decision.by === by))?.feedback ||
    undefined
  );
}
