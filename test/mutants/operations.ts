import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    file: 'src/cli/backup.ts',
    from: "copy.prepare('DELETE FROM records WHERE key = ?').run(USAGE_KEY);",
    to: '',
    tests: ['test/e2e/backup.test.ts'],
  },
  {
    file: 'src/main.ts',
    from: "options.find((option) => option !== '--restored')",
    to: "options.find((option) => !option.startsWith('--restore'))",
    tests: ['test/e2e/backup.test.ts'],
  },
  {
    file: 'src/cli/export.ts',
    from: 'escape_formulas: true',
    to: 'escape_formulas: false',
    tests: ['test/e2e/export.test.ts'],
  },
  {
    file: 'src/cli/doctor/check-slack.ts',
    from: 'return users.length > 0',
    to: 'return users.length >= 0',
    tests: ['test/cli/checks.test.ts'],
  },
  {
    file: 'src/cli/doctor/check-public-url.ts',
    from: 'data?.proof === signNonce(botToken, nonce)',
    to: 'data?.proof !== undefined',
    tests: ['test/cli/checks.test.ts'],
  },
  {
    file: 'src/cli/init/ask-questions.ts',
    from: '      save(answers);\n',
    to: '',
    tests: ['test/e2e/init.test.ts'],
  },
  {
    file: 'src/cli/init/check-answers.ts',
    from: "return result.status === 'note'",
    to: "return result.status === 'failed'",
    tests: ['test/e2e/init.test.ts'],
  },
  {
    file: 'src/start.mjs',
    from: "readFileSync(stamp, 'utf8') === hashSource()",
    to: "readFileSync(stamp, 'utf8').length === hashSource().length",
    tests: ['test/e2e/start.test.ts'],
  },
  {
    file: 'src/sandbox/demo/process/own-folder.ts',
    from: '&& !lives(pid)',
    to: '&& lives(pid)',
    tests: ['test/e2e/demo-ends.test.ts'],
  },
  {
    file: 'src/sandbox/page/same-origin.ts',
    from: "Boolean(req.is('application/json'))",
    to: 'true',
    tests: ['test/e2e/demo-ends.test.ts'],
  },
  {
    file: 'src/sandbox/gallery.ts',
    from: 'return stopped === undefined && rejected.length === 0 ? 0 : 1;',
    to: 'return stopped === undefined ? 0 : 1;',
    tests: ['test/e2e/gallery.test.ts'],
  },
  {
    file: 'src/slack/app/socket-mode.ts',
    from: 'if (!isBinary && isWarning(data)) void this.#openNext();',
    to: 'if (!isBinary && isWarning(data)) return;',
    tests: ['test/e2e/socket-mode.test.ts'],
  },
  {
    file: 'src/http/server.ts',
    from: 'server.maxConnections = MAX_CONNECTIONS;',
    to: 'server.maxConnections = 2 * MAX_CONNECTIONS;',
    tests: ['test/e2e/slack-requests.test.ts'],
  },
  {
    file: 'src/store/backends/sqlite/open-database.ts',
    from: 'PRAGMA synchronous = FULL;',
    to: 'PRAGMA synchronous = NORMAL;',
    tests: ['test/e2e/power-cut.test.ts'],
  },
  {
    file: 'src/store/usage.ts',
    from: 'now - at >= IN_USE_FOR',
    to: 'now - at >= 2 * IN_USE_FOR',
    tests: ['test/e2e/backup.test.ts'],
  },
  {
    file: 'src/approval/access/can-look-up.ts',
    from: "if (crew.lookUps === 'everyone') return 'yes';",
    to: '',
    tests: ['test/world/approvers.test.ts'],
  },
  {
    file: 'src/cli/doctor/doctor.ts',
    from: 'positionals.at(values.kickoff ? 1 : 0)',
    to: 'positionals.at(1)',
    tests: ['test/e2e/doctor.test.ts'],
  },
  {
    file: 'src/sandbox/demo/ending.ts',
    from: 'if (process.env.npm_lifecycle_event) setInterval',
    to: 'if (!process.env.npm_lifecycle_event) setInterval',
    tests: ['test/e2e/demo-ends.test.ts'],
  },
];
