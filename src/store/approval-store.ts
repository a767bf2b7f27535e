import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Approval, approvalSchema } from '../approval/model/approval.ts';
import { absencesSchema } from '../approval/model/away.ts';
import { fieldSchema } from '../approval/model/fields.ts';
import { outputSchema } from '../approval/model/output.ts';
import { listOutputHashes } from '../approval/model/round.ts';
import { agentStepsSchema } from '../approval/model/run/agent-steps.ts';
import { type RunRecord, runRecordSchema } from '../approval/model/run/run-record.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { ApprovalStore, Log, Stored } from '../approval/ports.ts';
import {
  buildApprovalChange,
  buildRunChange,
  buildRunDeletion,
  buildStartChange,
  findRootKey,
  joinChanges,
  listAliasKeys,
  listStartEntries,
  type Opening,
  type RecordChange,
} from './changes.ts';
import type { FormatContext } from './formats/step.ts';
import { buildIndexKeys, buildKey, buildOutputKey, buildPlaceBound, INDEX_OF, readKey } from './keys.ts';
import { createRecordReader, serializeRecord } from './read-record.ts';
import { eachRecord, type RecordStore } from './record-store.ts';

export const threadOwnerSchema = z.union([
  z.object({ approval: z.string() }),
  z.object({ kickoff: z.string() }),
]);
export const declaredInputsSchema = z.object({
  names: z.array(z.string()),
  required: z.array(z.string()).optional(),
  fields: z.array(fieldSchema).optional(),
});

/** Number of approvals whose changes are built in one turn of the event loop, which takes about 5 ms. */
const CHANGED_AT_ONCE = 50;

interface StoreOptions extends FormatContext {
  /** Returns whether a crew's events carry texts; undefined: the events have no receiver. */
  eventsOf?: (crew: string) => { withTexts: boolean } | undefined;
}

