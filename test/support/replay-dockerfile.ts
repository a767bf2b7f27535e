import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';

export interface Instruction {
  name: string;
  value: string;
}

export interface Image {
  /** Folder with the files that the stage adds to its base image. */
  root: string;
  /** The working directory inside that folder. */
  app: string;
  instructions: Instruction[];
}

/** Reads the instructions of a Dockerfile, each joined into one line. */
export function readInstructions(dockerfile: string): Instruction[] {
  return dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', value: line.slice(line.indexOf(' ')).trim() }));
}

/**
 * True if Docker sends a file or folder to the build. The last rule in .dockerignore that matches the path or a parent
 * decides.
 */
export function isInContext(path: string, ignoreFile: string): boolean {
  const matches = (rule: string) => rule === '**' || path === rule || path.startsWith(`${rule}/`);
  const rules = ignoreFile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return rules.findLast((rule) => matches(rule.replace('!', '')))?.startsWith('!') ?? true;
}

/** Carries out COPY and RUN of a Dockerfile's stages below a folder, without a container. Returns the last stage. */
export async function replayDockerfile(checkout: string, folder: string): Promise<Image> {
  const stages = new Map<string, Image>();
  const ignoreFile = readFileSync(join(checkout, '.dockerignore'), 'utf8');
  let image: Image | undefined;
  for (const instruction of readInstructions(readFileSync(join(checkout, 'Dockerfile'), 'utf8'))) {
    if (instruction.name === 'FROM') {
      image = startStage(join(folder, `stage-${stages.size}`));
      stages.set(/ AS (\S+)$/.exec(instruction.value)?.[1] ?? 'last', image);
      continue;
    }
    if (image === undefined) throw new Error(`${instruction.name} before FROM`);
    image.instructions.push(instruction);
    if (instruction.name === 'WORKDIR') {
      image.app = join(image.root, instruction.value);
      mkdirSync(image.app, { recursive: true });
    }
    if (instruction.name === 'COPY') copy(instruction.value, image, stages, checkout, ignoreFile);
    if (instruction.name === 'RUN') await runIn(image, instruction.value);
  }
  if (image === undefined) throw new Error('the Dockerfile has no stage');
  return image;
}

/** Starts a stage without the files of its base image: replayed commands run with the node of this machine. */
function startStage(root: string): Image {
  mkdirSync(root, { recursive: true });
  return { root, app: root, instructions: [] };
}

function copy(
  value: string,
  image: Image,
  stages: ReadonlyMap<string, Image>,
  checkout: string,
  ignoreFile: string,
): void {
  const words = value.split(' ');
  const stage = words.find((word) => word.startsWith('--from='))?.replace('--from=', '');
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop() ?? '';
  const from = stage === undefined ? checkout : stages.get(stage)?.root;
  if (from === undefined) throw new Error(`there is no stage ${stage}`);
  const to = join(target.startsWith('/') ? image.root : image.app, target);
  for (const path of paths) {
    const source = join(from, path);
    const isFolder = statSync(source).isDirectory();
    const exact = isFolder || !target.endsWith('/') ? to : join(to, basename(path));
    mkdirSync(dirname(exact), { recursive: true });
    cpSync(source, exact, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) =>
        stage !== undefined || isInContext(posix.join(path, file.slice(source.length)), ignoreFile),
    });
    if (stage === undefined && !isFolder) chmodSync(exact, 0o644);
  }
}

/** Runs a command in a stage. Rejects absolute paths: they would be this machine's own files. */
async function runIn(image: Image, command: string): Promise<void> {
  if (/(^|[\s=])\//.test(command)) throw new Error(`RUN with an absolute path: ${command}`);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  await promisify(execFile)('sh', ['-ec', command], { cwd: image.app, env });
}
