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

/** Three real files, a played SQLite beside them and a played clock. */
function watched() {
  const folder = newFolder();
  const file = join(folder, 'approvals.db');
  const paths = { file, wal: `${file}-wal`, lock: `${file}.lock` };
  const state = { time: 0, changes: 0, othersWrite: false, whenAsked: () => {} };
  let modified = 1_000;
  /** Each write has a time of its own, however fast the test is. */
  const touch = (path: string) => {
    modified += 1;
    utimesSync(path, modified, modified);
  };
  for (const [part, path] of Object.entries(paths)) {
    writeFileSync(path, part === 'lock' ? '' : 'x'.repeat(100));
    touch(path);
  }
  const watch = new FileWatch({
    files: Object.values(paths),
    state: () => {
      state.whenAsked();
      return String(state.changes);
    },
    othersWrite: () => state.othersWrite,
    now: () => state.time,
  });
  return { ...paths, folder, state, touch, watch };
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

const OVERWRITTEN = 'was overwritten while the bot was running';
const NAMES = { file: 'approvals.db', wal: 'approvals.db-wal', lock: 'approvals.db.lock' } as const;

const right: Step = ({ watch }) => expect([watch.check(), watch.isSuspect()]).toEqual([undefined, false]);
const suspect: Step = ({ watch }) => expect([watch.check(), watch.isSuspect()]).toEqual([undefined, true]);
const wrong =
  (fault: string): Step =>
  ({ watch }) =>
    expect([watch.check(), watch.isSuspect()]).toEqual([fault, false]);

const pass =
  (milliseconds: number): Step =>
  ({ state }) => {
    state.time += milliseconds;
  };
const append =
  (part: Part): Step =>
  (files) => {
    appendFileSync(files[part], 'y'.repeat(10));
    files.touch(files[part]);
  };
const overwrite =
  (part: Part): Step =>
  (files) => {
    writeFileSync(files[part], 'z'.repeat(100));
    files.touch(files[part]);
  };
const remove =
  (part: Part): Step =>
  (files) =>
    rmSync(files[part]);
const truncate =
  (part: Part, size: number): Step =>
  (files) =>
    truncateSync(files[part], size);
const othersWrite =
  (do_: boolean): Step =>
  ({ state }) => {
    state.othersWrite = do_;
  };
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
    const own = [right, commit, accept, pass(1_000)];
    play(turns(10, turns(9, ...own), right, commit, append('file'), accept, pass(1_000)), right);
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

  test.each(['file', 'wal', 'lock'] as const)(
    'are wrong when the %s was written, and SQLite knows nothing of it 1.4 s later',
    (part) => void play(overwrite(part), suspect, pass(1_399), suspect, pass(1), wrong(OVERWRITTEN)),
  );

  test('are wrong from the start when one of them is not there, and may be none', () => {
    const watch = (...files: string[]) =>
      new FileWatch({ files, state: () => '', othersWrite: () => false, now: () => 0 });
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

  test('are right when a change that nobody explains is gone again', () => {
    const files = watched();
    const { mtimeMs } = statSync(files.file);
    turns(1, overwrite('file'), suspect)(files);
    utimesSync(files.file, mtimeMs / 1_000, mtimeMs / 1_000);
    turns(2, right, pass(1_000))(files);
  });
});

describe('another process that writes through SQLite', () => {
  test.each<[string, ...Step[]]>([
    ['however often it commits', turns(100, commit, pass(200), right)],
    ['when its commit is seen before SQLite knows of it', append('wal'), suspect, change, pass(1_000), right],
    [
      'when the disk takes a second over its checkpoint',
      turns(4, append('file'), suspect, pass(300)),
      change,
      right,
    ],
    [
      'while it is in a long transaction, which writes to the log before it commits',
      othersWrite(true),
      turns(10, append('wal'), right, pass(1_000)),
      othersWrite(false),
      right,
    ],
    [
      'when it makes the database shorter, as VACUUM does',
      truncate('file', 0),
      change,
      turns(3, right, pass(1_000)),
    ],
    ['when it empties the log', truncate('wal', 0), change, turns(3, right, pass(1_000))],
    [
      'when it makes a checkpoint, also one that makes the database shorter, as after a VACUUM',
      ...[checkpoint, right, pass(1_000)],
      ...[append('file'), truncate('file', 100), change, right, pass(1_000)],
      ...[checkpoint, right, pass(1_000)],
      ...[append('file'), truncate('file', 50), change, right, pass(1_000)],
    ],
    [
      'when the checkpoint after its VACUUM is the bot’s own',
      ...[commit, right, commit, append('file'), truncate('file', 50), change, accept],
      turns(2, right, pass(1_000)),
    ],
  ])('is not a fault %s', (_, ...steps) => void play(...steps));

  test('is not a fault when it commits while the files are being looked at, once or each time', () => {
    const once = play(commit);
    once.state.whenAsked = () => {
      once.state.whenAsked = () => {};
      commit(once);
    };
    turns(3, right, pass(1_000))(once);
    const each = watched();
    each.state.whenAsked = () => commit(each);
    turns(20, ({ watch }) => expect(watch.check()).toBeUndefined(), accept, pass(1_000))(each);
  });

  test('hides no file that is overwritten later', () => {
    const others = [othersWrite(true), append('wal'), right, othersWrite(false)];
    play(commit, right, ...others, overwrite('file'), suspect, pass(1_400), wrong(OVERWRITTEN));
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
