import type { Approval } from '../approval/model/approval.ts';
import type { HistoryCheck, HistoryFault, HistoryReader } from '../approval/ports.ts';
import { Gathering, type Permission, type Scope, type Subject } from './gather.ts';
import { html } from './html.ts';
import { Names } from './names.ts';
import { drawEnd, drawSummary, HEAD, type LinkTo } from './page.ts';
import { isTime, writeTime } from './spans.ts';
import { TextWriter } from './text-writer.ts';
import { drawTimeline } from './timeline.ts';

/** Histories and outputs to read at a time: their texts are in memory together. */
const READ_AT_ONCE = 5;
/** Histories per section. A browser lays out a whole section again with each piece that arrives. */
const IN_PART = 100;
/** Most permissions whose end is looked up in records. */
const MAX_PERMISSIONS = 200;

export interface ReportOptions extends Scope {
  madeAt: number;
  /** Show for each person how they decided, by what they were shown. */
  perPerson?: boolean | undefined;
  /** Returns the name of a person; absent: the report shows ids. */
  nameOf?: (id: string) => string | undefined;
  /** Texts that the page must not repeat. */
  secrets?: readonly string[];
  /** Most characters to show of one text, and of all texts together. */
  longestText: number;
  allTexts?: number;
  /** Most histories to show, the newest ones. If set, only the period is read. */
  newest?: number;
  /** True if a person may read the texts of an approval; absent: all are readable. */
  mayRead?: (approval: Approval) => Promise<boolean>;
}

/** Result of a report, returned after its last piece. */
export interface ReportResult {
  approvals: number;
  check: HistoryCheck;
}

/**
 * Writes a report of a period piece by piece. Reads the history once for the summary, then a few approvals at a time, so that
 * memory does not grow with the texts. Rejects with a StoreError.
 */
export async function* writeReport(
  history: HistoryReader,
  options: ReportOptions,
): AsyncGenerator<string, ReportResult> {
  const names = new Names(options);
  const gathered = new Gathering(options);
  const fullCheck =
    options.newest === undefined ? await history.checkAll((entry) => gathered.see(entry)) : undefined;
  if (!fullCheck) for await (const entry of history.readPeriod(options)) gathered.see(entry);
  const foundSubjects = gathered.subjects();
  const subjects = options.newest === undefined ? foundSubjects : foundSubjects.slice(-options.newest);
  const omittedCount = foundSubjects.length - subjects.length;
  const places = new Map(subjects.map((subject) => [subject.id, subject.places]));
  const check = fullCheck ?? (await history.checkSome(places));
  const faults = groupFaults(check.faults);
  const unreadable = new Set(check.unreadable);
  const linkTo: LinkTo = (id, text) =>
    places.has(id) ? html`<a href="#a-${id}">${text}</a>` : html`${text}`;
  const texts = new TextWriter(names, {
    secrets: options.secrets,
    longest: options.longestText,
    inAll: options.allTexts,
  });

  const summary = drawSummary(
    {
      period: describePeriod(options),
      crews: options.crews && [...options.crews],
      madeAt: options.madeAt,
      hasNames: options.nameOf !== undefined,
      isPart: !fullCheck,
      figures: gathered.figures,
      perPerson: options.perPerson ?? false,
      permissions: await findEnds(history, gathered.permissions()),
      check,
      approvals: foundSubjects.length,
      leftOut:
        omittedCount > 0
          ? `The ${subjects.length} newest are shown; ${omittedCount} older ones are left out.`
          : undefined,
    },
    texts,
    linkTo,
  );
  yield `${HEAD}${summary}<h2>Requests and decisions</h2>\n`;
  const absences = { gone: 0, incomplete: 0 };
  const readOne = (subject: Subject) => readSubject(history, subject, faults.get(subject.id) ?? [], options);
  for (let at = 0; at < subjects.length; at += READ_AT_ONCE) {
    if (at % IN_PART === 0) yield at === 0 ? '<section>' : '</section><section>';
    const some = await Promise.all(subjects.slice(at, at + READ_AT_ONCE).map(readOne));
    while (some.length > 0) {
      const batch = some.splice(0, countTogether(some));
      for (const withTexts of await Promise.all(batch.map((subject) => readShownTexts(history, subject)))) {
        const absent = texts.absent;
        const record = history.placeApproval(withTexts.id);
        const damaged = unreadable.has(record) ? record : undefined;
        const { text } = drawTimeline({ ...withTexts, damaged }, texts, options);
        if (!withTexts.isStart && !withTexts.approval) absences.gone += 1;
        else if (texts.absent > absent) absences.incomplete += 1;
        yield text;
      }
    }
  }
  yield `${subjects.length > 0 ? '</section>' : ''}${drawEnd(absences, foundSubjects.length)}`;
  return { approvals: foundSubjects.length, check };
}

