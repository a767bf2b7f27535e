import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/store/approval-store.ts': [
    ['hasStart || approvals.length > 0', 'hasStart', 'store/starts'],
    ['keys[at] !== deletedKey && ', '', 'store/lists'],
    [' && raws[at] !== undefined', '', 'store/approval-store'],
  ],
  'src/store/backends/postgres.ts': [['synchronous_commit=on', 'synchronous_commit=off', 'store/servers']],
  'src/store/backends/range-bounds.ts': [['isBefore(low, after) ? after : low', 'after', 'store/sqlite']],
  'src/store/backends/redis-scripts.ts': [["redis.call('ZREM', index, ARGV[i])", '', 'store/servers']],
  'src/store/backends/redis-settings.ts': [["fsync === 'always'", "fsync !== 'no'", 'store/redis-refused']],
  'src/store/backends/sqlite/file-watch.ts': [['hasOtherWriter ? undefined :', '', 'store/sqlite-files']],
  'src/store/backends/sqlite/open-database.ts': [
    ['PRAGMA secure_delete = ON', 'PRAGMA secure_delete = OFF', 'store/sqlite'],
    ['remedy = isCopy(', 'remedy = !isCopy(', 'store/sqlite'],
  ],
  'src/store/changes.ts': [
    ['serializeRecord(entry, state)', "serializeRecord(entry, '')", 'store/lists'],
    [
      'deletes: previousEntries.filter((entry) => !entries.includes(entry))',
      'deletes: []',
      'store/approval-store',
    ],
  ],
  'src/store/keys.ts': [
    ['undefined || needsPerson(round)', 'undefined', 'store/lists'],
    ['sending === undefined', 'true', 'store/lists'],
    [
      'rounds.findLast((candidate) => candidate.decision)',
      'rounds.find((candidate) => candidate.decision)',
      'store/approval-store',
    ],
  ],
  'src/store/measured-store.ts': [["start ? 'saveKickoff' : 'saveApproval'", "'saveApproval'"]],
  'src/store/open-store.ts': [
    ['undefined && (await isEmpty(records))', 'undefined', 'store/store-format'],
    ['await refuseNewerRecords(records);', '', 'store/store-format'],
  ],
  'src/store/read-record.ts': [
    ['raw.length <= LONGEST_PARSED', 'raw.length > 0'],
    ['if (error instanceof StoreError) throw error;', ''],
  ],
  'src/store/sweep.ts': [
    ["if (this.#state !== 'runs') return;\n        const puts", 'const puts', 'store/upgrade'],
    [
      'if (!isCommitted) for (const change of changes) migrated',
      'if (!isCommitted) for (const change of []) migrated',
      'store/upgrade',
    ],
  ],
  'src/store/usage.ts': [['now - at >= IN_USE_PERIOD', 'now - at > IN_USE_PERIOD']],
  'src/store/write-check.ts': [
    ['- this.lastCheck.at >= CHECK_INTERVAL', '- this.lastCheck.at > CHECK_INTERVAL'],
  ],
};
