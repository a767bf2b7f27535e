import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileWatch } from '../../src/store/backends/sqlite/file-watch.ts';
import { resolveRealFile } from '../../src/store/backends/sqlite/sqlite-files.ts';

/** Where links of the machine itself (/tmp on some) are resolved already. */
function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-files-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Three real files, a played SQLite beside them and a played clock. */
function watched() {
  const folder = newFolder();
  const file = join(folder, 'approvals.db');
  const [wal, lock] = [`${file}-wal`, `${file}.lock`];
  let [time, changes, others] = [0, 0, false];
  let during = () => {};
  const modified = new Map<string, number>();
  /** Each write has a time of its own, however fast the test is. */
  const touch = (path: string) => {
    modified.set(path, (modified.get(path) ?? 1_000) + 1);
    utimesSync(path, modified.get(path) ?? 0, modified.get(path) ?? 0);
  };
  const write = (path: string, text = 'x'.repeat(100)) => {
    writeFileSync(path, text);
    touch(path);
  };
  const append = (path: string) => {
    appendFileSync(path, 'y'.repeat(10));
    touch(path);
  };
  for (const path of [file, wal]) write(path);
  write(lock, '');
  const watch = new FileWatch({
    files: [file, wal, lock],
    state: () => {
      during();
      return String(changes);
    },
    othersWrite: () => others,
    now: () => time,
  });
  /** SQLite says that this process or another one has committed, or made a checkpoint. */
  const changed = () => {
    changes += 1;
  };
  const commit = () => {
    append(wal);
    changed();
  };
  const checkpoint = (size?: number) => {
    append(file);
    if (size !== undefined) truncateSync(file, size);
    changed();
  };
  return {
    check: () => watch.check(),
    accept: () => watch.accept(),
    suspect: () => watch.isSuspect(),
    folder,
    file,
    wal,
    lock,
    write,
    append,
    touch,
    commit,
    changed,
    checkpoint,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    othersWrite: (do_: boolean) => {
      others = do_;
    },
    /** Called whenever SQLite is asked. */
    whenAsked: (work: () => void) => {
      during = work;
    },
  };
}

const OVERWRITTEN = 'was overwritten while the bot was running';

