import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/approval/access/can-look-up.ts': [
    ["if (crew.lookUps === 'everyone') return 'yes';", '', 'e2e/channel-members'],
  ],
  'src/cli/backup.ts': [
    ["copy.prepare('DELETE FROM records WHERE key = ?').run(USAGE_KEY);", '', 'e2e/backup'],
  ],
  'src/cli/doctor/check-public-url.ts': [
    ['data?.proof === signNonce(botToken, nonce)', 'data?.proof !== undefined', 'e2e/doctor'],
  ],
  'src/cli/doctor/check-slack.ts': [['return users.length > 0', 'return users.length >= 0', 'e2e/doctor']],
  'src/cli/doctor/doctor.ts': [
    ['positionals.at(values.kickoff ? 1 : 0)', 'positionals.at(1)', 'e2e/start-and-stop'],
  ],
  'src/cli/export.ts': [['escape_formulas: true', 'escape_formulas: false', 'e2e/export']],
  'src/cli/init/ask-questions.ts': [['      save(answers);\n', '', 'e2e/init']],
  'src/cli/init/check-answers.ts': [
    ["return result.status === 'note'", "return result.status === 'failed'", 'e2e/init'],
  ],
  'src/http/server.ts': [
    [
      'server.maxConnections = MAX_CONNECTIONS;',
      'server.maxConnections = 2 * MAX_CONNECTIONS;',
      'e2e/slack-requests',
    ],
  ],
  'src/main.ts': [
    [
      "options.find((option) => option !== '--restored')",
      "options.find((option) => !option.startsWith('--restore'))",
      'e2e/backup',
    ],
  ],
  'src/sandbox/demo/ending.ts': [
    [
      'if (process.env.npm_lifecycle_event) setInterval',
      'if (!process.env.npm_lifecycle_event) setInterval',
      'e2e/demo-ends',
    ],
  ],
  'src/sandbox/demo/process/own-folder.ts': [['&& !lives(pid)', '&& lives(pid)', 'e2e/demo-ends']],
  'src/sandbox/gallery.ts': [
    [
      'return stopped === undefined && rejected.length === 0 ? 0 : 1;',
      'return stopped === undefined ? 0 : 1;',
      'e2e/gallery',
    ],
  ],
  'src/sandbox/page/same-origin.ts': [["Boolean(req.is('application/json'))", 'true', 'e2e/demo-ends']],
  'src/slack/app/socket-mode.ts': [
    [
      'if (!isBinary && isWarning(data)) void this.#openNext();',
      'if (!isBinary && isWarning(data)) return;',
      'e2e/socket-mode',
    ],
  ],
  'src/start.mjs': [
    [
      "readFileSync(stamp, 'utf8') === hashSource()",
      "readFileSync(stamp, 'utf8').length === hashSource().length",
      'e2e/start',
    ],
  ],
  'src/store/backends/sqlite/open-database.ts': [
    ['PRAGMA synchronous = FULL;', 'PRAGMA synchronous = NORMAL;', 'e2e/power-cut'],
  ],
};
