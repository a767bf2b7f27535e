import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeIf } from '../support/describe-if.ts';
import { clickOn } from '../support/process-steps.ts';
import { VENVS } from '../support/self-hosted.ts';
import { buildEnvironment, MCP_COMMAND, seesCard, startAsking } from './mcp-client.ts';

/** The release of the official client for Python; `.ci/run` installs it. */
const MCP_CLIENT = '2.3.0';
const PYTHON = join(VENVS, `mcp-${MCP_CLIENT}`, 'bin', 'python');

describeIf(
  existsSync(PYTHON),
  `mcp ${MCP_CLIENT} is not installed (${PYTHON}): the MCP server is not held against it`,
)('the official client for Python', () => {
  // auto: it tries a newer protocol first.
  test.each([
    ['stdio', 'auto'],
    ['stdio', 'legacy'],
    ['http', 'auto'],
    ['http', 'legacy'],
  ])('asks over %s and gets its answer (%s)', async (transport, mode) => {
    const { world, url } = await startAsking();
    const target = transport === 'stdio' ? [process.execPath, MCP_COMMAND] : [`${url}/crews/press/mcp`];
    const program = promisify(execFile)(
      PYTHON,
      [join('test', 'python', 'mcp_program.py'), transport, mode, ...target],
      { env: buildEnvironment(url) },
    );
    const failed = program.then(() => Promise.reject(new Error('it has ended')));
    failed.catch(() => {});
    const { ts } = await Promise.race([seesCard(world, 'Ship build 42?'), failed]);
    await clickOn(world, ts, 'approve');
    expect(JSON.parse((await program).stdout)).toMatchObject({
      version: mode === 'auto' ? '2026-07-28' : '2025-11-25',
      tools: ['ask_human', 'get_answer', 'cancel'],
      is_error: false,
      answer: { status: 'answered', answer: { option: 'approve', by: 'UANA' } },
      told: true,
    });
  });
});