describe('files that are watched', () => {
  test('are right as long as only the bot writes, however much', () => {
    const files = watched();
    for (let turn = 0; turn < 100; turn += 1) {
      expect(files.check()).toBeUndefined();
      files.commit();
      if (turn % 10 === 0) files.append(files.file);
      files.accept();
      files.pass(1_000);
    }
    expect(files.check()).toBeUndefined();
  });

  const names = { file: 'approvals.db', wal: 'approvals.db-wal', lock: 'approvals.db.lock' } as const;

  test.each(['file', 'wal', 'lock'] as const)('are wrong at once when the %s is deleted', (part) => {
    const files = watched();
    rmSync(files[part]);
    expect(files.check()).toBe(`was deleted while the bot was running (${names[part]})`);
  });

  test.each(['file', 'wal', 'lock'] as const)('are wrong at once when the %s is replaced', (part) => {
    const files = watched();
    const other = join(files.folder, 'other');
    copyFileSync(files[part], other);
    const { atimeMs, mtimeMs } = statSync(files[part]);
    utimesSync(other, atimeMs / 1_000, mtimeMs / 1_000);
    renameSync(other, files[part]);
    expect(files.check()).toBe(`was replaced while the bot was running (${names[part]})`);
  });

  test('are wrong at once when their folder is renamed away', () => {
    const files = watched();
    renameSync(files.folder, `${files.folder}-away`);
    onTestFinished(() => rmSync(`${files.folder}-away`, { recursive: true, force: true }));
    expect(files.check()).toBe('was deleted while the bot was running (approvals.db)');
  });

  test.each(['file', 'wal'] as const)('are wrong at once when the %s is truncated', (part) => {
    const files = watched();
    truncateSync(files[part], 10);
    expect(files.check()).toBe(`was truncated while the bot was running (${names[part]})`);
  });

  test.each(['file', 'wal', 'lock'] as const)(
    'are wrong when the %s was written, and SQLite knows nothing of it 1.4 s later',
    (part) => {
      const files = watched();
      files.write(files[part]);
      expect([files.check(), files.suspect()]).toEqual([undefined, true]);
      files.pass(1_399);
      expect([files.check(), files.suspect()]).toEqual([undefined, true]);
      files.pass(1);
      expect([files.check(), files.suspect()]).toEqual([OVERWRITTEN, false]);
    },
  );

  test('are wrong for good: whatever is put in their place afterwards', () => {
    const files = watched();
    const kept = join(files.folder, 'kept');
    renameSync(files.file, kept);
    const fault = files.check();
    expect(fault).toContain('was deleted');
    renameSync(kept, files.file);
    expect(files.check()).toBe(fault);
    files.accept();
    expect(files.check()).toBe(fault);
  });

  test('are wrong from the start when one of them is not there', () => {
    const missing = join(newFolder(), 'approvals.db');
    const watch = new FileWatch({
      files: [missing],
      state: () => '',
      othersWrite: () => false,
      now: () => 0,
    });
    expect(watch.check()).toBe('is not there');
  });

  test('may be none, beside the bot that watches its own', () => {
    const watch = new FileWatch({ files: [], state: () => '', othersWrite: () => false, now: () => 0 });
    watch.accept();
    expect(watch.check()).toBeUndefined();
  });

  test('are wrong when one of them was deleted or truncated during a commit of the bot', () => {
    const deleted = watched();
    deleted.commit();
    rmSync(deleted.file);
    deleted.accept();
    expect(deleted.check()).toContain('was deleted');
    const cut = watched();
    truncateSync(cut.wal, 10);
    cut.accept();
    expect(cut.check()).toContain('was truncated');
  });

  test('are right when a change that nobody explains is gone again', () => {
    const files = watched();
    const { mtimeMs } = statSync(files.file);
    files.write(files.file);
    expect(files.check()).toBeUndefined();
    utimesSync(files.file, mtimeMs / 1_000, mtimeMs / 1_000);
    expect([files.check(), files.suspect()]).toEqual([undefined, false]);
    files.pass(1_000);
    expect(files.check()).toBeUndefined();
  });
});

