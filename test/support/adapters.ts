import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe } from 'vitest';
import { describeIf } from './describe-if.ts';
import { freePort } from './free-port.ts';
import { runPython, VENVS } from './self-hosted.ts';
import { atEnd } from './shared.ts';

// `.ci/run` reads the packages from these lines: `EACH_RUN` is always installed, `NIGHTLY` with ALL_CLIENTS=1. A
// virtual environment has the name of its first package.
const EACH_RUN_PYDANTIC_AI = 'pydantic-ai-slim==2.68.0';
const EACH_RUN_LANGGRAPH = 'langgraph==1.2.24 langgraph-checkpoint-sqlite==3.1.2 langchain==1.5.2';
const NIGHTLY_OPENAI_AGENTS = 'openai-agents==0.24.0';

// npm packages, installed with ALL_CLIENTS=1. Each line has a folder with the name of its first package.
const NPM_AI_SDK = 'ai@7.0.173 @ai-sdk/openai@4.0.118 zod@4.6.7';
const NPM_OPENAI_AGENTS = '@openai/agents@0.20.0 zod@4.6.7';
const NPM_CLAUDE_CODE = '@anthropic-ai/claude-code@2.1.332';

const NPM_PACKAGES = {
  'ai-sdk': NPM_AI_SDK,
  'openai-agents-js': NPM_OPENAI_AGENTS,
  'claude-code': NPM_CLAUDE_CODE,
};
export type NpmFramework = keyof typeof NPM_PACKAGES;

const PACKAGES = {
  'pydantic-ai': EACH_RUN_PYDANTIC_AI,
  langgraph: EACH_RUN_LANGGRAPH,
  'openai-agents': NIGHTLY_OPENAI_AGENTS,
};
export type Framework = keyof typeof PACKAGES;

const pythonWith = (framework: Framework) =>
  join(VENVS, PACKAGES[framework].replace(/ .*/, '').replace('==', '-'), 'bin', 'python');

/** Returns `describe`, or a skip if the real framework is not installed. */
export function describeFramework(framework: Framework) {
  const python = pythonWith(framework);
  const missing = `${PACKAGES[framework]} is not installed (${python}): what needs it is skipped`;
  const isNightly = PACKAGES[framework] === NIGHTLY_OPENAI_AGENTS && !process.env.ALL_CLIENTS;
  if (!isNightly || existsSync(python)) return describeIf(existsSync(python), missing);
  console.warn(`${missing} without ALL_CLIENTS=1`);
  return describe.skip;
}

/** Folder in which `.ci/run` installs these npm packages. */
export function modulesIn(packages: string): string {
  const [first = ''] = packages.split(' ');
  return join(VENVS, `npm-${first.replace(/^@/, '').replace(/[/@]/g, '-')}`, 'node_modules');
}

export const modulesOf = (framework: NpmFramework) => modulesIn(NPM_PACKAGES[framework]);

/** Returns `describe`, or a skip if the real npm framework is not installed. */
export function describeNpmFramework(framework: NpmFramework) {
  const modules = modulesOf(framework);
  const missing = `${NPM_PACKAGES[framework]} is not installed (${modules}): what needs it is skipped`;
  if (process.env.ALL_CLIENTS || existsSync(modules)) return describeIf(existsSync(modules), missing);
  console.warn(`${missing} without ALL_CLIENTS=1`);
  return describe.skip;
}

/** Runs a program of examples/, which the page of its framework in docs/clients prints. */
export function runExampleOf(framework: Framework, name: string, { folder, args, env }: How) {
  cpSync(join('examples', framework, name), join(folder, name));
  return runPython(pythonWith(framework), [name, ...args], folder, env);
}

/** Runs a program of examples/ with Node. The framework and the bot's package are linked as if they were installed there. */
export function runExampleWithNode(
  framework: NpmFramework,
  name: string,
  { folder, args, env, bot }: How & { bot: string },
) {
  linkModules(framework, folder, bot);
  cpSync(join('examples', framework, name), join(folder, name));
  return runPython(process.execPath, [name, ...args], folder, env);
}

/** `bot`: folder of the bot's package. */
function linkModules(framework: NpmFramework, folder: string, bot: string): void {
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) return;
  mkdirSync(modules);
  for (const name of readdirSync(modulesOf(framework)).filter((entry) => !entry.startsWith('.')))
    symlinkSync(join(modulesOf(framework), name), join(modules, name));
  symlinkSync(bot, join(modules, 'crew-approvals'));
}

interface How {
  folder: string;
  args: string[];
  env: Record<string, string>;
}

/** Runs a program of test/clients. */
export function runOwn(framework: Framework, name: string, { folder, args, env }: How) {
  return runPython(
    pythonWith(framework),
    [join(process.cwd(), 'test', 'clients', name), ...args],
    folder,
    env,
  );
}

/**
 * Starts a model behind an endpoint like OpenAI's Responses API. The model calls the tool and then answers with the
 * result. `isSilent`: true if the model does not answer after the tool call.
 */
export async function startResponses(
  call: { name: string; input: object },
  isSilent = () => false,
): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: { type?: string; output?: string }[] };
      const read = input.findLast(({ type }) => type === 'function_call_output')?.output;
      if (read !== undefined && isSilent()) return;
      const text = { type: 'output_text', text: `read: ${read}`, annotations: [] };
      const output =
        read === undefined
          ? {
              type: 'function_call',
              id: 'f1',
              call_id: 'c1',
              name: call.name,
              arguments: JSON.stringify(call.input),
            }
          : { type: 'message', id: 'm1', role: 'assistant', status: 'completed', content: [text] };
      const common = { object: 'response', created_at: 0, model: 'm', tools: [], tool_choice: 'auto' };
      const answer = {
        ...common,
        id: 'r1',
        status: 'completed',
        parallel_tool_calls: true,
        output: [output],
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_AGENTS_DISABLE_TRACING: '1' };
}
