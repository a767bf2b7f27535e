import Database from 'better-sqlite3';

// As src/store/backends/sqlite.ts does: on Node 24.19 or later a collected object of better-sqlite3 12 ends the process
// (https://github.com/nodejs/node/issues/65446), those that tests make themselves too.
const kept: unknown[] = [];
const { prepare, exec } = Database.prototype;

Database.prototype.prepare = function (this: Database.Database, ...args: Parameters<typeof prepare>) {
  const statement = prepare.apply(this, args);
  kept.push(this, statement);
  return statement;
} as typeof prepare;

Database.prototype.exec = function (this: Database.Database, source: string) {
  kept.push(this);
  return exec.call(this, source);
};

Database.prototype.pragma = function (
  this: Database.Database,
  source: string,
  options?: { simple?: boolean },
) {
  const statement = this.prepare(`PRAGMA ${source}`);
  if (!statement.reader) return statement.run();
  return options?.simple ? statement.pluck().get() : statement.all();
};