/** Creates the store of approvals, runs and starts on a record store. */
export function createApprovalStore(
  records: RecordStore,
  log: Log,
  { eventsOf = () => undefined, strictestPolicy }: StoreOptions = {},
): ApprovalStore {
  const context = strictestPolicy ? { strictestPolicy } : {};
  const { readRecord, readRecords, requireReadable } = createRecordReader(records, log, context);
  const readOutput = async (key: string) => (await readRecord(key, outputSchema))?.record;
  const readRun = (crew: string, executionId: string) =>
    readRecord(buildKey('execution', executionId, crew), runRecordSchema);

  const findOriginalId = async (crew: string, id: string) =>
    (await readRecord(buildKey('alias', id, crew), z.string()))?.record ?? id;

  /** Lists the other ids of a run. Each new id changes the run's record, so a commit that compares the record misses no id. */
  async function listAliases({ record, upgraded = [] }: Stored<RunRecord>): Promise<string[]> {
    const { crew, executionId } = record;
    const aliases = upgraded.flatMap(({ key }) =>
      key.startsWith('aliasof/') ? [readKey(key)[2] as string] : [],
    );
    for await (const { key } of eachRecord(records, buildKey('aliasof', executionId, crew)))
      aliases.push(readKey(key)[2] as string);
    return [...new Set(aliases)];
  }

  /**
   * Builds the changes that remove a deleted approval or start (`deletedKey`) from its run. `findIdleTime` says since when a run
   * without either is idle.
   */
  async function leaveRun(crew: string, executionId: string, deletedKey: string): Promise<RecordChange[]> {
    const previous = await readRun(crew, await findOriginalId(crew, executionId));
    if (!previous) return [];
    const { thread, ...run } = previous.record;
    const keys = run.approvals.map((id) => buildKey('approval', id));
    const raws = await records.getMany(keys);
    const startKey = thread && buildKey('kickoff', thread.kickoff);
    const startRaw = startKey && (await records.get(startKey));
    const approvals = run.approvals.filter((_, at) => keys[at] !== deletedKey && raws[at] !== undefined);
    const hasStart = startKey !== deletedKey && startRaw !== undefined;
    const next = { ...run, approvals, ...(thread && (hasStart || approvals.length > 0) ? { thread } : {}) };
    // Another process may delete the start in between. Without this comparison, neither would see that its deletion is the last.
    const compare =
      startKey === undefined || startKey === deletedKey ? [] : [{ key: startKey, previousRaw: startRaw }];
    return [buildRunChange({ previous, next }), { compare, puts: [], deletes: [] }];
  }

  /** Lists the keys of an approval's questions, except keys of questions that were asked again in another approval. */
  async function findQuestionKeys({ id, crew, rounds }: Approval): Promise<string[]> {
    const keys = rounds
      .flatMap(({ question, allowedCalls = [] }) => [...(question ? [question] : []), ...allowedCalls])
      .map((question) => buildKey('question', question.id, crew));
    const approvalIds = await Promise.all(keys.map((key) => readRecord(key, z.string())));
    return keys.filter((_, index) => approvalIds[index]?.record === id);
  }

  async function findKeys(kind: 'approval' | 'execution', prefix: string, limit: number): Promise<string[]> {
    const start = buildKey(kind, prefix);
    const exactKey = (await records.get(start)) === undefined ? [] : [start];
    const longerKeys = (await records.range(kind, { after: start, limit })).map(({ key }) => key);
    return [...exactKey, ...longerKeys.filter((key) => key.startsWith(start))].slice(0, limit);
  }

  return {
    approval: (id) => readRecord(buildKey('approval', id), approvalSchema),
    approvals(ids, known) {
      const keys = ids.map((id) => buildKey('approval', id));
      return readRecords(
        keys,
        approvalSchema,
        ids.map((id) => known?.get(id)),
      );
    },
    run: readRun,
    start: (id) => readRecord(buildKey('kickoff', id), startSchema),
    output: (approvalId, hash) => readOutput(buildOutputKey(approvalId, hash)),
    result: (crew, executionId) => readOutput(buildKey('result', executionId, crew)),

    originalId: findOriginalId,

    async ownerOfThread(channel, ts) {
      return (await readRecord(buildKey('root', channel, ts), threadOwnerSchema))?.record;
    },

    steps: (crew, executionId) => readRecord(buildKey('steps', executionId, crew), agentStepsSchema),
    question: (crew, id) => readRecord(buildKey('question', id, crew), z.string()),

    absences: () => readRecord(buildKey('away'), absencesSchema),
    async saveAbsences(previous, next) {
      const key = buildKey('away');
      const compare = [{ key, previousRaw: previous?.raw }];
      return records.commit({ compare, puts: [serializeRecord(key, next)], deletes: [] });
    },

    async declaredInputs(crew) {
      return (await readRecord(buildKey('inputs', crew), declaredInputsSchema))?.record;
    },

    async declareInputs(crew, inputs) {
      await records.commit({
        compare: [],
        puts: [serializeRecord(buildKey('inputs', crew), inputs)],
        deletes: [],
      });
    },

    async save({ approvals = [], run, start, alias, question, steps, deadline }) {
      const { opened: hash, openedAt: at } = run?.next ?? {};
      let latestOpening: Partial<Opening> = {
        ...(hash === undefined ? {} : { hash }),
        ...(at === undefined ? {} : { at }),
      };
      const approvalChanges: RecordChange[] = [];
      for (const [index, write] of approvals.entries()) {
        // The end of a run can change a thousand approvals, and clicks arrive in between.
        if (index % CHANGED_AT_ONCE === CHANGED_AT_ONCE - 1) await setImmediate();
        const approvalChange = buildApprovalChange(write, latestOpening, eventsOf(write.next.crew));
        latestOpening = approvalChange.opened ?? latestOpening;
        approvalChanges.push(approvalChange.change);
      }
      const openedFields = { opened: latestOpening.hash, openedAt: latestOpening.at };
      const runWrite = run && { ...run, next: { ...run.next, ...openedFields } };
      const changes = [
        ...approvalChanges,
        ...(runWrite ? [buildRunChange(runWrite, eventsOf(runWrite.next.crew) !== undefined)] : []),
        ...(start ? [buildStartChange(start)] : []),
      ];
      if (steps) {
        const key = buildKey('steps', steps.executionId, steps.crew);
        const puts = [serializeRecord(key, steps.next)];
        changes.push({ compare: [{ key, previousRaw: steps.previous?.raw }], puts, deletes: [] });
      }
      if (question) {
        const { crew, id, approvalId, previous } = question;
        const key = buildKey('question', id, crew);
        const puts = [serializeRecord(key, approvalId)];
        changes.push({ compare: [{ key, previousRaw: previous?.raw }], puts, deletes: [] });
      }
      if (alias) {
        const { crew, id, executionId } = alias;
        const { key, listed } = listAliasKeys(crew, id, executionId);
        const puts = [serializeRecord(key, executionId), serializeRecord(listed, '')];
        changes.push({ compare: [{ key, previousRaw: undefined }], puts, deletes: [] });
      }
      if (alias && run) {
        const { crew, id, from } = alias;
        const movedAliases = from ? await listAliases(from) : [];
        const [key, resultKey] = [buildKey('execution', id, crew), buildKey('result', id, crew)];
        const movesResult = from?.record.hasResult && !run.previous?.record.hasResult;
        const result = movesResult ? await readOutput(resultKey) : undefined;
        const newResultKey = buildKey('result', alias.executionId, crew);
        changes.push({
          compare: [{ key, previousRaw: from?.raw }],
          puts: [
            ...(result ? [serializeRecord(newResultKey, result)] : []),
            ...movedAliases.flatMap((otherId) => {
              const { key: aliasKey, listed } = listAliasKeys(crew, otherId, alias.executionId);
              return [serializeRecord(aliasKey, alias.executionId), serializeRecord(listed, '')];
            }),
          ],
          deletes: from
            ? [
                ...buildRunDeletion(from, []).deletes,
                ...movedAliases.map((otherId) => listAliasKeys(crew, otherId, id).listed),
              ]
            : [],
        });
      }
      const change = joinChanges(changes);
      await requireReadable(change.puts);
      return records.commit({ ...change, deadline });
    },

    async forget({ record, raw }) {
      const key = buildKey('approval', record.id);
      const outputs = record.rounds.flatMap(listOutputHashes).map((hash) => buildOutputKey(record.id, hash));
      const questions = await findQuestionKeys(record);
      const root = findRootKey(record);
      const roots = root === undefined ? [] : [root];
      const deletes = [key, ...buildIndexKeys(record), ...new Set(outputs), ...questions, ...roots];
      const change = { compare: [{ key, previousRaw: raw }], puts: [], deletes };
      return records.commit(joinChanges([change, ...(await leaveRun(record.crew, record.executionId, key))]));
    },

    async forgetStart({ record, raw }) {
      const { id, crew, executionId } = record;
      const key = buildKey('kickoff', id);
      const root = record.message && buildKey('root', record.message.channel, record.message.ts);
      const deletes = [key, ...listStartEntries(record), ...(root === undefined ? [] : [root])];
      const change = { compare: [{ key, previousRaw: raw }], puts: [], deletes };
      const runChanges = executionId === undefined ? [] : await leaveRun(crew, executionId, key);
      return records.commit(joinChanges([change, ...runChanges]));
    },

    forgetRun: async (stored) => records.commit(buildRunDeletion(stored, await listAliases(stored))),

    async list(name, owners, { limit, after, reverse = false, until }) {
      const indexes =
        owners === 'all'
          ? [buildKey(INDEX_OF[name])]
          : owners.map((owner) => buildKey(INDEX_OF[name], owner));
      const slices = await Promise.all(
        indexes.map(async (index) => {
          const afterKey = after === undefined ? undefined : `${index}${after}`;
          const entries = await records.range(index, { limit, reverse, after: afterKey });
          return entries.map(({ key }) => key.slice(index.length));
        }),
      );
      const order = reverse ? -1 : 1;
      const places = slices.flat().sort((a, b) => (a < b ? -order : order));
      const bound = until === undefined ? undefined : buildPlaceBound(until);
      const pagePlaces = places.slice(0, limit).filter((place) => bound === undefined || place < bound);
      return pagePlaces.map((place) => {
        const [, id = '', crew] = readKey(place);
        return { id, crew, place };
      });
    },

    async openFigures(crew, limit) {
      // Index entries hold the state of their approval, so no records are read.
      const entries = await records.range(buildKey('waiting', crew), { limit });
      const states: Record<string, number> = { waiting: 0, refused: 0, undelivered: 0 };
      for (const { raw } of entries) {
        const state = /"value":"(\w+)"/.exec(raw)?.[1] ?? '';
        if (state in states) states[state] = (states[state] ?? 0) + 1;
      }
      const [oldest] = entries;
      return { states, ...(oldest === undefined ? {} : { oldestSince: Number(readKey(oldest.key)[1]) }) };
    },

    async sendingFigures(crew, limit) {
      const entries = await records.range(buildKey('sending', crew), { limit });
      const [oldest] = entries;
      return {
        count: entries.length,
        ...(oldest === undefined ? {} : { oldestSince: Number(readKey(oldest.key)[1]) }),
      };
    },

    async approvalsBeginning(prefix, limit) {
      return (await findKeys('approval', prefix, limit)).flatMap(readKey);
    },

    async runsBeginning(prefix, limit) {
      // In the order of keys, longer ids may come before the exact id, so the exact id is looked up first.
      const exactMatches = await records.range(buildKey('execution', prefix), { limit });
      const keys =
        exactMatches.length > 0
          ? exactMatches.map(({ key }) => key)
          : await findKeys('execution', prefix, limit);
      return keys.map((key) => {
        const [executionId = '', crew = ''] = readKey(key);
        return { executionId, crew };
      });
    },
  };
}
