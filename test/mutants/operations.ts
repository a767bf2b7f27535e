import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/approval/access/can-look-up.ts': [
    ["if (crew.lookUps === 'everyone') return 'yes';", '', 'world/approvers'],
  ],
  'src/cli/backup.ts': [
    ['copyDatabase(file, target, [USAGE_KEY]);', 'copyDatabase(file, target, []);', 'e2e/backup'],
  ],
  'src/cli/doctor/check-public-url.ts': [
    ['proof === signNonce(botToken, nonce)', 'proof !== undefined', 'cli/checks'],
  ],
  'src/cli/doctor/check-store.ts': [
    ['counts[after.brought] += 1', 'counts.ticket += 1', 'cli/doctor'],
    ['limit: APPROVALS_CHECKED, reverse: true', 'limit: APPROVALS_CHECKED', 'cli/doctor'],
  ],
  'src/cli/doctor/check-slack.ts': [['return users.length > 0', 'return users.length >= 0', 'cli/checks']],
  'src/cli/doctor/doctor.ts': [['values.kickoff ? 1 : 0', '1', 'e2e/doctor']],
  'src/cli/export.ts': [['escape_formulas: true', 'escape_formulas: false', 'e2e/export']],
  'src/cli/init/ask-questions.ts': [['      save(answers);\n', '', 'e2e/init']],
  'src/cli/init/check-answers.ts': [["status === 'note'", "status === 'failed'", 'e2e/init']],
  'src/http/server.ts': [['MAX_CONNECTIONS;', '2 * MAX_CONNECTIONS;', 'e2e/slack-requests']],
  'src/sandbox/demo/ending.ts': [
    ['process.env.npm_lifecycle_event', '!process.env.npm_lifecycle_event', 'e2e/demo-ends'],
  ],
  'src/sandbox/demo/process/own-folder.ts': [['&& !isAlive(pid)', '&& isAlive(pid)', 'e2e/demo-ends']],
  'test/gallery/gallery.ts': [['&& rejected.length === 0 ?', '?', 'e2e/gallery']],
  'src/sandbox/page/same-origin.ts': [["Boolean(req.is('application/json'))", 'true', 'e2e/demo-ends']],
  'src/slack/app/socket-mode.ts': [
    ['...(dispatcher ? { dispatcher } : {}),', '', 'e2e/proxy'],
    [
      '(!isBinary && isWarning(data)) void this.#openNext()',
      '(!isBinary && isWarning(data)) return',
      'e2e/socket-mode',
    ],
  ],
  'src/start.mjs': [
    ["(stamp, 'utf8') === hashSource()", "(stamp, 'utf8').length === hashSource().length", 'e2e/start'],
    ["process.exit(command === 'hook' ? 2 : 1);", 'process.exit(1);', 'e2e/start'],
  ],
  'src/store/backends/sqlite/open-database.ts': [
    ['synchronous = FULL', 'synchronous = NORMAL', 'e2e/power-cut'],
  ],
};