async function readSubject(
  history: HistoryReader,
  { id, isStart, places }: Subject,
  faults: readonly HistoryFault[],
  { newest, mayRead }: ReportOptions,
) {
  const approval = isStart ? undefined : await history.readApproval(id);
  // If only the period was read, the record names the entries before it.
  const allPlaces =
    newest !== undefined && approval ? [...new Set([...places, ...history.listPlaces(approval)])] : places;
  const entries = await history.readPlaces(allPlaces.sort());
  // With `mayRead`, inputs of starts are not readable: a person wrote them for the channel of the start's message.
  const isReadable = !mayRead || (approval !== undefined && (await mayRead(approval)));
  const hashes =
    approval && isReadable
      ? [...new Set(approval.rounds.flatMap(({ hashes, seenTexts = [] }) => [hashes[0] ?? '', ...seenTexts]))]
      : [];
  return { id, isStart, entries, faults, approval, isReadable, hashes };
}

type ReadSubject = Awaited<ReturnType<typeof readSubject>>;

async function readShownTexts(history: HistoryReader, { hashes, ...subject }: ReadSubject) {
  const outputs = await history.readOutputs(subject.id, hashes);
  const inputs = subject.isStart && subject.isReadable ? await history.readInputs(subject.id) : undefined;
  return { ...subject, outputs, inputs };
}

/** Counts the first of these subjects whose outputs are read together: only one, if it has many rounds. */
function countTogether(subjects: readonly ReadSubject[]): number {
  let outputs = 0;
  const end = subjects.findIndex(({ hashes }) => {
    outputs += hashes.length;
    return outputs > READ_AT_ONCE;
  });
  return end === -1 ? subjects.length : Math.max(1, end);
}

/** Groups faults by their approval or start. */
function groupFaults(faults: readonly HistoryFault[]): Map<string, HistoryFault[]> {
  const faultsBySubject = new Map<string, HistoryFault[]>();
  for (const fault of faults) {
    const subjectFaults = faultsBySubject.get(fault.subject);
    if (subjectFaults) subjectFaults.push(fault);
    else faultsBySubject.set(fault.subject, [fault]);
  }
  return faultsBySubject;
}

/** Finds the ends of permissions. A permission also ends with its run, which only the record says. */
async function findEnds(
  history: HistoryReader,
  permissions: readonly Permission[],
): Promise<(Permission & { until: string })[]> {
  const describedPermissions: (Permission & { until: string })[] = [];
  for (const [index, permission] of permissions.entries()) {
    const { ended, subject, round: number } = permission;
    if (ended || index >= MAX_PERMISSIONS) {
      describedPermissions.push({
        ...permission,
        until: ended ? `${writeTime(ended.at)}, ended by a person` : '',
      });
      continue;
    }
    const approval = await history.readApproval(subject);
    const round = approval?.rounds.find((candidate) => candidate.number === number);
    const at = round?.permissionEnded?.at ?? approval?.runEndedAt;
    describedPermissions.push({ ...permission, until: describeEnd(at, approval !== undefined) });
  }
  return describedPermissions;
}

function describeEnd(at: number | undefined, isKept: boolean): string {
  if (at !== undefined) return `${writeTime(at)}, the end of its run`;
  return isKept
    ? 'not ended: until the end of its run'
    : 'not known: the history has no end, and the record is no longer kept';
}

function describePeriod({ since, until }: Scope): string {
  const from = since <= 0 ? 'From the beginning' : `From ${writeTime(since)}`;
  return `${from} until ${isTime(until) ? `${writeTime(until)} (not included)` : 'now'}`;
}
