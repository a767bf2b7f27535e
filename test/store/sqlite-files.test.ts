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

/** Three real files, a played SQLite beside them and a played clock. */
function watched() {
  const folder = newFolder();
  const file = join(folder, 'approvals.db');
  const [wal, lock] = [`${file}-wal`, `${file}.lock`];
  let [time, changes, others] = [0, 0, false];
  let whenAsked = () => {};
  let modified = 1_000;
  /** Each write has a time of its own, however fast the test is. */
  const touch = (path: string) => {
    modified += 1;
    utimesSync(path, modified, modified);
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
      whenAsked();
      return String(changes);
    },
    othersWrite: () => others,
    now: () => time,
  });
  /** SQLite says that this process or another one has committed, or made a checkpoint. */
  const change = () => {
    changes += 1;
  };
  return {
    watch,
    folder,
    file,
    wal,
    lock,
    write,
    append,
    change,
    commit: () => {
      append(wal);
      change();
    },
    checkpoint: (size?: number) => {
      append(file);
      if (size !== undefined) truncateSync(file, size);
      change();
    },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    setOthersWrite: (do_: boolean) => {
      others = do_;
    },
    /** Called whenever SQLite is asked. */
    onAsked: (work: () => void) => {
      whenAsked = work;
    },
    expectRight: () => expect([watch.check(), watch.isSuspect()]).toEqual([undefined, false]),
    expectSuspect: () => expect([watch.check(), watch.isSuspect()]).toEqual([undefined, true]),
    expectWrong: (fault: string) => expect([watch.check(), watch.isSuspect()]).toEqual([fault, false]),
  };
}

const OVERWRITTEN = 'was overwritten while the bot was running';
const NAMES = { file: 'approvals.db', wal: 'approvals.db-wal', lock: 'approvals.db.lock' } as const;

describe('files that are watched', () => {
  test('are right as long as only the bot writes, however much', () => {
    const files = watched();
    for (let turn = 0; turn < 100; turn += 1) {
      files.expectRight();
      files.commit();
      if (turn % 10 === 0) files.append(files.file);
      files.watch.accept();
      files.pass(1_000);
    }
    files.expectRight();
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
      replaced.expectWrong(`was replaced while the bot was running (${NAMES[part]})`);
      const files = watched();
      const kept = join(files.folder, 'kept');
      renameSync(files[part], kept);
      const fault = `was deleted while the bot was running (${NAMES[part]})`;
      files.expectWrong(fault);
      renameSync(kept, files[part]);
      files.expectWrong(fault);
      files.watch.accept();
      files.expectWrong(fault);
    },
  );

  test('are wrong at once when their folder is renamed away', () => {
    const files = watched();
    renameSync(files.folder, `${files.folder}-away`);
    onTestFinished(() => rmSync(`${files.folder}-away`, { recursive: true, force: true }));
    files.expectWrong('was deleted while the bot was running (approvals.db)');
  });

  test.each(['file', 'wal'] as const)('are wrong at once when the %s is truncated', (part) => {
    const files = watched();
    truncateSync(files[part], 10);
    files.expectWrong(`was truncated while the bot was running (${NAMES[part]})`);
  });

  test.each(['file', 'wal', 'lock'] as const)(
    'are wrong when the %s was written, and SQLite knows nothing of it 1.4 s later',
    (part) => {
      const files = watched();
      files.write(files[part]);
      files.expectSuspect();
      files.pass(1_399);
      files.expectSuspect();
      files.pass(1);
      files.expectWrong(OVERWRITTEN);
    },
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
    const deleted = watched();
    deleted.commit();
    rmSync(deleted.file);
    deleted.watch.accept();
    expect(deleted.watch.check()).toContain('was deleted');
    const cut = watched();
    truncateSync(cut.wal, 10);
    cut.watch.accept();
    expect(cut.watch.check()).toContain('was truncated');
  });

  test('are right when a change that nobody explains is gone again', () => {
    const files = watched();
    const { mtimeMs } = statSync(files.file);
    files.write(files.file);
    files.expectSuspect();
    utimesSync(files.file, mtimeMs / 1_000, mtimeMs / 1_000);
    files.expectRight();
    files.pass(1_000);
    files.expectRight();
  });
});

describe('another process that writes through SQLite', () => {
  const turns = (count: number, work: (turn: number) => void) => {
    for (let turn = 0; turn < count; turn += 1) work(turn);
  };

  test.each<[string, (files: ReturnType<typeof watched>) => void]>([
    [
      'however often it commits',
      (files) =>
        turns(100, () => {
          files.commit();
          files.pass(200);
          files.expectRight();
        }),
    ],
    [
      'when its commit is seen before SQLite knows of it',
      (files) => {
        files.append(files.wal);
        files.expectSuspect();
        files.change();
        files.pass(1_000);
        files.expectRight();
      },
    ],
    [
      'when the disk takes a second over its checkpoint',
      (files) => {
        turns(4, () => {
          files.append(files.file);
          files.expectSuspect();
          files.pass(300);
        });
        files.change();
        files.expectRight();
      },
    ],
    [
      'when it commits once more while the files are being looked at',
      (files) => {
        files.commit();
        let more = 1;
        files.onAsked(() => {
          if (more-- > 0) files.commit();
        });
        turns(3, () => {
          files.expectRight();
          files.pass(1_000);
        });
      },
    ],
    [
      'when it commits each time that the files are looked at',
      (files) => {
        files.onAsked(files.commit);
        turns(20, () => {
          expect(files.watch.check()).toBeUndefined();
          files.watch.accept();
          files.pass(1_000);
        });
      },
    ],
    [
      'while it is in a long transaction, which writes to the log before it commits',
      (files) => {
        files.setOthersWrite(true);
        turns(10, () => {
          files.append(files.wal);
          files.expectRight();
          files.pass(1_000);
        });
        files.setOthersWrite(false);
        files.expectRight();
      },
    ],
    [
      'when it makes the database shorter, as VACUUM does, or empties the log',
      (files) => {
        for (const part of ['file', 'wal'] as const) {
          truncateSync(files[part], 0);
          files.change();
          turns(3, () => {
            files.expectRight();
            files.pass(1_000);
          });
        }
      },
    ],
    [
      'when it makes a checkpoint, also one that makes the database shorter, as after a VACUUM',
      (files) => {
        for (const size of [undefined, 100, undefined, 50]) {
          files.checkpoint(size);
          files.expectRight();
          files.pass(1_000);
        }
      },
    ],
    [
      'when the checkpoint after its VACUUM is the bot’s own',
      (files) => {
        files.commit();
        files.expectRight();
        files.commit();
        files.checkpoint(50);
        files.watch.accept();
        files.expectRight();
        files.pass(1_000);
        files.expectRight();
      },
    ],
  ])('is not a fault %s', (_, play) => play(watched()));

  test('hides no file that is overwritten later', () => {
    const files = watched();
    files.commit();
    files.expectRight();
    files.setOthersWrite(true);
    files.append(files.wal);
    files.expectRight();
    files.setOthersWrite(false);
    files.write(files.file, 'z'.repeat(100));
    files.expectSuspect();
    files.pass(1_400);
    files.expectWrong(OVERWRITTEN);
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
