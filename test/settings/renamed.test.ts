import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadSettings } from '../../src/settings/load-settings.ts';
import { RENAMED_SETTINGS } from '../../src/settings/renamed.ts';
import { ALL_SETTINGS } from '../../src/settings/table.ts';
import { GOOD } from './default-crew.ts';

const RENAMED = { QUIET_AFTER: 'SILENT_AFTER', OPERATORS_CHANNEL: 'OPS_CHANNEL' };
const KEPT = 'this name works until the next minor version';

describe('a setting that has another name now', () => {
  test('works under its former one, and the start says so', () => {
    const settings = loadSettings({ ...GOOD, QUIET_AFTER: '2h', OPERATORS_CHANNEL: '#ops' }, RENAMED);
    expect(settings).toMatchObject({ opsChannel: '#ops', crews: [{ silentAfter: 2 * 60 * 60_000 }] });
    expect(settings.ineffective).toEqual([
      { variable: 'QUIET_AFTER', why: `is called SILENT_AFTER now: ${KEPT}`, isError: false },
      { variable: 'OPERATORS_CHANNEL', why: `is called OPS_CHANNEL now: ${KEPT}`, isError: false },
    ]);
  });

  test('counts under its new one where both are set, and the other one is named', () => {
    const settings = loadSettings({ ...GOOD, QUIET_AFTER: '2h', SILENT_AFTER: '3h' }, RENAMED);
    expect(settings.crews).toMatchObject([{ silentAfter: 3 * 60 * 60_000 }]);
    expect(settings.ineffective).toMatchObject([
      { variable: 'QUIET_AFTER', why: 'has no effect: it is called SILENT_AFTER now, which is set as well' },
    ]);
  });

  test('works in the crews file, too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-settings-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'crews.yml');
    const { CREWAI_BASE_URL: url, CREWAI_BEARER_TOKEN: token, WEBHOOK_SECRET: secret, ...others } = GOOD;
    writeFileSync(
      file,
      `crews:\n  press:\n    base_url: ${url}\n    bearer_token: ${token}\n    webhook_secret: ${secret}\n    quiet_after: 2h\n`,
    );
    const settings = loadSettings({ ...others, CREWS_FILE: file }, RENAMED);
    expect(settings.crews).toMatchObject([{ name: 'press', silentAfter: 2 * 60 * 60_000 }]);
    expect(settings.ineffective).toContainEqual({
      variable: 'crews.press.quiet_after',
      why: `is called silent_after now: ${KEPT}`,
      isError: false,
    });
  });

  test('has its new name in the table, and its former one no more', () => {
    const known = ALL_SETTINGS.map(({ variable }) => variable);
    for (const [former, now] of Object.entries(RENAMED_SETTINGS)) {
      expect(known).toContain(now);
      expect(known).not.toContain(former);
    }
  });
});
