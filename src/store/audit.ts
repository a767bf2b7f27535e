import { hash } from 'node:crypto';
import { z } from 'zod';
import { hashDecisionTexts } from '../approval/lifecycle/rounds.ts';
import type { ApprovalStore } from '../approval/ports.ts';
import { type CheckedEntry, entrySchema, type HistoryEntry, hashEntry } from './chain.ts';
import { buildFactKey, buildKey } from './keys.ts';
import { formatShownInputs } from './record-checks.ts';
import { eachRecord, type RawRecord, type RecordStore } from './record-store.ts';

const textsSchema = z.object({
  /** Feedback of a decision, or inputs of a start. */
  text: z.string().optional(),
  /** Text that was typed beside an option. */
  remark: z.string().optional(),
  /** The output as edited by a person. */
  edited: z.string().optional(),
  /** Values of the fields, as a JSON object. */
  values: z.string().optional(),
});
/** Texts that people wrote. They are stored only with the approval or the start, and are deleted with it. */
type WrittenTexts = z.infer<typeof textsSchema>;

/** A fact as it is exported, with the texts that people wrote as long as the approval or start is stored. */
export type AuditLine = HistoryEntry & WrittenTexts;

/**
 * Reads all facts from `since` to before `until` (milliseconds since 1970), oldest first. Reads page by page, so that memory does
 * not grow with the number of facts, and includes facts that are recorded meanwhile. `onUnreadable`: called with each key that
 * does not hold a fact. Rejects with a StoreError.
 */
export async function* readAuditTrail(
  records: RecordStore,
  store: Pick<ApprovalStore, 'approval' | 'start'>,
  { since, until, crew }: { since: number; until: number; crew?: string | undefined },
  onUnreadable: (key: string) => void,
): AsyncGenerator<AuditLine> {
  for await (const { key, raw } of eachRecord(records, 'fact', buildKey('fact', since))) {
    if (key >= buildKey('fact', until)) return;
    const { data: fact } = entrySchema.safeParse(parseValue(raw));
    if (!fact) onUnreadable(key);
    else if (crew === undefined || fact.crew === crew) yield { ...fact, ...(await readTexts(store, fact)) };
  }
}

/** Names a run in the check of histories. */
export function labelRun(crew: string, executionId: string): string {
  return `${executionId} of ${crew}`;
}

/** An entry, with the parts that the check compares. */
export interface ReadEntry {
  said: HistoryEntry;
  checked: CheckedEntry;
}

/** Reads an entry from a key of the history; undefined: the value is not an entry. */
export function readEntry({ key, raw }: RawRecord): ReadEntry | undefined {
  const entry = checkEntry(parseValue(raw), key);
  if (!entry || entry.checked.wrong || key === buildFactKey(entry.checked.subject, entry.said)) return entry;
  return { ...entry, checked: { ...entry.checked, wrong: 'moved' } };
}

/** Reads an entry from a line of an export (JSON); undefined: the line is not an entry. */
export function readExportedEntry(line: string, number: number): ReadEntry | undefined {
  try {
    const { time, origin, text, remark, edited, values, ...said } = JSON.parse(line) as Record<
      string,
      unknown
    >;
    const at = Date.parse(String(time));
    const entry = checkEntry({ ...said, at, ...(origin === 'bot' ? {} : { origin }) }, `line ${number}`);
    if (!entry || entry.checked.wrong || isTextOf(entry.said, { text, remark, edited, values })) return entry;
    return { ...entry, checked: { ...entry.checked, wrong: 'text_changed' } };
  } catch {
    return undefined;
  }
}

function checkEntry(value: unknown, place: string): ReadEntry | undefined {
  const { data: said } = entrySchema.safeParse(value);
  if (!said) return undefined;
  // An entry without a hash has been changed: the empty hash matches nothing.
  const { approval, kickoff, crew, execution, seq, at, follows, previous = '', hash = '' } = said;
  const checked: CheckedEntry = {
    ...{ subject: kickoff ?? approval, seq, at, place, follows },
    ...(seq === 1 ? { run: labelRun(crew, execution) } : {}),
    link: { previous, hash },
    wrong: hash === hashEntry(value as object) ? undefined : 'changed',
  };
  return { said, checked };
}

function parseValue(raw: string): unknown {
  try {
    return (JSON.parse(raw) as { value?: unknown }).value;
  } catch {
    return undefined;
  }
}

/** True if these texts have the entry's hash. Also true without texts: they may have been deleted with their record. */
function isTextOf({ what, texts }: HistoryEntry, writtenTexts: Record<keyof WrittenTexts, unknown>): boolean {
  const { data } = textsSchema.safeParse(writtenTexts);
  const { text, ...otherTexts } = data ?? {};
  const isAlone = Object.values(otherTexts).every((other) => other === undefined);
  if (!data || text === undefined) return data !== undefined && isAlone;
  if (what === 'decided' || what === 'voted')
    return texts === hashDecisionTexts({ feedback: text, ...otherTexts });
  // Starts of earlier formats do not have a hash of their inputs.
  return what === 'run_starting' && (texts === undefined || texts === hash('sha256', text));
}

async function readTexts(
  store: Pick<ApprovalStore, 'approval' | 'start'>,
  { approval, kickoff, what, round, by = '', at }: HistoryEntry,
): Promise<WrittenTexts> {
  if (kickoff !== undefined) {
    const start = what === 'run_starting' ? await store.start(kickoff) : undefined;
    return start ? { text: formatShownInputs(start.record) } : {};
  }
  if (what !== 'decided' && what !== 'voted') return {};
  const stored = await store.approval(approval);
  const storedRound = stored?.record.rounds.find(({ number }) => number === round);
  const decisions =
    what === 'voted' ? (storedRound?.votes ?? []) : storedRound?.decision ? [storedRound.decision] : [];
  const {
    feedback: text,
    remark,
    edited,
    values,
  } = decisions.find((decision) => decision.at === at && decision.by === by) ?? {};
  return { text, remark, edited, values };
}
