import type { Mutant } from './mutant.ts';

const sqlite = 'src/store/backends/sqlite';

export const mutants: readonly Mutant[] = [
  {
    file: 'src/store/approval-store.ts',
    from: 'run.record.approvals.length === 0 && ',
    to: '',
    tests: ['test/store/kickoffs.test.ts'],
  },
  {
    file: 'src/store/approval-store.ts',
    from: 'run ? undefined : await findUnusedRun(record);',
    to: 'run ? undefined : await findUnusedRun(record, record.id);',
    tests: ['test/store/approval-store.test.ts'],
  },
  {
    file: 'src/store/approval-store.ts',
    from: 'if (unused) await',
    to: 'if (!unused) await',
    tests: ['test/store/lists.test.ts'],
  },
  {
    file: 'src/store/changes.ts',
    from: 'serializeRecord(entry, state)',
    to: "serializeRecord(entry, '')",
    tests: ['test/store/lists.test.ts'],
  },
  {
    file: 'src/store/changes.ts',
    from: 'deletes: former.filter((entry) => !entries.includes(entry))',
    to: 'deletes: []',
    tests: ['test/store/approval-store.test.ts'],
  },
  {
    file: 'src/store/keys.ts',
    from: 'round.settledAt === undefined || needsPerson(approval)',
    to: 'round.settledAt === undefined',
    tests: ['test/store/lists.test.ts'],
  },
  {
    file: 'src/store/keys.ts',
    from: 'rounds.findLast((candidate)',
    to: 'rounds.find((candidate)',
    tests: ['test/store/approval-store.test.ts'],
  },
  {
    file: 'src/store/audit.ts',
    from: 'if (error instanceof RecordError) return undefined;',
    to: '',
    tests: ['test/store/lists.test.ts'],
  },
  {
    file: 'src/store/read-record.ts',
    from: 'raw.length <= LONGEST_PARSED',
    to: 'raw.length > 0',
    tests: ['test/store/read-record.test.ts'],
  },
  {
    file: 'src/store/usage.ts',
    from: 'now - at >= IN_USE_FOR',
    to: 'now - at > IN_USE_FOR',
    tests: ['test/store/usage.test.ts'],
  },
  {
    file: 'src/store/write-check.ts',
    from: '- this.last.at >= EVERY',
    to: '- this.last.at > EVERY',
    tests: ['test/store/write-check.test.ts'],
  },
  {
    file: 'src/store/open-store.ts',
    from: 'format === undefined && (await isEmpty(records))',
    to: 'format === undefined',
    tests: ['test/store/store-format.test.ts'],
  },
  {
    file: 'src/store/measured-store.ts',
    from: "return kickoff ? 'saveKickoff' : 'saveApproval'",
    to: "return 'saveApproval'",
    tests: ['test/store/measured-store.test.ts'],
  },
  {
    file: 'src/store/backends/range-bounds.ts',
    from: 'isBefore(low, after) ? after : low',
    to: 'after',
    tests: ['test/store/sqlite.test.ts'],
  },
  {
    file: `${sqlite}/file-watch.ts`,
    from: 'state() !== this.known.state || othersWrite()',
    to: 'state() !== this.known.state',
    tests: ['test/store/sqlite-files.test.ts'],
  },
  {
    file: `${sqlite}/open-database.ts`,
    from: 'PRAGMA secure_delete = ON',
    to: 'PRAGMA secure_delete = OFF',
    tests: ['test/store/sqlite.test.ts'],
  },
  {
    file: `${sqlite}/open-database.ts`,
    from: 'remedy = isCopy(',
    to: 'remedy = !isCopy(',
    tests: ['test/store/sqlite.test.ts'],
  },
  {
    file: 'src/store/backends/postgres.ts',
    from: 'synchronous_commit=on',
    to: 'synchronous_commit=off',
    tests: ['test/store/servers.test.ts'],
  },
  {
    file: 'src/store/backends/redis-scripts.ts',
    from: "redis.call('ZREM', index, ARGV[i])",
    to: '',
    tests: ['test/store/servers.test.ts'],
  },
  {
    file: 'src/store/backends/redis-settings.ts',
    from: "fsync === 'always'",
    to: "fsync !== 'no'",
    tests: ['test/store/redis-refused.test.ts'],
  },
];