describe('another process that writes through SQLite', () => {
  test('is no fault, however often it commits', () => {
    const files = watched();
    for (let turn = 0; turn < 100; turn += 1) {
      files.commit();
      files.pass(200);
      expect([files.check(), files.suspect()]).toEqual([undefined, false]);
    }
  });

  test('is no fault when its commit is seen before SQLite knows of it', () => {
    const files = watched();
    files.append(files.wal);
    expect([files.check(), files.suspect()]).toEqual([undefined, true]);
    files.changed();
    files.pass(1_000);
    expect([files.check(), files.suspect()]).toEqual([undefined, false]);
  });

  test('is no fault when the disk takes a second over its checkpoint', () => {
    const files = watched();
    for (let turn = 0; turn < 4; turn += 1) {
      files.append(files.file);
      expect([files.check(), files.suspect()]).toEqual([undefined, true]);
      files.pass(300);
    }
    files.changed();
    expect([files.check(), files.suspect()]).toEqual([undefined, false]);
  });

  test('is no fault when it commits once more while the files are being looked at', () => {
    const files = watched();
    files.commit();
    let more = 1;
    files.whenAsked(() => {
      if (more-- > 0) files.commit();
    });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(files.check()).toBeUndefined();
      files.pass(1_000);
    }
  });

  test('is no fault when it commits each time that the files are looked at', () => {
    const files = watched();
    files.whenAsked(files.commit);
    for (let turn = 0; turn < 20; turn += 1) {
      expect(files.check()).toBeUndefined();
      files.accept();
      files.pass(1_000);
    }
  });

  test('is no fault while it is in a long transaction, which writes to the log before it commits', () => {
    const files = watched();
    files.othersWrite(true);
    for (let turn = 0; turn < 10; turn += 1) {
      files.append(files.wal);
      expect([files.check(), files.suspect()]).toEqual([undefined, false]);
      files.pass(1_000);
    }
    files.othersWrite(false);
    expect(files.check()).toBeUndefined();
  });

  test('is no fault when it makes the database shorter, as VACUUM does, or empties the log', () => {
    for (const part of ['file', 'wal'] as const) {
      const files = watched();
      truncateSync(files[part], 0);
      files.changed();
      for (let turn = 0; turn < 3; turn += 1) {
        expect(files.check()).toBeUndefined();
        files.pass(1_000);
      }
    }
  });

  test('is no fault when it makes a checkpoint, also one that makes the database shorter, as after a VACUUM', () => {
    const files = watched();
    for (const size of [undefined, 100, undefined, 50]) {
      files.checkpoint(size);
      expect([files.check(), files.suspect()]).toEqual([undefined, false]);
      files.pass(1_000);
    }
  });

  test('is no fault when the checkpoint after its VACUUM is the bot’s own', () => {
    const files = watched();
    files.commit();
    files.check();
    files.commit();
    files.checkpoint(50);
    files.accept();
    expect([files.check(), files.suspect()]).toEqual([undefined, false]);
    files.pass(1_000);
    expect(files.check()).toBeUndefined();
  });

  test('hides no file that is overwritten later', () => {
    const files = watched();
    files.commit();
    files.check();
    files.othersWrite(true);
    files.append(files.wal);
    files.check();
    files.othersWrite(false);
    files.write(files.file, 'z'.repeat(100));
    expect(files.check()).toBeUndefined();
    files.pass(1_400);
    expect(files.check()).toBe(OVERWRITTEN);
  });
});

describe('the file that all bots lock', () => {
  test('is the same by its path, by a link to it, and by a link to its folder', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'data'));
    const file = join(folder, 'data', 'approvals.db');
    writeFileSync(file, '');
    symlinkSync(file, join(folder, 'link.db'));
    symlinkSync('data', join(folder, 'linked'));
    symlinkSync('link.db', join(folder, 'link-to-link.db'));
    for (const path of [file, 'link.db', 'link-to-link.db', 'linked/approvals.db'])
      expect(resolveRealFile(path === file ? file : join(folder, path))).toBe(file);
  });

  test('is the one that links lead to before it exists', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'data', 'deep'), { recursive: true });
    symlinkSync(join(folder, 'data', 'new.db'), join(folder, 'absolute.db'));
    symlinkSync('data/new.db', join(folder, 'relative.db'));
    symlinkSync(join(folder, 'data', 'deep'), join(folder, 'linked'));
    symlinkSync('../new.db', join(folder, 'data', 'deep', 'above.db'));
    symlinkSync('not/there', join(folder, 'dangling'));
    const file = join(folder, 'data', 'new.db');
    expect(resolveRealFile(file)).toBe(file);
    expect(resolveRealFile(join(folder, 'absolute.db'))).toBe(file);
    expect(resolveRealFile(join(folder, 'relative.db'))).toBe(file);
    expect(resolveRealFile(join(folder, 'linked', 'new.db'))).toBe(join(folder, 'data', 'deep', 'new.db'));
    // From where the link lies, not from where it was come to.
    expect(resolveRealFile(join(folder, 'linked', 'above.db'))).toBe(file);
    expect(resolveRealFile(join(folder, 'dangling', 'new.db'))).toBe(join(folder, 'not', 'there', 'new.db'));
  });

  test('is the path itself where links lead in a circle: the opening tells of it', () => {
    const folder = newFolder();
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    expect(resolveRealFile(join(folder, 'a'))).toBe(join(folder, 'a'));
    expect(resolveRealFile(join(folder, 'a', 'new.db'))).toBe(join(folder, 'a', 'new.db'));
  });
});
