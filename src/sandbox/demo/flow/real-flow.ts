import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const PROGRAM = 'newsletter.py';
/** It does not outlive the demo, whose end closes its input. */
const LEASH = `
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
sys.argv = ["${PROGRAM}", "start"]
runpy.run_path("${PROGRAM}", run_name="__main__")
`;

/** Runs the Flow that docs/self-hosted.md prints, for its crew `press`, with the crewai package of this machine; gives how to end it. */
export function startRealFlow({
  folder,
  botUrl,
  secret,
  python,
  say,
}: {
  folder: string;
  botUrl: string;
  secret: string;
  /** The command. */
  python: string;
  say: (line: string) => void;
}): () => void {
  const document = readFileSync(join(ROOT, 'docs', 'self-hosted.md'), 'utf8');
  const [, printed = ''] = document.split(`\`${PROGRAM}\`:\n\n\`\`\`python\n`);
  writeFileSync(join(folder, PROGRAM), printed.split('\n```')[0] ?? '');
  const child = spawn(python, ['-c', LEASH], {
    cwd: folder,
    env: {
      ...process.env,
      PYTHONPATH: join(ROOT, 'src', 'python'),
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      CREWAI_STORAGE_DIR: join(folder, 'crewai'),
      CREWAI_DISABLE_TELEMETRY: 'true',
      CREWAI_TRACING_ENABLED: 'false',
      OTEL_SDK_DISABLED: 'true',
      BOT_URL: botUrl,
      ASK_SECRET: secret,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() !== '') last = line.trim();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^(?:published|discarded)/.test(line)) say(`${PROGRAM}: ${line}`);
  });
  child.once('error', (error) => say(`${PROGRAM} did not start: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal !== null || code === 0) return;
    say(
      last.includes("No module named 'crewai")
        ? `${python} has no crewai package. Install it (pip install crewai), or name another Python in PYTHON.`
        : `${PROGRAM} ended: ${last}`,
    );
  });
  return () => void child.kill('SIGKILL');
}
