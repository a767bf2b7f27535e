import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** Ends the program with the demo, whose end closes the program's input. */
const EXIT_WITH_PARENT = `
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
`;

/** Programs that two documents print, with the Python code that runs them. */
const PROGRAMS = {
  /** A Flow asks. */
  'newsletter.py': {
    document: 'self-hosted.md',
    run: 'sys.argv = ["newsletter.py", "start"]\nrunpy.run_path("newsletter.py", run_name="__main__")',
  },
  /** A tool asks before it runs. An agent would need a model, so this code calls the tool like an agent. */
  'mailer.py': {
    document: 'tools.md',
    run: 'send = runpy.run_path("mailer.py")["mailer"].tools[0]\nprint(send.run(to="ana@example.com", text="The jacket is ready."))',
  },
} as const;

/** Runs a program from a document with the crewai package of this machine. Returns a function that ends the program. */
export function startDocumentedProgram({
  file,
  folder,
  botUrl,
  secret,
  python,
  say,
}: {
  file: keyof typeof PROGRAMS;
  folder: string;
  botUrl: string;
  secret: string;
  /** Command that runs Python. */
  python: string;
  say: (line: string) => void;
}): () => void {
  const { document, run } = PROGRAMS[file];
  const text = readFileSync(join(ROOT, 'docs', document), 'utf8');
  const [, printed = ''] = text.split(`\`${file}\`:\n\n\`\`\`python\n`);
  // Each program has its own folder, because each has its own database.
  const cwd = join(folder, basename(file, '.py'));
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, file), printed.split('\n```')[0] ?? '');
  const child = spawn(python, ['-c', EXIT_WITH_PARENT + run], {
    cwd,
    env: {
      ...process.env,
      PYTHONPATH: join(ROOT, 'src', 'python'),
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      CREWAI_STORAGE_DIR: join(cwd, 'crewai'),
      CREWAI_DISABLE_TELEMETRY: 'true',
      CREWAI_TRACING_ENABLED: 'false',
      OTEL_SDK_DISABLED: 'true',
      OPENAI_API_KEY: 'no model is called',
      BOT_URL: botUrl,
      ASK_SECRET: secret,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let lastErrorLine = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() !== '') lastErrorLine = line.trim();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^(?:published|discarded|sent to|The tool was not run)/.test(line)) say(`${file}: ${line}`);
  });
  child.once('error', (error) => say(`${file} did not start: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal !== null || code === 0) return;
    say(
      lastErrorLine.includes("No module named 'crewai")
        ? `${python} has no crewai package. Install it (pip install crewai), or name another Python in PYTHON.`
        : `${file} ended: ${lastErrorLine}`,
    );
  });
  return () => void child.kill('SIGKILL');
}
