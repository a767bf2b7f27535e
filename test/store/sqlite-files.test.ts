import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileWatch } from '../../src/store/backends/sqlite/file-watch.ts';
import { resolveRealFile } from '../../src/store/backends/sqlite/sqlite-files.ts';
import { newFolder } from './support.ts';

type Part = 'file' | 'wal' | 'lock';
type Step = (files: ReturnType<typeof watched>) => void;

/** Three real files, and a played SQLite beside them. */
function watched() {
  const folder = newFolder();
  const file = join(folder, 'approvals.db');
  const paths = { file, wal: `${file}-wal`, lock: `${file}.lock` };
  const state = { changes: 0, whenAsked: () => {} };
  for (const [part, path] of Object.entries(paths)) {
    writeFileSync(path, part === 'lock' ? '' : 'x'.repeat(100));
  }
  const watch = new FileWatch({
    files: Object.values(paths),
    state: () => {
      state.whenAsked();
      return String(state.changes);
    },
  });
  return { ...paths, folder, state, watch };
}

/** A test that plays these steps. */
const play = (...steps: Step[]) => {
  const files = watched();
  for (const step of steps) step(files);
  return files;
};
const turns = (count: number, ...steps: Step[]): Step => {
  const all = Array.from({ length: count }, () => steps).flat();
  return (files) => all.forEach((step) => void step(files));
};

const NAMES = { file: 'approvals.db', wal: 'approvals.db-wal', lock: 'approvals.db.lock' } as const;

const right: Step = ({ watch }) => expect(watch.check()).toBeUndefined();
const wrong =
  (fault: string): Step =>
  ({ watch }) =>
    expect(watch.check()).toBe(fault);

const append =
  (part: Part): Step =>
  (files) =>
    appendFileSync(files[part], 'y'.repeat(10));
const remove =
  (part: Part): Step =>
  (files) =>
    rmSync(files[part]);
const truncate =
  (part: Part, size: number): Step =>
  (files) =>
    truncateSync(files[part], size);
/** The bot takes the files as they are, after a commit of its own. */
const accept: Step = ({ watch }) => watch.accept();
/** SQLite says that this process or another one has committed, or made a checkpoint. */
const change: Step = ({ state }) => {
  state.changes += 1;
};
const commit: Step = (files) => {
  append('wal')(files);
  change(files);
};
const checkpoint = turns(1, append('file'), change);

describe('files that are watched', () => {
  test('are right as long as only the bot writes, however much', () => {
    const own = [right, commit, accept];
    play(turns(10, turns(9, ...own), right, commit, append('file'), accept), right);
  });

  test.each(['file', 'wal', 'lock'] as const)(
    'are wrong when the %s is deleted or replaced, for good',
    (part) => {
      const replaced = watched();
      const other = join(replaced.folder, 'other');
      copyFileSync(replaced[part], other);
      const { atimeMs, mtimeMs } = statSync(replaced[part]);
      utimesSync(other, atimeMs / 1_000, mtimeMs / 1_000);
      renameSync(other, replaced[part]);
      wrong(`was replaced while the bot was running (${NAMES[part]})`)(replaced);

      const isWrong = wrong(`was deleted while the bot was running (${NAMES[part]})`);
      const files = watched();
      const kept = join(files.folder, 'kept');
      renameSync(files[part], kept);
      isWrong(files);
      renameSync(kept, files[part]);
      turns(1, isWrong, accept, isWrong)(files);
    },
  );

  test('are wrong at once when their folder is renamed away', () => {
    const files = watched();
    renameSync(files.folder, `${files.folder}-away`);
    onTestFinished(() => rmSync(`${files.folder}-away`, { recursive: true, force: true }));
    wrong('was deleted while the bot was running (approvals.db)')(files);
  });

  test.each(['file', 'wal'] as const)('are wrong at once when the %s is truncated', (part) => {
    play(truncate(part, 10), wrong(`was truncated while the bot was running (${NAMES[part]})`));
  });

  test('are wrong from the start when one of them is not there, and may be none', () => {
    const watch = (...files: string[]) => new FileWatch({ files, state: () => '' });
    expect(watch(join(newFolder(), 'approvals.db')).check()).toBe('is not there');
    const none = watch();
    none.accept();
    expect(none.check()).toBeUndefined();
  });

  test('are wrong when one of them was deleted or truncated during a commit of the bot', () => {
    const check = (...steps: Step[]) => play(...steps).watch.check();
    expect(check(commit, remove('file'), accept)).toContain('was deleted');
    expect(check(truncate('wal', 10), accept)).toContain('was truncated');
  });
});

describe('another process that writes through SQLite', () => {
  test.each<[string, ...Step[]]>([
    ['however often it commits', turns(100, commit, right)],
    ['when it makes the database shorter, as VACUUM does', truncate('file', 0), change, turns(3, right)],
    ['when it empties the log', truncate('wal', 0), change, turns(3, right)],
    [
      'when it makes a checkpoint, also one that makes the database shorter, as after a VACUUM',
      ...[checkpoint, right],
      ...[append('file'), truncate('file', 100), change, right],
      ...[checkpoint, right],
      ...[append('file'), truncate('file', 50), change, right],
    ],
    [
      'when the checkpoint after its VACUUM is the bot’s own',
      ...[commit, right, commit, append('file'), truncate('file', 50), change, accept],
      turns(2, right),
    ],
  ])('is not a fault %s', (_, ...steps) => void play(...steps));

  test('is not a fault when it commits while the files are being looked at, once or each time', () => {
    const once = play(commit);
    once.state.whenAsked = () => {
      once.state.whenAsked = () => {};
      commit(once);
    };
    turns(3, right)(once);
    const each = watched();
    each.state.whenAsked = () => commit(each);
    turns(20, ({ watch }) => expect(watch.check()).toBeUndefined(), accept)(each);
  });

  test('hides no file that is truncated later', () => {
    play(
      commit,
      right,
      change,
      right,
      truncate('file', 50),
      wrong(`was truncated while the bot was running (${NAMES.file})`),
    );
  });
});

describe('the file that all bots lock', () => {
  test('is the one that links lead to: to it, to its folder or to another link, before it exists and after', () => {
    const folder = newFolder();
    const of = (...path: string[]) => join(folder, ...path);
    const file = of('data', 'new.db');
    mkdirSync(of('data', 'deep'), { recursive: true });
    symlinkSync(file, of('absolute.db'));
    symlinkSync('data/new.db', of('relative.db'));
    symlinkSync('relative.db', of('link-to-link.db'));
    symlinkSync('data', of('linked'));
    symlinkSync(of('data', 'deep'), of('linked-deep'));
    symlinkSync('../new.db', of('data', 'deep', 'above.db'));
    symlinkSync('not/there', of('dangling'));
    // "above.db" starts from where the link lies, not from where it was come to.
    const links = ['absolute.db', 'relative.db', 'link-to-link.db', 'linked/new.db', 'linked-deep/above.db'];
    for (const exists of [false, true]) {
      if (exists) writeFileSync(file, '');
      for (const path of [file, ...links.map((link) => of(link))]) expect(resolveRealFile(path)).toBe(file);
    }
    expect(resolveRealFile(of('linked-deep', 'new.db'))).toBe(of('data', 'deep', 'new.db'));
    expect(resolveRealFile(of('dangling', 'new.db'))).toBe(of('not', 'there', 'new.db'));
  });

  test('is the path itself where links lead in a circle: the opening reports it', () => {
    const folder = newFolder();
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    for (const path of [join(folder, 'a'), join(folder, 'a', 'new.db')])
      expect(resolveRealFile(path)).toBe(path);
  });
});
